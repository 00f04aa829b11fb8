"""Numbers and households as people write them: "1+2", "2 volw. 1 kind", "1v 2k", a column for each. What is not clear is no household."""

import re
from typing import Final

from services.adapters.spreadsheets.cells import Value
from services.adapters.spreadsheets.sheet_tables import TableRow

MOST: Final = 20
"""The most adults or children of a household (contract, section 1)."""
_PLUS: Final = re.compile(r"(\d{1,2})\s*\+\s*(\d{1,2})", re.ASCII)
_NUMBER: Final = re.compile(r"(\d{1,4})(?:[.,]0*)?", re.ASCII)
_TOKEN: Final = re.compile(r"\d+|[^\W\d_]+|[^\w\s]")
_NONE: Final = frozenset({"-", "--", "geen", "nvt", "n.v.t.", "nee", "none", "x"})
_ADULT: Final = re.compile(
    "volw|vrouw|vr$|v$|man$|mannen|m$|ouder|moeder|vader|adult|woman|women|men$|mother|father|parent|echtpaar|stel$|pers.*volw|alleenstaande"
)
_CHILD: Final = re.compile("kind|kdn?$|k$|kids?$|child|baby|bab|peuter|kleuter|jongen|meisje|zoon|zonen|dochter|jeugd|tiener|son|daughter")
_BETWEEN: Final = frozenset({"en", "and", "met", "with", "+", ",", ";", "/", "&", ".", "x", "(", ")", "een", "eigen"})
_COUPLE: Final = frozenset({"echtpaar", "stel"})
_COUNTED: Final = ("adults", "women", "men", "children", "persons")
# "1-2" and "1/2" may be a date, or from one to two
_RANGE: Final = re.compile(r"[0-9]\s*[-/]\s*[0-9]", re.ASCII)


class UnclearError(ValueError):
    """A household that can't be read; `code` is a reason (`reasons.py`)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def read_count(value: Value) -> int | None:
    """Return a whole number of zero or more; None for an empty cell. Raises ValueError for anything else."""
    match value:
        case None:
            return None
        case bool():
            raise ValueError("not a number")
        case float() if value.is_integer() and value >= 0:
            return int(value)
        case str() if value.casefold() in _NONE:
            return 0
        case str() if found := _NUMBER.fullmatch(value):
            return int(found[1])
    raise ValueError("not a number")


def read_household(row: TableRow) -> tuple[int, int] | None:
    """Return adults and children of a row; None where no column says anything. Raises UnclearError."""
    if {"household", *_COUNTED} & row.spread:
        raise UnclearError("household-merged")
    columns = _from_columns(row)
    if columns is None and (text := row.text("household")) is not None:
        columns = parse_household(text) if isinstance(row.values["household"], str | float) else _unclear("household-unclear")
    if columns is None or columns == (0, 0):
        return None
    if max(columns) > MOST:
        raise UnclearError("household-size")
    return columns


def _from_columns(row: TableRow) -> tuple[int, int] | None:
    try:
        adults, women, men, children, persons = (read_count(row.values.get(name)) for name in _COUNTED)
    except ValueError:
        raise UnclearError("household-unclear") from None
    if adults is None and (women is not None or men is not None):
        adults = (women or 0) + (men or 0)
    if persons is not None:
        return _from_total(persons, adults, children)
    if adults is None and children:
        raise UnclearError("household-unclear")
    return None if adults is None else (adults, children or 0)


def _from_total(persons: int, adults: int | None, children: int | None) -> tuple[int, int]:
    """Return adults and children where the number of persons is known. One person is an adult; of more it must be said."""
    if adults is None and children is None:
        if persons > 1:
            raise UnclearError("household-unclear")
        return persons, 0
    adults = persons - (children or 0) if adults is None else adults
    children = persons - adults if children is None else children
    if min(adults, children) < 0 or adults + children != persons:
        raise UnclearError("household-unclear")
    return adults, children


def parse_household(text: str) -> tuple[int, int]:
    """Return adults and children of a text. Raises UnclearError; one number alone is clear only where it is 0 or 1."""
    if text.casefold() in _NONE:
        return 0, 0
    if found := _PLUS.fullmatch(text):
        return int(found[1]), int(found[2])
    if found := _NUMBER.fullmatch(text):
        return (int(found[1]), 0) if int(found[1]) < 2 else _unclear("household-unclear")
    if _RANGE.search(text):
        raise UnclearError("household-unclear")
    return _from_words(text)


def _from_words(text: str) -> tuple[int, int]:
    """Return adults and children of words with a number before them, or without one for one person."""
    counted: int | None = None
    adults = children = 0
    for token in _TOKEN.findall(text.casefold()):
        if token.isdecimal():
            if counted is not None:
                raise UnclearError("household-unclear")
            counted = int(token)
        elif _ADULT.match(token):
            adults += (2 if token in _COUPLE else 1) if counted is None else counted
            counted = None
        elif _CHILD.match(token):
            if counted is None and token.endswith("en"):
                raise UnclearError("household-unclear")
            children += 1 if counted is None else counted
            counted = None
        elif token not in _BETWEEN:
            raise UnclearError("household-unclear")
    return (adults, children) if counted is None and adults else _unclear("household-unclear")


def _unclear(code: str) -> tuple[int, int]:
    raise UnclearError(code)
