"""Options and arguments that take codes of the contract.

A wrong code ends the command before anything is sent. The message lists the right codes and never repeats what was typed.
"""

from collections.abc import Callable, Collection
from typing import Any

import typer

from services.local.user_error import UserError


def format_choices(codes: Collection[str]) -> str:
    """Return codes as a list for a help text or a message."""
    return ", ".join(codes)


def one_of(codes: Collection[str]) -> Callable[..., Any]:
    """Return a typer callback that accepts one of these codes, or a list of them, and raises UserError for another."""

    def check(_: typer.Context, parameter: typer.CallbackParam, value: Any) -> Any:
        typed = value if isinstance(value, list) else [] if value is None else [value]
        if not set(typed) <= set(codes):
            is_option = parameter.param_type_name == "option"
            name = parameter.opts[0] if is_option else (parameter.metavar or parameter.opts[0].upper())
            raise UserError(f"{name} is one of {format_choices(codes)}", code=2)
        return value

    return check
