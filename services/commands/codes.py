"""Codes as they are typed: a wrong one ends the command before anything is asked, with the right ones and without what was typed."""

from collections.abc import Callable, Collection
from typing import Any

import typer

from services.local.trouble import Trouble


def of(codes: Collection[str]) -> str:
    """List codes for a person."""
    return ", ".join(codes)


def among(codes: Collection[str]) -> Callable[..., Any]:
    """Return the check of an option or argument that takes one of these, or several."""

    def check(_: typer.Context, typed: typer.CallbackParam, value: Any) -> Any:
        if not set(value if isinstance(value, list) else [] if value is None else [value]) <= set(codes):
            name = typed.opts[0] if typed.param_type_name == "option" else (typed.metavar or typed.opts[0].upper())
            raise Trouble(f"{name} is one of {of(codes)}", code=2)
        return value

    return check


def check_regions(typed: Collection[str], known: Collection[str]) -> None:
    """Check that these are codes of the region file. Raises Trouble."""
    if not set(typed) <= set(known):
        raise Trouble(f"There is no region of that code: they run from {min(known)} to {max(known)}", code=2)
