"""Disclosure: guarded, or strict until a date; it ends by itself, and says so seven days before."""

import logging
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from services.adapters.config.settings import Settings
from services.adapters.observability.metrics import Metrics
from services.api.read_model.disclosure_level import Announcer, Disclosure, Level
from tests.api.desks import Desks, desks
from tests.sent import declared, registered

_STRICT = Disclosure(strict_until=date(2026, 12, 31))


def _ms(*when: int) -> int:
    return round(datetime(*when, tzinfo=UTC).timestamp() * 1_000)  # type: ignore[misc, arg-type]  # a date and a time, in this order


@pytest.mark.parametrize(
    ("text", "when", "level"),
    [
        ("guarded", (2026, 12, 1), Level("guarded", 5, 2, 1.0)),
        ("strict until 2026-12-31", (2026, 12, 1), Level("strict", 10, 3, 0.5)),
        ("strict until 2026-12-31", (2026, 12, 31, 22, 59), Level("strict", 10, 3, 0.5)),
        ("strict until 2026-12-31", (2026, 12, 31, 23, 0), Level("guarded", 5, 2, 1.0)),
        ("strict until 2026-06-30", (2026, 6, 30, 22, 0), Level("guarded", 5, 2, 1.0)),
    ],
)
def test_strict_ends_at_midnight_in_the_netherlands(text: str, when: tuple[int, ...], level: Level) -> None:
    """After the last day, in winter as in summer; areas are larger and rates half until then."""
    assert Disclosure.of(Settings.model_construct(disclosure=text)).at(_ms(*when)) == level


def test_strict_is_never_finer_than_what_guarded_is_set_to() -> None:
    """An area of twenty shelters stays one in a time of threat."""
    assert Disclosure(Level("guarded", 20, 4), date(2026, 12, 31)).at(_ms(2026, 12, 1)) == Level("strict", 20, 4, 0.5)


@pytest.mark.parametrize(
    ("when", "announced"),
    [((2026, 12, 24, 22, 59), False), ((2026, 12, 24, 23, 0), True), ((2026, 12, 31, 22, 59), True), ((2026, 12, 31, 23, 0), False)],
)
def test_the_end_is_announced_for_seven_days(when: tuple[int, ...], *, announced: bool) -> None:
    """With its date; not before, and not after."""
    sentence = _STRICT.announcement(_ms(*when))
    assert (sentence is not None and "2026-12-31" in sentence) == announced
    assert Disclosure().announcement(_ms(*when)) is None


def test_the_level_and_its_end_are_logged_once_and_measured(caplog: pytest.LogCaptureFixture) -> None:
    """A line for the level, one for the end that is near, one for the end; the metrics say which level holds and for how long."""
    metrics, now = Metrics(), [_ms(2026, 12, 1)]
    announcer = Announcer(_STRICT, lambda: now[0], metrics)
    with caplog.at_level(logging.INFO):
        for when in (_ms(2026, 12, 1), _ms(2026, 12, 2), _ms(2026, 12, 30), _ms(2026, 12, 31), _ms(2027, 1, 1)):
            now[0] = when
            announcer.look()
            page = metrics.page().decode()
    assert [(record.message, vars(record)["what"]) for record in caplog.records] == [
        ("level of disclosure", "strict"),
        ("strict disclosure ends within seven days", "strict"),
        ("level of disclosure", "guarded"),
    ]
    assert 'plek_disclosure{level="guarded"} 1.0' in page
    assert 'plek_disclosure{level="strict"} 0.0' in page
    assert "plek_disclosure_ends_seconds 0.0" in page


async def _regions(at: Desks) -> int:
    for number in range(70):
        name, region = f"s{number}", f"R{number // 2 + 1:02}"
        await at.say(registered(name, region, organisation=f"org-{number % 3}"), declared("u1", name))
    return min(len(offer["regions"]) for offer in (await at.search())["offers"])


async def test_in_a_time_of_threat_an_offer_names_more_regions(tmp_path: Path) -> None:
    """The same country, searched while it is guarded and while it is strict."""
    async with desks(tmp_path / "guarded") as at:
        guarded = await _regions(at)
    async with desks(tmp_path / "strict", disclosure=Disclosure(strict_until=date(2999, 1, 1))) as at:
        assert guarded < await _regions(at)
