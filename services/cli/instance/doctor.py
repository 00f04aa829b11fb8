"""`plek doctor`: everything that can be wrong, each with its cause and what to do; it changes nothing."""

from __future__ import annotations

import asyncio
import json
import logging
from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from services.cli.options.api_options import Json
from services.cli.options.instance import Data, World, data_directory

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from services.adapters.config.settings import Settings
    from services.local.checkup.finding import Finding


def doctor(data: Data = None, world: World = None, *, as_json: Json = False) -> None:
    """Check this machine, the data directory, every part and what Kafka and Redis hold; say of each what is wrong and what to do.

    It works when nothing runs and when only half of it does, changes nothing, and prints no secret. The exit code is 1 when something is
    wrong; a warning alone is 0.
    """
    from services.local.checkup.examination import examine

    settings, runs = _settings(data_directory(data, world))
    logging.disable(logging.CRITICAL)  # clients of Kafka and Redis say by themselves that these are away
    findings = asyncio.run(examine(settings, with_records=runs))
    is_wrong = any(finding.state == "wrong" for finding in findings)
    if as_json:
        typer.echo(json.dumps({"wrong": is_wrong, "findings": [asdict(finding) for finding in findings]}))
    else:
        for line in finding_lines(findings):
            typer.echo(line)
    if is_wrong:
        raise typer.Exit(1)


def _settings(data: Path | None) -> tuple[Settings, bool]:
    """Return the settings of the instance as it runs, else those of the environment, and whether Kafka and Redis are known."""
    from services.adapters.config.settings import Settings
    from services.local.instance.discovery import find_running
    from services.local.user_error import UserError

    try:
        running = find_running(data).settings
    except (UserError, OSError, KeyError, TypeError):
        settings = Settings() if data is None else Settings(data=data)
        return settings, data is None and settings.model_fields_set.issuperset({"kafka", "redis"})
    return running.model_copy(update={"data": data or Settings().data}), True


def finding_lines(findings: Sequence[Finding]) -> Iterator[str]:
    """Yield a line for each finding, below it what to do, and a line for all."""
    from services.cli.output.wrapped_lines import wrap

    for finding in findings:
        yield wrap(f"{finding.name}: {finding.cause}", 11, f"{finding.state:<11}")
        if finding.advice:
            yield wrap(finding.advice, 11, f"{'':<9}→ ")
    counted = {state: sum(finding.state == state for finding in findings) for state in ("ok", "warning", "wrong")}
    warnings = f"{counted['warning']} warning{'' if counted['warning'] == 1 else 's'}"
    yield f"{counted['wrong']} wrong, {warnings}, {counted['ok']} ok"
