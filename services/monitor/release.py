"""A published release: counts of one year by province and month, as far as they may be told (hiding.py), under a number of its own.

Once out it stays; what was corrected since is in the next version, beside it. Only counts are told: who wants a rate divides two of them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from services.monitor.report.words import Both
from services.monitor.shown import Column


@dataclass(frozen=True, slots=True)
class Counted:
    """A figure of a release: what it counts, from which figure of the monitor and which part of it, and whether it is of shelters.

    `days`: that figure is a mean over time, and what is told is unit-days.
    """

    name: Both
    sentence: Both
    figure: str
    part: Mapping[str, str] | None = None
    days: bool = False
    of_shelters: bool = False


_DAYS: Final = "gemiddelde van de maand maal haar dagen", "the mean of the month times its days"
FIGURES: Final[Mapping[str, Counted]] = {
    "unit-days": Counted(
        Both("Plaatsdagen", "Unit-days"),
        Both(f"Plaatsen, {_DAYS[0]} (`capacity`)", f"Places, {_DAYS[1]} (`capacity`)"),
        "capacity",
        days=True,
        of_shelters=True,
    ),
    "occupied-unit-days": Counted(
        Both("Bezette plaatsdagen", "Occupied unit-days"),
        Both(f"Bezette plaatsen, {_DAYS[0]} (`units-by-state`)", f"Occupied places, {_DAYS[1]} (`units-by-state`)"),
        "units-by-state",
        {"state": "occupied"},
        days=True,
        of_shelters=True,
    ),
    "stays-ended": Counted(
        Both("Beëindigde verblijven", "Stays that ended"), Both("`stays-ended`", "`stays-ended`"), "stays-ended", of_shelters=True
    ),
    "hotel-nights": Counted(
        Both("Hotelnachten van huishoudens", "Hotel nights of households"), Both("`hotel-nights`", "`hotel-nights`"), "hotel-nights"
    ),
    "searches": Counted(Both("Aanvragen om een plaats", "Requests for a place"), Both("`searches`", "`searches`"), "searches"),
    "unmet-need": Counted(Both("Niet vervulde aanvragen", "Requests unmet"), Both("`unmet-need`", "`unmet-need`"), "unmet-need"),
}
NEVER_MORE: Final = {"occupied-unit-days": "unit-days", "unmet-need": "searches"}
COLUMNS: Final = (
    Column("figure", "text", "What is counted"),
    Column("area", "text", "NL, a part of the country (LD01 to LD04) or a province (PV20 to PV31)"),
    Column("period", "text", "A month (2023-03) or a whole year (2023)"),
    Column("value", "number", "Rounded to 5; null, in CSV `unknown`: hidden, or too few to tell"),
)


def key(year: int, version: int) -> str:
    """Name a release: its period and its version."""
    return f"release/{year}/{version}"


def versions(keys: Iterable[str], year: int) -> list[str]:
    """List the keys of the releases of a year, the oldest first."""
    found = [each.split("/") for each in keys if each.startswith(f"release/{year}/")]
    return [key(year, version) for version in sorted(int(parts[2]) for parts in found)]


def rows(of: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Write a release as rows, in the order of COLUMNS."""
    return [(cell["figure"], cell["area"], cell["period"], cell["value"]) for cell in of["cells"]]
