"""The checker: from a history alone, what was promised and not kept, and what was said and never true.

It imports nothing of the services, and takes no word of theirs for anything: the log is folded by `tests/reference`, and every answer,
every partition of the view and every promise is compared with that.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any, Final, NamedTuple

import orjson

from tests.faults.checker.history import BEDS, DEMAND, AreaSeen, History, HoldSeen, Moment, ShelterSeen
from tests.faults.checker.prefixes import STATES, Country, Step
from tests.reference.demand import KINDS
from tests.reference.facts import of
from tests.reference.log import Record, read, uncorrected
from tests.reference.parse import instant

# From this age on an answer must call itself degraded (`as_of`, contract of the API); a second for the way of the answer
DEGRADED_MS: Final = 15_000
_WAY_MS: Final = 1_000
# Two clocks of one machine: what is written after a request was sent may be stamped a moment before
_CLOCKS_MS: Final = 50
_BUCKETS: Final = {"none": (0, 0), "1-2": (1, 2), "3+": (3, 1_000_000)}
_NO_COUNT: Final = dict.fromkeys(("capacity", *STATES), 0)


class Violation(NamedTuple):
    """Something that must never be: its kind, and where it was found."""

    kind: str
    where: str


@dataclass(slots=True)
class Verdict:
    """What was compared, by kind, and what was found wrong."""

    comparisons: Counter[str] = field(default_factory=Counter)
    violations: list[Violation] = field(default_factory=list)
    repeated: int = 0
    """Records in the log of an event that stood there before: what was sent or delivered again."""

    def compare(self, kind: str, right: bool, where: str) -> None:  # noqa: FBT001 - what a comparison came to
        """Count a comparison, and keep it where it is wrong."""
        self.comparisons[kind] += 1
        if not right:
            self.violations.append(Violation(kind, where))


def check(history: History) -> Verdict:
    """Check all of a history."""
    verdict, country = Verdict(), Country.of(history.log[BEDS])
    verdict.repeated = country.repeated
    demand = _Cases.of(history)
    check_promises(history, verdict)
    check_dead_letters(history, country, verdict)
    check_single_effects(history, demand, verdict)
    for moment in history.moments:
        check_moment(moment, country, demand, verdict)
    promised = _promised(history)
    for seen in history.shelters:
        check_shelter(seen, country, promised, verdict)
    check_searches(history, country, demand, verdict)
    for area in history.areas:
        check_area(area, country, verdict)
    check_holds(history, country, verdict)
    check_audit(history, verdict)
    return verdict


def check_promises(history: History, verdict: Verdict) -> None:
    """Look for lost writes: acknowledged, and not in the log, or not where the answer said."""
    names: set[tuple[str, str, str, str]] = set()
    places: dict[tuple[str, int, int], str] = {}
    for topic, partitions in history.log.items():
        for number, records in partitions.items():
            for record in records:
                event = _event(record.value)
                if event:
                    names.add((topic, _text(record.key), event["source"], event["id"]))
                    places[topic, number, record.offset] = event["id"]
    for promise in history.acknowledged:
        told = promise.partition is not None and promise.offset is not None
        kept = (promise.topic, promise.key, promise.source, promise.id) in names
        there = not told or places.get((promise.topic, promise.partition or 0, promise.offset or 0)) == promise.id
        verdict.compare("lost write", kept and there, f"{promise}")


def check_dead_letters(history: History, country: Country, verdict: Verdict) -> None:
    """Look for records that can't be read and stand in no dead letter (R13)."""
    for number, offsets in country.refused.items():
        for offset in offsets:
            verdict.compare("lost dead letter", (BEDS, number, offset) in history.dead_letters, f"partition {number}, offset {offset}")


def check_single_effects(history: History, demand: "_Cases", verdict: Verdict) -> None:
    """Look for doubled effects: one request with two cases, or more cases in the log than were asked for."""
    cases: dict[str, str] = {}
    for seen in history.cases:
        before = cases.setdefault(seen.request, seen.case)
        verdict.compare("doubled effect", before == seen.case, f"request {seen.request}: {before} and {seen.case}")
        verdict.compare("lost write", seen.case in demand.started["fallbacks"], f"fallback {seen.case}")
    logged = len(demand.started["fallbacks"])
    verdict.compare("doubled effect", logged <= len(history.requested), f"{logged} fallbacks of {len(history.requested)} requests")


def check_moment(moment: Moment, country: Country, demand: "_Cases", verdict: Verdict) -> None:
    """Look for skipped events and doubled effects in the view: it differs from the fold of the log up to its own position."""
    where = f"{moment.topic} partition {moment.partition} at {moment.offset}"
    if moment.topic == DEMAND:
        expected = demand.open_at(moment.partition, moment.offset)
        verdict.compare("skipped event", set(moment.documents) == expected, f"{where}: {sorted(set(moment.documents) ^ expected)[:3]}")
        return
    now = max(moment.swept_at, country.clock(moment.partition, moment.offset))
    nation, nation_overflow = Counter(_NO_COUNT), Counter(_NO_COUNT)
    for shelter in country.inside.get(moment.partition, []):
        step = country.at(shelter, moment.offset)
        if step is None:
            continue
        for overflow, total, middle in ((False, nation, ""), (True, nation_overflow, "overflow:")):
            counted = step.counts(now, overflow=overflow)
            if step.registered:
                total.update(counted)
            found = _stored(moment, f"shelter:{shelter}:{middle}")
            verdict.compare("skipped event", found == counted, f"{where}, {shelter}: {found} is {counted}")
            _check_range(found, f"{where}, {shelter}", verdict)
        _check_stored_holds(moment, shelter, step, where, verdict)
    for total, middle in ((nation, ""), (nation_overflow, "overflow:")):
        found = _stored(moment, f"national:{middle}")
        verdict.compare("skipped event", found == dict(total), f"{where}, nation: {found} is {dict(total)}")
    refused = sum(offset <= moment.offset for offset in country.refused.get(moment.partition, []))
    verdict.compare("skipped event", moment.dead_letters == refused, f"{where}: {moment.dead_letters} dead letters are {refused}")


def _stored(moment: Moment, prefix: str) -> dict[str, int]:
    return {state: moment.counts.get(f"{prefix}{state}", 0) for state in ("capacity", *STATES)}


def _check_stored_holds(moment: Moment, shelter: str, step: Step, where: str, verdict: Verdict) -> None:
    for name, hold in step.holds.items():
        found = moment.documents.get(f"{shelter}/{name}") or {}
        same = (found.get("status"), found.get("unit"), found.get("reason")) == (hold.status, hold.unit, hold.reason)
        ends = hold.status != "granted" or found.get("until") == hold.until
        verdict.compare("skipped event", same and ends, f"{where}, hold {shelter}/{name}: {found} is {hold}")


def _check_range(counts: dict[str, int], where: str, verdict: Verdict) -> None:
    """Look for a count outside 0…capacity, or a capacity that is not the sum of its parts (R7)."""
    inside = all(0 <= counts[state] <= counts["capacity"] for state in STATES)
    whole = sum(counts[state] for state in STATES) == counts["capacity"]
    verdict.compare("count out of range", inside and whole, f"{where}: {counts}")


_Promised = dict[int, tuple[list[int], list[int]]]
"""Of each partition the instants of the promises in order, and the highest offset that was promised by each."""


def _promised(history: History) -> _Promised:
    """Return up to where each partition was promised, at each instant.

    The timestamps of the log don't say so: a record has its own before the other brokers have it, and until then it is no one's.
    """
    by_partition: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for promise in history.acknowledged:
        if promise.topic == BEDS and promise.partition is not None and promise.offset is not None:
            by_partition[promise.partition].append((promise.at, promise.offset))
    ordered = {number: sorted(promises) for number, promises in by_partition.items()}
    return {number: ([at for at, _ in each], list(accumulate((offset for _, offset in each), max))) for number, each in ordered.items()}


def check_shelter(seen: ShelterSeen, country: Country, promised: _Promised, verdict: Verdict) -> None:
    """Look for an answer about a shelter that was never true at the position it names, and for one that is older than it says."""
    where = f"{seen.shelter} at {seen.partition}/{seen.offset}, answered {seen.received}"
    step = country.at(seen.shelter, seen.offset)
    clock = country.clock(seen.partition, seen.offset)
    counts = [(step.counts(now, overflow=False), step.counts(now, overflow=True)) for now in _instants(seen, clock)] if step else []
    verdict.compare("never true", (seen.counts, seen.overflow) in counts, f"{where}: {seen.counts} is none of {counts[:1]}")
    for each in (seen.counts, seen.overflow):
        _check_range(each, where, verdict)
    instants, offsets = promised.get(seen.partition, ([], []))
    before = bisect_left(instants, seen.as_of)
    must_have = offsets[before - 1] if before else -1
    verdict.compare("stale shown as fresh", seen.offset >= must_have, f"{where}: as of {seen.as_of} {must_have} was acknowledged")
    _check_age(seen.sent, seen.as_of, where, verdict, degraded=seen.degraded)


def _instants(seen: ShelterSeen, clock: int) -> set[int]:
    return {max(now, clock) for now in (seen.sent, (seen.sent + seen.received) // 2, seen.received)}


def _check_age(sent: int, as_of: int, where: str, verdict: Verdict, *, degraded: bool) -> None:
    old = sent - as_of > DEGRADED_MS + _WAY_MS
    verdict.compare("stale shown as fresh", degraded or not old, f"{where}: {sent - as_of} ms old and not called so")


def check_searches(history: History, country: Country, demand: "_Cases", verdict: Verdict) -> None:
    """Look for searches that counted what no prefix of the log gives, and for answers that no search of the log gave."""
    for made in demand.searches:
        data = made.data
        view = {int(number): offset for number, offset in data["view"].items()}
        found = {_fitting(country, view, data["adults"], data["children"], now) for now in (made.at, made.at - _WAY_MS)}
        verdict.compare("never true", data["fitting_units"] in found, f"search {data['search']}: {data['fitting_units']} of {found}")
    left = defaultdict(list)
    for made in sorted(demand.searches, key=lambda each: each.at):
        left[made.data["adults"], made.data["children"], made.data["offers"]].append(made.at)
    for seen in sorted(history.searches, key=lambda each: each.received):
        given = _take(left[seen.adults, seen.children, seen.offers], seen.sent, seen.received)
        verdict.compare("never true", given, f"{seen} is no search of the log")
        _check_age(seen.sent, seen.as_of, f"{seen}", verdict, degraded=seen.degraded)


def _fitting(country: Country, view: dict[int, int], adults: int, children: int, now: int) -> int:
    found = 0
    for partition, shelters in country.inside.items():
        offset = view.get(partition, -1)
        seen_at = max(now, country.clock(partition, offset))
        steps = (country.at(shelter, offset) for shelter in shelters)
        found += sum(step.fitting(adults, children, seen_at) for step in steps if step)
    return found


def check_area(seen: AreaSeen, country: Country, verdict: Verdict) -> None:
    """Look for a number of an area that is below the least, or above the most, that the log has had since the answer's instant."""
    if seen.value == "unknown" or seen.free is None:
        return
    least = most = 0
    for partition, shelters in country.inside.items():
        first, last = country.end_before(partition, seen.as_of), country.end_by(partition, seen.received)
        for shelter in shelters:
            numbers = [
                step.free(now) if step.registered and step.registered["region"] in seen.regions and step.offset <= last else 0
                for step in country.between(shelter, first, last)
                for now in (seen.as_of, seen.received)
            ]
            begun = country.shelters[shelter][0].offset <= first
            least += min(numbers, default=0) if begun else 0
            most += max(numbers, default=0)
    lowest, highest = _BUCKETS[seen.free]
    verdict.compare("never true", lowest <= most and least <= highest, f"{seen}: free between {least} and {most}")
    # The clock of an answer is that of its quarter: what it says of its age must be so
    grown = (seen.sent - seen.as_of) // 1_000
    verdict.compare("stale shown as fresh", seen.degraded or seen.age_seconds >= grown - 1, f"{seen}: {grown} s old")


def check_holds(history: History, country: Country, verdict: Verdict) -> None:
    """Look for what was said of a hold and the log never had, and for two holders of one unit at once."""
    known = _lives(country)
    for seen in history.holds:
        if seen.status != "pending":
            verdict.compare("never true", seen.status in _statuses(known.get(seen.hold, []), seen), f"{seen}")
    told: dict[str, list[HoldSeen]] = defaultdict(list)
    for seen in history.holds:
        if seen.status == "granted":
            told[seen.hold].append(seen)
    units = _units(history)
    by_unit: dict[str, list[tuple[int, int, str]]] = defaultdict(list)
    for hold, words in told.items():
        verdict.compare("lost write", hold in known, f"hold {hold} was granted and is not in the log")
        if hold in units:
            by_unit[units[hold]].append((min(word.received for word in words), max(word.sent for word in words), hold))
    for unit, spans in by_unit.items():
        for earlier, later in zip(sorted(spans), sorted(spans)[1:], strict=False):
            verdict.compare("two holders", later[0] > earlier[1], f"{unit}: {earlier[2]} and {later[2]}")


def _lives(country: Country) -> dict[str, list[Step]]:
    """Return of each hold the steps of its shelter since it was asked for."""
    found: dict[str, list[Step]] = {}
    for steps in country.shelters.values():
        for index, step in enumerate(steps):
            for hold in step.holds:
                found.setdefault(hold, steps[index:])
    return found


def _statuses(steps: list[Step], seen: HoldSeen) -> set[str]:
    """Return the statuses that a hold had, as the log went, by the time of an answer."""
    logged = [step.holds[seen.hold] for step in steps if step.timestamp <= seen.received + _CLOCKS_MS]
    return {hold.seen(now) for hold in logged for now in (seen.sent, seen.received)}


def _units(history: History) -> dict[str, str]:
    """Return the unit of each hold, as the view stored it."""
    found = {}
    for moment in history.moments:
        if moment.topic == BEDS:
            for name, hold in moment.documents.items():
                if hold.get("unit"):
                    shelter, key = name.split("/")
                    found[key] = f"{shelter}/{hold['unit']}"
    return found


def check_audit(history: History, verdict: Verdict) -> None:
    """Look for looks that were not noted: each answer about a shelter, each search and each hold needs an entry of its own time."""
    noted: dict[tuple[str, str], list[int]] = defaultdict(list)
    for entry in history.audit:
        if entry["outcome"] == "success":
            at = (instant(entry["at"]) or 0) // 1_000_000
            names = [each["id"] for each in entry["objects"]] if entry["event"] != "search-made" else ["any"]
            for name in names:
                noted[entry["event"], name].append(at)
    for times in noted.values():
        times.sort()
    looks: list[tuple[str, str, int, int]] = [("shelters-shown", seen.shelter, seen.sent, seen.received) for seen in history.shelters]
    looks += [("search-made", "any", seen.sent, seen.received) for seen in history.searches]
    looks += [(seen.noted_as, seen.hold, seen.sent, seen.received) for seen in history.holds if seen.status != "pending"]
    for event, name, sent, received in sorted(looks, key=lambda look: look[3]):
        verdict.compare("look not noted", _take(noted[event, name], sent, received), f"{event} {name}, answered {received}")


def _take(times: list[int], first: int, last: int) -> bool:
    """Take the earliest of these times that lies between two instants; return whether there was one."""
    for index, time in enumerate(times):
        if first - _CLOCKS_MS <= time <= last + _CLOCKS_MS:
            del times[index]
            return True
        if time > last + _CLOCKS_MS:
            break
    return False


# --- demand -------------------------------------------------------------------------------------------------------------------------


class _Search(NamedTuple):
    at: int
    data: dict[str, Any]


@dataclass(slots=True)
class _Cases:
    """The log of demand: which cases it starts, and which are open at an offset."""

    searches: list[_Search] = field(default_factory=list)
    started: dict[str, set[str]] = field(default_factory=lambda: {group: set() for group, _, _ in KINDS})
    _entries: dict[int, dict[str, list[tuple[int, Any]]]] = field(default_factory=dict)

    @classmethod
    def of(cls, history: History) -> "_Cases":
        """Read the log of demand."""
        made = cls()
        for number, records in history.log[DEMAND].items():
            log = read([Record(each.key, each.value, each.timestamp, number) for each in records], DEMAND)
            made._entries[number] = {
                key: [(records[entry.position].offset, entry) for entry in entries] for key, entries in log.entries.items()
            }
            for key, entries in log.entries.items():
                made._start(key, [entry.event for entry in entries])
        return made

    def _start(self, key: str, events: list[Any]) -> None:
        for group, start, _ in KINDS:
            if of(events, start):
                self.started[group].add(key)
        self.searches += [_Search(event.time // 1_000_000, event.data) for event in of(events, "search-made")]

    def open_at(self, partition: int, offset: int) -> set[str]:
        """Return the names of the cases that are started and not ended (D3), as the view writes them."""
        found = set()
        for key, entries in self._entries.get(partition, {}).items():
            facts = uncorrected([entry for at, entry in entries if at <= offset])
            for group, start, end in KINDS:
                if of(facts, start) and not of(facts, end):
                    found.add(f"{_SINGULAR[group]}/{key}")
        return found


_SINGULAR: Final = {"searches": "search", "fallbacks": "fallback", "entries": "entry"}


def _event(value: bytes | None) -> dict[str, Any] | None:
    try:
        found = orjson.loads(value or b"")
    except orjson.JSONDecodeError:
        return None
    named = isinstance(found, dict) and isinstance(found.get("source"), str) and isinstance(found.get("id"), str)
    return found if named else None


def _text(key: bytes | None) -> str:
    return (key or b"").decode(errors="replace")
