"""Writes what is wrong with settings in a line: each by its name in the environment with its rule, never with its value."""

from typing import Final

from pydantic import ValidationError

PREFIX: Final = "PLEK_"
"""The first characters of every setting's variable."""


def error_line(error: ValidationError) -> str:
    """Return a line on the settings that are wrong, with their rules; never a value."""
    return "; ".join(_located(wrong["loc"], wrong["msg"].removeprefix("Value error, ")) for wrong in error.errors(include_input=False))


def _located(where: tuple[int | str, ...], message: str) -> str:
    # A rule of two settings has no location; its message names both
    return f"{PREFIX}{str(where[0]).upper()}: {message}" if where else message
