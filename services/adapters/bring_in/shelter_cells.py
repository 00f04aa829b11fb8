"""What the cells of one row say of a shelter and of a unit, as members of the contract. What is not written is no member."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any, Final

from services.adapters.bring_in.code_words import FEATURES, KINDS, SECURITY, SERVICES, audience_of, code_of, codes_of, yes_or_no
from services.adapters.bring_in.household_cells import read_count
from services.adapters.spreadsheets.sheet_tables import TableRow

Named = Callable[[str], str | None]
"""Returns the code of a name; None where there is none."""

_FEATURE_COLUMNS: Final = ("wheelchair", "pets", "own_kitchen", "own_bathroom", "cot")
_LONGEST_ID: Final = 40
_UNLIMITED: Final = frozenset({"geen", "geen grens", "geen limiet", "onbeperkt", "nvt", "n.v.t.", "-", "none", "no limit"})
_AGE: Final = re.compile(r"(?:t/?m |tot )?(\d{1,2})(?: jaar)?")
_PHONE_SIGNS: Final = re.compile("[^0-9+-]+")
# A number in Excel loses the zero it begins with
_LOST_ZERO: Final = re.compile("[1-9][0-9]{8}", re.ASCII)
_LISTS: Final = re.compile(r"[,;/|\s]+")


class CellError(Exception):
    """A row that is left out: a reason, with the field that is it, or the other line."""

    def __init__(self, code: str, name: str = "", other: int | None = None) -> None:
        super().__init__(code)
        self.code, self.fields, self.other = code, (name,) if name else (), "" if other is None else str(other)


def registration_members(row: TableRow, region: Named, language: Named) -> dict[str, Any]:
    """Return what a row says of its shelter, but for its name. An empty cell for the age of sons means no limit. Raises CellError."""
    readers: Mapping[str, Callable[[str], Any]] = {
        "organisation": slug,
        "region": region,
        "security": lambda text: code_of(text, SECURITY),
        "audience": audience_of,
        "languages": lambda text: _languages(text, language),
        "services": lambda text: codes_of(text, SERVICES),
        "intake_phone": _phone,
    }
    members = {name: _code(name, read(text)) for name, read in readers.items() if (text := row.text(name))}
    if age := row.text("max_son_age"):
        members["max_son_age"] = None if age.casefold() in _UNLIMITED else _age(age)
    elif members and "max_son_age" in row.values:
        members["max_son_age"] = None
    return members


def unit_members(row: TableRow) -> dict[str, Any]:
    """Return what a row says of its unit. Raises CellError."""
    members: dict[str, Any] = {}
    if text := row.text("kind"):
        members["kind"] = _code("kind", code_of(text, KINDS))
    for name in ("max_adults", "max_children", "beds"):
        try:
            count = read_count(row.values.get(name))
        except ValueError:
            raise CellError("number-unreadable", name) from None
        members |= {} if count is None else {name: count}
    overflow = _yes_or_no(row, "overflow")
    members |= {} if overflow is None else {"overflow": overflow}
    features = [name for name in _FEATURE_COLUMNS if _yes_or_no(row, name)]
    if text := row.text("features"):
        features += _code("features", codes_of(text, FEATURES))
    if features or any(name in row.values for name in (*_FEATURE_COLUMNS, "features")):
        members["features"] = tuple(dict.fromkeys(features))
    return members


def slug(text: str) -> str:
    """Return an id of the contract's form that a name gives; empty where nothing is left of it."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub("[^a-z0-9]+", "-", plain).strip("-")[:_LONGEST_ID].strip("-")


def _code(name: str, code: Any) -> Any:
    if code is None or code == "":
        raise CellError("code-unknown", name)
    return code


def _yes_or_no(row: TableRow, name: str) -> bool | None:
    try:
        return yes_or_no(row.values.get(name))
    except ValueError:
        raise CellError("code-unknown", name) from None


def _languages(text: str, language: Named) -> tuple[str, ...] | None:
    codes = [language(part) for part in _LISTS.split(text) if part]
    return None if None in codes or not codes else tuple(dict.fromkeys(code for code in codes if code))


def _phone(text: str) -> str:
    return _PHONE_SIGNS.sub(" ", f"0{text}" if _LOST_ZERO.fullmatch(text) else text).strip()


def _age(text: str) -> int:
    found = _AGE.fullmatch(text.casefold())
    if found is None:
        raise CellError("number-unreadable", "max_son_age")
    return int(found[1])
