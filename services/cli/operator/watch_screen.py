"""The screen of `plek watch`: its age, then the areas with their places, then what was logged last."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from contextlib import AsyncExitStack, suppress
from typing import Any, Final

from rich.columns import Columns
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from services.adapters.clock import now_ms
from services.adapters.config.settings import Settings
from services.adapters.kafka.ports import LogUnavailableError
from services.adapters.regions import RegionRow, read_regions
from services.api.areas.grouping import Area, Minimum, form
from services.cli.clients.connection import translate_outages
from services.cli.clients.log_tail import SORTS, LogTail, TailEvent
from services.cli.clients.state_client import State, open_state
from services.cli.options.api_options import ApiOptions
from services.cli.output.counts_model import STATES, CountsModel, Numbers, counts_of_state
from services.cli.output.counts_table import (
    age_line,
    count_cells,
    dataset_lines,
    kind_of_instance,
    may_show_numbers,
    silent_shelters,
    warning_lines,
)
from services.cli.output.screen import Screen, show
from services.cli.output.tables import plain_table
from services.domain.durations import DAY_S, HOUR_S, MINUTE_S
from services.domain.events import catalog as e

# The members of an event that are shown beside its name and place, in this order; each is a code or a number of the contract
_MEMBERS: Final = ("unit", "to_unit", "kind", "accommodation", "destination", "outcome", "reason")
_UNITS_OF_AGE: Final = ((DAY_S, "d"), (HOUR_S, "h"), (MINUTE_S, "min"))


def show_watch(settings: Settings, options: ApiOptions, *, once: bool) -> None:
    """Show the screen once or until Ctrl-C. Raises UserError."""
    with translate_outages(), suppress(KeyboardInterrupt):
        asyncio.run(_show(settings, options, once=once))


async def _show(settings: Settings, options: ApiOptions, *, once: bool) -> None:
    kind, regions = kind_of_instance(settings, elsewhere=bool(options.api and options.token)), read_regions(settings.regions)
    tail: LogTail | None = None
    async with AsyncExitStack() as stack:
        read_state = stack.enter_context(open_state(options))

        async def follow() -> LogTail | None:
            nonlocal tail
            try:
                tail = tail or await LogTail.open(settings, stack)
                await tail.look()
            except LogUnavailableError:
                return None
            return tail

        async def draw() -> Screen:
            log = await follow()  # before the state, or what comes in between would count as lag
            state = read_state()
            return watch_screen(state, counts_of_state(state, now_ms()).labelled(kind), log, settings, regions)

        await show(draw, once=once)


def watch_screen(state: State, counts: CountsModel, tail: LogTail | None, settings: Settings, regions: Mapping[str, RegionRow]) -> Screen:
    """Return the screen; `tail` is None while Kafka is away. It has no number of places while none may be shown."""
    age = age_line(counts).append(f" · {_lag(state, tail)}", style="not bold")
    head = [*dataset_lines(counts), age, *warning_lines(counts, settings)]
    places, log = list[RenderableType](), list[RenderableType]()
    complete = may_show_numbers(counts, settings)
    if complete:
        minimum = Minimum(settings.area_shelters, settings.area_organisations)
        places = [_areas(state, counts, regions, minimum), _holds(state), *silent_shelters(counts)]
    if tail:
        log = [_last_events(sort, tail, state, counts.now, regions) for sort in SORTS]
    return Screen(Group(*head, Columns([Group(*places), Group(*log)], padding=(0, 4))), len(head), complete)


def _lag(state: State, tail: LogTail | None) -> str:
    """Return the number of records that are not yet in the view, and of those since the first look."""
    if tail is None:
        return "the log can't be read: Kafka is away"
    offsets = {int(partition): offset for partition, offset in state["positions"].items()}
    lag = sum(max(0, end - 1 - (-1 if (offset := offsets.get(partition)) is None else offset)) for partition, end in tail.ends.items())
    return f"{lag:,} behind the log · {tail.new:,} new · {state['dead_letters']:,} dead letters"


def _areas(state: State, counts: CountsModel, regions: Mapping[str, RegionRow], minimum: Minimum) -> Table:
    shelters = Counter(shelter["region"] for shelter in state["shelters"].values() if shelter["region"])
    table = plain_table()
    table.padding = (0, 0, 0, 1)
    table.add_column("", overflow="fold")
    for heading in ("shelters", *STATES):
        table.add_column(heading, justify="right")
    table.add_row("Nation", f"{shelters.total():,}", *count_cells(counts.national), style="bold")
    for area in form(regions.values(), {region: Counter({region: number}) for region, number in shelters.items()}, minimum):
        name = ", ".join(regions[code].centre for code in area.regions)
        table.add_row(name, f"{sum(shelters[region] for region in area.regions):,}", *count_cells(_sum_area(area, counts)))
    return table


def _sum_area(area: Area, counts: CountsModel) -> Numbers:
    return {state: sum(counts.regions[code][state] for code in area.regions if code in counts.regions) for state in STATES}


def _holds(state: State) -> Text:
    statuses = Counter(hold["status"] for hold in state["holds"].values())
    return Text("Holds: " + (", ".join(f"{status} {number:,}" for status, number in sorted(statuses.items())) or "none yet"))


def _last_events(sort: str, tail: LogTail, state: State, now: int, regions: Mapping[str, RegionRow]) -> RenderableType:
    table = Table(box=None, pad_edge=False, title=sort, title_justify="left", title_style="bold", show_header=False)
    for event in reversed(tail.latest[sort]):
        table.add_row(Text(_format_age(now - event.at), style="dim"), *_event_cells(event, state, regions))
    if not tail.latest[sort]:
        table.add_row(Text("nothing yet", style="dim"))
    return table


def _event_cells(event: TailEvent, state: State, regions: Mapping[str, RegionRow]) -> tuple[str, str, str]:
    data = event.event.data
    name = e.TYPE_NAMES[type(data)].split(".")[2]
    place = str(getattr(data, "shelter", None) or getattr(data, "region", ""))
    place = regions[place].centre if place in regions else place
    words = [str(value) for member in _MEMBERS if (value := getattr(data, member, None)) is not None]
    if hasattr(data, "adults"):
        words.insert(0, f"{data.adults}+{getattr(data, 'children', 0)}")
    if isinstance(data, e.HoldRequested):
        words.append(_decision(state["holds"].get(f"{data.shelter}/{data.hold}")))
    return name, place, " ".join(words)


def _decision(hold: dict[str, Any] | None) -> str:
    if hold is None:
        return "not decided yet"
    return " ".join(filter(None, (hold["status"], hold["unit"], hold["reason"])))


def _format_age(ms: int) -> str:
    age_s = max(0, ms) // 1_000
    return next((f"{age_s // size} {unit}" for size, unit in _UNITS_OF_AGE if age_s >= size), f"{age_s} s")
