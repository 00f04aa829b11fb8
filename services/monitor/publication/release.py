"""A published release: counts of one year by province and month after cell suppression (`cell_suppression.py`), numbered by version.

Guarantees: once published it stays as it is; what was corrected since is in the next version, beside it. It has counts only: a rate is the
quotient of two of them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic import Field

from services.monitor.figures.definitions import Document, Wording
from services.monitor.figures.serialization import Column


@dataclass(frozen=True, slots=True)
class ReleaseFigure:
    """A figure of a release: from which figure of the monitor it comes, and which part of it.

    `days`: that figure is a mean over time, and the release gives unit-days. `of_shelters`: the number of shelters behind a cell is known.
    """

    text: Wording
    figure: str
    part: Mapping[str, str] | None = None
    days: bool = False
    of_shelters: bool = False


class CellDocument(Document):
    """One number of a release; null: hidden, or too few."""

    figure: str
    area: str
    period: str
    value: int | None


class RulesDocument(Document):
    """The rules by which a number may be published."""

    least: int
    least_shelters: int
    least_organisations: int | None = Field(default=None, description="Not in a release of before it was a rule")
    largest_share: float
    rounded_to: int


class ReleaseDocument(Document):
    """A published release."""

    release: str
    version: int
    simulated: bool
    known_at: str | None
    fold_version: int
    offsets: dict[str, dict[str, int]]
    heard_of: float | None
    rules: RulesDocument
    figures: dict[str, Wording]
    areas: dict[str, str]
    cells: list[CellDocument]


def _wording(name: str, definition: str) -> Wording:
    return Wording(name=name, definition=definition)


FIGURES: Final[Mapping[str, ReleaseFigure]] = {
    "unit-days": ReleaseFigure(
        _wording("Unit-days", "Places, the mean of the month times its days (`capacity`)"), "capacity", days=True, of_shelters=True
    ),
    "occupied-unit-days": ReleaseFigure(
        _wording("Occupied unit-days", "Occupied places, the mean of the month times its days (`units-by-state`)"),
        "units-by-state",
        {"state": "occupied"},
        days=True,
        of_shelters=True,
    ),
    "stays-ended": ReleaseFigure(_wording("Stays that ended", "`stays-ended`"), "stays-ended", of_shelters=True),
    "hotel-nights": ReleaseFigure(_wording("Hotel nights of households", "`hotel-nights`"), "hotel-nights"),
    "searches": ReleaseFigure(_wording("Requests for a place", "`searches`"), "searches"),
    "unmet-need": ReleaseFigure(_wording("Requests unmet", "`unmet-need`"), "unmet-need"),
}
NEVER_MORE: Final = {"occupied-unit-days": "unit-days", "unmet-need": "searches"}
"""Which figure is never more than which other."""
COLUMNS: Final = (
    Column("figure", "text", "What is counted"),
    Column("area", "text", "NL, a part of the country (LD01 to LD04) or a province (PV20 to PV31)"),
    Column("period", "text", "A month (2023-03) or a whole year (2023)"),
    Column("value", "number", "Rounded to 5; null, in CSV `unknown`: hidden, or too few"),
)


def release_key(year: int, version: int) -> str:
    """Return the key of a release: its period and its version."""
    return f"release/{year}/{version}"


def versions(keys: Iterable[str], year: int) -> list[str]:
    """List the keys of the releases of a year, the oldest first."""
    numbers = [int(key.split("/")[2]) for key in keys if key.startswith(f"release/{year}/")]
    return [release_key(year, number) for number in sorted(numbers)]


def to_rows(release: ReleaseDocument) -> list[tuple[Any, ...]]:
    """Write a release as rows, in the order of COLUMNS."""
    return [(cell.figure, cell.area, cell.period, cell.value) for cell in release.cells]
