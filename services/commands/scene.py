"""What `plek watch` draws: how old it is, then the areas with their places, then what was logged last."""

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

from rich.columns import Columns
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from services.adapters.regions import RegionRow
from services.adapters.settings import Settings
from services.api.areas import Area, form
from services.commands.counting import Counted, Numbers
from services.commands.picture import aged, cells, doubts, silence, tellable
from services.commands.state import State
from services.commands.tail import SORTS, Happened, Tail
from services.domain import events as e

_SHOWN: Final = ("capacity", "occupied", "held", "unknown", "free")
# What is told of an event beside its name and place, in this order; each is a code or a number of the contract
_TOLD: Final = ("unit", "to_unit", "kind", "accommodation", "destination", "outcome", "reason")
_UNITS_OF_AGE: Final = ((86_400, "d"), (3_600, "h"), (60, "min"))


def scene(state: State, counted: Counted, tail: Tail | None, settings: Settings, regions: Mapping[str, RegionRow]) -> Group:
    """Draw all of it; `tail` is None while Kafka is away. No number of places is drawn while none may be told."""
    first = aged(counted).append(f" · {_behind(state, tail)}", style="not bold")
    warnings = [Text(line, style="bold red") for line in doubts(counted, settings)]
    places, log = list[RenderableType](), list[RenderableType]()
    if tellable(counted, settings):
        places = [_areas(state, counted, regions, settings.area_shelters), _holds(state), *silence(counted)]
    if tail:
        log = [_last(sort, tail, state, counted.now) for sort in SORTS]
    return Group(first, *warnings, Columns([Group(*places), Group(*log)], padding=(0, 4)))


def _behind(state: State, tail: Tail | None) -> str:
    """Say how many records are logged and not yet in the view, and what came since the first look."""
    if tail is None:
        return "the log can't be read: Kafka is away"
    standing = {int(number): offset for number, offset in state["positions"].items()}
    lag = sum(max(0, end - 1 - (-1 if (at := standing.get(number)) is None else at)) for number, end in tail.ends.items())
    return f"{lag:,} behind the log · {tail.since:,} events since you look · {state['dead_letters']:,} dead letters"


def _areas(state: State, counted: Counted, regions: Mapping[str, RegionRow], least: int) -> Table:
    shelters = Counter(shelter["region"] for shelter in state["shelters"].values() if shelter["region"])
    table = Table(box=None, pad_edge=False)
    table.add_column("")
    for heading in ("shelters", *_SHOWN):
        table.add_column(heading, justify="right")
    table.add_row("Nation", f"{shelters.total():,}", *cells(counted.national, _SHOWN), style="bold")
    for area in form(regions.values(), shelters, least):
        table.add_row(area.name, f"{sum(shelters[region] for region in area.regions):,}", *cells(_summed(area, counted), _SHOWN))
    return table


def _summed(area: Area, counted: Counted) -> Numbers:
    return {state: sum(counted.regions[region][state] for region in area.regions if region in counted.regions) for state in _SHOWN}


def _holds(state: State) -> Text:
    """Count the holds by what became of them."""
    found = Counter(hold["status"] for hold in state["holds"].values())
    return Text("Holds: " + (", ".join(f"{status} {number:,}" for status, number in sorted(found.items())) or "none yet"))


def _last(sort: str, tail: Tail, state: State, now: int) -> RenderableType:
    table = Table(box=None, pad_edge=False, title=sort, title_justify="left", title_style="bold", show_header=False)
    for happened in reversed(tail.latest[sort]):
        table.add_row(Text(_ago(now - happened.at), style="dim"), *_told(happened, state))
    if not tail.latest[sort]:
        table.add_row(Text("nothing yet", style="dim"))
    return table


def _told(happened: Happened, state: State) -> tuple[str, str, str]:
    data = happened.event.data
    name = e.TYPE_NAMES[type(data)].split(".")[2]
    place = str(getattr(data, "shelter", None) or getattr(data, "region", ""))
    words = [str(value) for field in _TOLD if (value := getattr(data, field, None)) is not None]
    if hasattr(data, "adults"):
        words.insert(0, f"{data.adults}+{getattr(data, 'children', 0)}")
    if isinstance(data, e.HoldRequested):
        words.append(_decision(state["holds"].get(f"{data.shelter}/{data.hold}")))
    return name, place, " ".join(words)


def _decision(hold: dict[str, Any] | None) -> str:
    if hold is None:
        return "not decided yet"
    return " ".join(filter(None, (hold["status"], hold["unit"], hold["reason"])))


def _ago(milliseconds: int) -> str:
    seconds = max(0, milliseconds) // 1_000
    return next((f"{seconds // size} {unit}" for size, unit in _UNITS_OF_AGE if seconds >= size), f"{seconds} s")
