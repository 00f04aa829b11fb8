"""The figures of stays and holds: how long people stayed and where they went, what became of the places that were asked for."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple, get_args

from services.adapters.instants import NS_PER_MS
from services.domain.holds import Status
from services.domain.values import DESTINATIONS
from services.monitor.answer import Weight
from services.monitor.cells import NO_KIND, NO_REGION
from services.monitor.columns import NEVER
from services.monitor.found import NS_PER_DAY, NS_PER_MINUTE, Find, Found, least
from services.monitor.slice import Key, Slice
from services.monitor.unit_times import registered

STATUSES: Final[tuple[Status, ...]] = get_args(Status)

DAYS: Final = (*range(14), *range(14, 2 * 365, 7))
"""The days for which the curve is told: each of two weeks, then each week of two years."""


class Ended(NamedTuple):
    """A stay that ended in the time asked about."""

    shelter: str
    long: int
    destination: str


class Lived(NamedTuple):
    """How old (ns) a stay was when the time began or it did, how old when the time ended or it did, and which of the two."""

    entry: int
    exit: int
    ended: bool


# The unit of a stay as it was when the stay ended, or is now: it says region and kind
_STAYS: Final = f"""
    SELECT s.shelter, s.start, s."end", s.destination, coalesce(u.region, '{NO_REGION}') AS region, coalesce(u.kind, '{NO_KIND}') AS kind
    FROM stays_known s LEFT JOIN units_known u ON u.shelter = s.shelter AND u.unit = s.unit AND u.start <= s."end"
        AND (u."end" > s."end" OR u."end" = {NEVER})
"""  # noqa: S608  a number of ours


def ended(of: Slice) -> dict[Key, list[Ended]]:
    """List the stays that ended. Only the whole nation has those of units that were not declared, or of no registered shelter."""
    found: defaultdict[Key, list[Ended]] = defaultdict(list)
    for cell, idx, *stay in of.rows(
        'SELECT cell, idx, shelter, "end" - start, destination '  # noqa: S608  ours
        f'FROM ({_STAYS}) JOIN homes USING (region, kind) JOIN wanted USING (cell) WHERE "end" >= a AND "end" < b'
    ):
        found[cell, idx].append(Ended(*stay))
    return found


def lived(of: Slice) -> dict[Key, list[Lived]]:
    """List the stays of which a part lies in the time."""
    found: defaultdict[Key, list[Lived]] = defaultdict(list)
    for cell, idx, *stay in of.rows(
        'SELECT cell, idx, greatest(start, a) - start, least("end", b) - start, "end" < b '  # noqa: S608  ours
        f'FROM ({_STAYS}) JOIN homes USING (region, kind) JOIN wanted USING (cell) WHERE start < b AND "end" > a'
    ):
        found[cell, idx].append(Lived(*stay))
    return found


def still_there(stays: list[Lived]) -> Iterator[tuple[int, int]]:
    """Yield after each whole day which part is still there, as numerator and denominator: Kaplan and Meier, with late entry.

    A stay is at risk on the days of its life that began within the time asked about; it leaves on the day it ends.
    """
    enters, ends, leaves = Counter[int](), Counter[int](), Counter[int]()
    for stay in stays:
        first, last = -(-stay.entry // NS_PER_DAY), stay.exit // NS_PER_DAY
        if first <= last:
            enters[first] += 1
            leaves[last] += 1
            ends[last] += stay.ended
    at_risk, part, whole = 0, 1, 1
    for day in range(DAYS[-1]):
        at_risk += enters[day]
        if ends[day]:
            part, whole = part * (at_risk - ends[day]), whole * at_risk
        at_risk -= leaves[day]
        yield part, whole


def _of_ended(value: Callable[[list[Ended]], float | None]) -> Find:
    """Make a figure of the stays that ended."""

    def find(of: Slice) -> Iterator[Found]:
        found = ended(of)
        for key in of.cells.wanted:
            stays = found.get(key, [])
            yield Found(key, value(stays) if stays else None, _weight([stay.shelter for stay in stays]))

    return find


def stays_ended(of: Slice) -> Iterator[Found]:
    """Count the stays that ended, by where the household went."""
    found, known = ended(of), registered(of)
    for key in of.cells.wanted:
        stays = found.get(key, [])
        yield Found(key, len(stays) if key in known else None, _weight([stay.shelter for stay in stays]))
        for where in DESTINATIONS:
            gone = [stay.shelter for stay in stays if stay.destination == where]
            yield Found(key, len(gone) if key in known else None, _weight(gone), {"destination": where})


def survival(of: Slice) -> Iterator[Found]:
    """Tell which part of the stays is still there after so many days."""
    found = lived(of)
    for key in of.cells.wanted:
        stays = found.get(key, [])
        curve = [(1, 1), *still_there(stays)]
        yield Found(key, 1.0 if stays else None, Weight(n=len(stays)))
        for day in DAYS:
            part, whole = curve[day]
            yield Found(key, part / whole if stays else None, None, {"day": str(day)})


def survival_median(of: Slice) -> Iterator[Found]:
    """Tell after how many days half are still there, or fewer."""
    found = lived(of)
    for key in of.cells.wanted:
        stays = found.get(key, [])
        halved = (day for day, (part, whole) in enumerate(still_there(stays), 1) if 2 * part <= whole)
        yield Found(key, next(halved, None) if stays else None, Weight(n=len(stays)))


class Asked(NamedTuple):
    """A hold that was asked for in the time: what became of it by then, and how long (ms) until it was accepted."""

    shelter: str
    status: str
    reason: str | None
    accepted_after: int | None


def asked(of: Slice) -> dict[Key, list[Asked]]:
    """List the holds asked for, by the clock of the log. A hold belongs to the region its shelter was last registered in."""
    clock = of.clock or 0
    found: defaultdict[Key, list[Asked]] = defaultdict(list)
    for cell, idx, *hold in of.rows(
        f"""
        SELECT cell, idx, h.shelter, CASE WHEN status = 'granted' AND h."end" <= {clock} THEN 'expired' ELSE status END, reason,
            accepted - h.start
        FROM holds_known h LEFT JOIN shelters_known s ON s.shelter = h.shelter AND s."end" = {NEVER}
        JOIN areas ON areas.region = coalesce(s.region, '{NO_REGION}') JOIN wanted USING (cell)
        WHERE h.start * {NS_PER_MS} >= a AND h.start * {NS_PER_MS} < b
        """  # noqa: S608  numbers of ours
    ):
        found[cell, idx].append(Asked(*hold))
    return found


def holds(of: Slice) -> Iterator[Found]:
    """Count the holds by outcome, and those by reason."""
    found = asked(of)
    for key in of.cells.wanted:
        every, known = found.get(key, []), of.began("beds", key[1])
        yield Found(key, len(every) if known else None, _weight([hold.shelter for hold in every]))
        for status in STATUSES:
            such = [hold for hold in every if hold.status == status]
            yield Found(key, len(such) if known else None, _weight([hold.shelter for hold in such]), {"outcome": status})
            for reason in sorted({hold.reason for hold in such if hold.reason}):
                because = [hold.shelter for hold in such if hold.reason == reason]
                yield Found(key, len(because), _weight(because), {"outcome": status, "reason": reason})


def answered(of: Slice) -> Iterator[Found]:
    """Tell after how many minutes a shelter said yes, half of the times no later."""
    found = asked(of)
    for key in of.cells.wanted:
        yes = [hold for hold in found.get(key, []) if hold.accepted_after is not None]
        after = [hold.accepted_after * NS_PER_MS for hold in yes if hold.accepted_after is not None]
        yield Found(key, least(after, 1, 2) / NS_PER_MINUTE if after else None, _weight([hold.shelter for hold in yes]))


def _weight(shelters: list[str]) -> Weight:
    by = Counter(shelters)
    return Weight(n=len(shelters), shelters=len(by), largest=max(by.values(), default=0))


STAYS: Final[dict[str, Find]] = {
    "stays-ended": stays_ended,
    "stay-median": _of_ended(lambda stays: least([stay.long for stay in stays], 1, 2) / NS_PER_DAY),
    "stay-p90": _of_ended(lambda stays: least([stay.long for stay in stays], 9, 10) / NS_PER_DAY),
    "stay-mean": _of_ended(lambda stays: sum(stay.long for stay in stays) / (len(stays) * NS_PER_DAY)),
    "stay-survival": survival,
    "stay-survival-median": survival_median,
    "holds": holds,
    "hold-answer-median": answered,
}
