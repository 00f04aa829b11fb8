"""The screen of `plek watch`: its age and lag first, then areas with places, and the last events with their age."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from rich.console import Console

from services.adapters.config.settings import Settings
from services.adapters.regions import read_regions
from services.cli.clients.log_tail import SHOWN, LogTail, TailEvent
from services.cli.operator.watch_screen import watch_screen
from services.cli.output.counts_model import CountsModel, counts_of_state
from services.domain.beds.shelter_snapshot import Counts
from services.domain.events import catalog as e
from tests.processor.logs import WIRE

NOW = 1_000_000_000
HOLD = "0b8c9d9e-7f6a-4b5c-8d4e-3f2a1b0c9d8e"
EACH = Counts(capacity=9, occupied=5, held=1, unknown=1, free=2)
REGIONS = tuple(read_regions())
SHELTERS = {f"{region}-{number}": region for region in REGIONS for number in range(12)}
STATE: dict[str, Any] = {
    "as_of": "1970-01-12T13:46:39.600Z",
    "rebuilding": False,
    "halted": {},
    "dead_letters": 3,
    "positions": {"0": 41, "1": None},
    "holds": {f"berk-1/{HOLD}": {"status": "refused", "unit": None, "reason": "no_free_unit"}},
    "shelters": {name: {"region": region, "counts": EACH._asdict(), "overflow": Counts()._asdict()} for name, region in SHELTERS.items()},
    "regions": {region: {state: 12 * number for state, number in EACH._asdict().items()} for region in REGIONS},
    "national": {state: 12 * 35 * number for state, number in EACH._asdict().items()},
}
ASKED = e.HoldRequested(
    shelter="berk-1", hold=HOLD, adults=1, children=2, kinds=(), features=(), ttl_seconds=60, desk="crisis-r07", asked_by="0" * 16
)


def tail(*happened: tuple[str, int, e.Data]) -> LogTail:
    """Make the end of a log that ends at 44 and 2, with events so many milliseconds ago."""
    made = LogTail(WIRE, {}, 2, ends={0: 44, 1: 2}, new=5)
    for sort, ago, data in happened:
        made.latest[sort].append(TailEvent(NOW - ago, e.Event(id="x", source="urn:plek:worker", time=0, subject="berk-1", data=data)))
    return made


def seen(counts: CountsModel | None = None, followed: LogTail | None = None, state: dict[str, Any] = STATE) -> str:
    """Draw it as a wide terminal of plain text shows it."""
    console = Console(width=200, no_color=True)
    with console.capture() as captured:
        console.print(watch_screen(state, counts or counts_of_state(state, NOW), followed, Settings(), read_regions()).drawing)
    return captured.get()


def test_age_and_lag_stand_before_the_numbers() -> None:
    """Two records of one partition and two of another are logged and not yet in the view."""
    first = seen(followed=tail()).splitlines()[0].rstrip()
    assert first == "True 0.4 s ago, of 420 shelters · 4 behind the log · 5 new · 3 dead letters"


def test_a_row_for_each_area_adds_up_to_the_nation() -> None:
    """Each area has the names of its regions, its shelters and a column for every state, closed and paused too."""
    rows = [line.split() for line in seen().splitlines() if re.search(r"( +[\d,]+){8} *$", line)]
    nation, *areas = [[int(cell.replace(",", "")) for cell in row[-8:]] for row in rows]
    assert nation == [420, 3_780, 2_100, 0, 420, 0, 420, 840]
    assert {row.centre.split()[0] for row in read_regions().values()} <= {word.strip(",") for row in rows for word in row}
    assert [sum(column) for column in zip(*areas, strict=True)] == nation


def test_an_event_has_its_age() -> None:
    """The last events have their age, the newest first; a request for a hold has the decision of the log."""
    up = e.FallbackStarted(
        fallback=HOLD,
        region="R07",
        accommodation="hotel",
        adults=1,
        children=2,
        need=e.Need(kinds=(), features=(), men=0, oldest_son_age=None, security="open", services=(), languages=()),
        reason="nothing_free",
        evidence=e.Evidence(
            status="unavailable", free_nationally=0, fitting_nationally=0, fitting_excluded_for_safety=0, unknown_units=0, view={}
        ),
    )
    left = e.Discharge(shelter="berk-1", stay=HOLD, destination="home")
    shown = seen(followed=tail(("Holds", 2_000, ASKED), ("No place", 125_000, up), ("Places", 9_000_000, left)))
    words = [" ".join(line.split()) for line in shown.splitlines()]
    for line in (
        "2 s hold-requested berk-1 1+2 refused no_free_unit",
        "2 min fallback-started Breda 1+2 hotel nothing_free",
        "2 h discharge berk-1 home",
    ):
        assert any(line in word for word in words), shown


def test_an_undecided_request_is_marked() -> None:
    """A request for a hold that the view has not decided is marked so."""
    assert "not decided yet" in seen(followed=tail(("Holds", 0, ASKED)), state=STATE | {"holds": {}})


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (lambda counts: replace(counts, rebuilding=True), "REBUILDING"),
        (lambda counts: replace(counts, as_of=NOW - 60_001), "UNAVAILABLE"),
        (lambda counts: replace(counts, as_of=None), "not known when this was true"),
    ],
)
def test_a_number_that_may_be_wrong_is_not_drawn(change: Callable[[CountsModel], CountsModel], line: str) -> None:
    """Counts that may be wrong are replaced by the reason; the last events stay."""
    drawn = seen(change(counts_of_state(STATE, NOW)), tail(("Holds", 0, ASKED)))
    assert line in drawn
    assert "Nation" not in drawn
    assert "hold-requested" in drawn


def test_without_kafka_the_numbers_are_shown_all_the_same() -> None:
    """Without Kafka the counts are shown, with a line that the log can't be read."""
    drawn = seen()
    assert "the log can't be read: Kafka is away" in drawn
    assert "Nation" in drawn


def test_only_the_last_events_of_a_sort_are_shown() -> None:
    """Of each sort only the last five events stay on the screen."""
    followed = tail(*((("Holds", 60_000, ASKED),) * 30))
    assert len(followed.latest["Holds"]) == SHOWN
