"""The region of a desk where no token says it: asked for once, then kept on disk. It is never guessed, because the monitor counts by it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

import typer

from services.cli.clients import private_file
from services.cli.options.api_options import ApiOptions
from services.cli.options.region_names import region_names
from services.local.user_error import UserError

_FILE: Final = "desk.json"


def require_desk_region(region: str | None, options: ApiOptions) -> str | None:
    """Return the region of a worker's desk, and keep it; with a token what was typed. Raises UserError where it can't be asked for."""
    if options.token:
        return region
    saved = saved_desk_region(options)
    current = region or saved or _ask(options.data)
    if current != saved:
        private_file.write(options.data, _FILE, {"region": current})
    return current


def saved_desk_region(options: ApiOptions) -> str | None:
    """Return the region that was kept; None where none was."""
    saved = private_file.read(options.data, _FILE)
    return saved.get("region") if isinstance(saved, dict) else None


def _ask(data: Path | None) -> str:
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UserError("Which region is your desk's? Say it once: --region Breda; `plek regions` lists them", code=2)
    return region_names(data).code(typer.prompt("Region of your desk, such as Breda", err=True))
