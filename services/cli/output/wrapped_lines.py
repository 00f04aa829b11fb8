"""Lines as wide as the terminal: a long one goes on below, a little to the right, and no text is cut off."""

from __future__ import annotations

import json
import shutil
import sys
import textwrap
from collections.abc import Iterable
from typing import Any, Final, TextIO

import typer

_NARROWEST: Final = 40
_SEPARATOR: Final = " · "
_NO_BREAK_SPACE: Final = "\u00a0"


def width() -> int:
    """Return the number of columns; without a terminal 80, unless COLUMNS has another number."""
    return max(_NARROWEST, shutil.get_terminal_size((80, 24)).columns)


def is_terminal() -> bool:
    """Return whether standard output is a terminal; into a pipe, what would go on for ever is printed once."""
    return sys.stdout.isatty()


def join_parts(*parts: str) -> str:
    """Return the parts that are not empty, with dots between them."""
    return _SEPARATOR.join(filter(None, parts))


def wrap(text: str, indent: int = 0, first: str | None = None) -> str:
    """Return a text in lines that fit, each indented; `first` replaces the indent of the first line.

    A part between dots that fits in one line stays in one line, so that a telephone number is not torn.
    """
    room = width() - indent
    parts = (part.replace(" ", _NO_BREAK_SPACE) if len(part) + len(_SEPARATOR) <= room else part for part in text.split(_SEPARATOR))
    lines = textwrap.wrap(
        _SEPARATOR.join(parts),
        width(),
        initial_indent=" " * indent if first is None else first,
        subsequent_indent=" " * indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "\n".join(lines).replace(_NO_BREAK_SPACE, " ")


def wrap_for(stream: TextIO, text: str) -> str:
    """Return a line as this stream needs it: wrapped for a terminal, in one piece for a program."""
    return wrap(text, 2, "") if stream.isatty() else text


def print_remark(text: str, *, err: bool = False) -> None:
    """Print a line beside the answer of a verb."""
    typer.echo(wrap_for(sys.stderr if err else sys.stdout, text), err=err)


def print_lines(lines: Iterable[str]) -> None:
    """Print lines at once: a program that reads them may be waiting."""
    for line in lines:
        typer.echo(line)
    sys.stdout.flush()


def print_answer(answer: Any, lines: Iterable[str], *, as_json: bool) -> None:
    """Print an answer of the API as JSON for a program, else as these lines."""
    print_lines([json.dumps(answer)] if as_json else lines)
