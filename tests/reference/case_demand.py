"""Cases of demand events: D1 to D4 and the values of their sections."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tests.reference.case import Case, case
from tests.reference.given import DAY, DESK, HOLD, KEY, event, record

if TYPE_CHECKING:
    from tests.reference.log import Record

Json = dict[str, Any]

NEED: Final[Json] = {"kinds": [], "features": [], "men": 0, "oldest_son_age": None, "security": "open", "services": [], "languages": []}
COUNTS: Final = ("free_nationally", "fitting_nationally", "fitting_excluded_for_safety", "unknown_units")
NOTHING: Final[Json] = {"status": "unavailable", "view": {}} | dict.fromkeys(COUNTS, 0)


def said(kind: str, data: Json, meta: Json) -> Record:
    """Log a demand event under its id."""
    key, at = meta.pop("key", KEY), meta.pop("at", 0)
    return record(event(kind, data, **meta), key, at)


def made(children: int = 0, **meta: Any) -> Record:
    """Log a search; `data` changes its members."""
    found = {"exclude_regions": [], "fitting_units": 0, "offers": 0, "view": {}}
    data = {"search": KEY, "region": "R01", "adults": 1, "children": children, "need": NEED} | found | meta.pop("data", {})
    return said("search-made", data, meta)


def unmade(children: int = 0, key: str = "2026-03-02.5f0c1d7e", text: str = "x" * 60, **meta: Any) -> Record:
    """Log a search in version 2: what it needs as ciphertext."""
    found = {"fitting_units": 0, "offers": 0, "view": {}}
    data = {"search": KEY, "region": "R01", "adults": 1, "children": children, "sealed": {"key": key, "text": text}}
    return said("search-made", data | found | meta.pop("data", {}), {"type": "nl.plek.search-made.v2"} | meta)


def ended(outcome: str = "held", **meta: Any) -> Record:
    """Log the end of a search."""
    return said("search-ended", {"search": KEY, "outcome": outcome}, meta)


def hotel(**meta: Any) -> Record:
    """Log the start of a fallback; `evidence` and `need` change their members."""
    evidence, need = NOTHING | meta.pop("evidence", {}), NEED | meta.pop("need", {})
    data = {"fallback": KEY, "region": "R01", "accommodation": "hotel", "adults": 1, "children": 0, "need": need}
    return said("fallback-started", data | {"reason": "at_night", "evidence": evidence}, meta)


def joined(**meta: Any) -> Record:
    """Log the start of a waiting-list entry."""
    return said("waiting-list-joined", {"entry": KEY, "region": "R01", "kind": "crisis", "adults": 1, "children": 0}, meta)


def fixed(name: str, own: Json | None = None, **meta: Any) -> Record:
    """Log a demand correction."""
    data = {"corrects": {"source": DESK, "id": name}, "reason": "mistake"} | ({"search": KEY} if own is None else own)
    return said("demand-correction", data, meta)


def search(ended: bool | None = None, **members: Any) -> Json:  # noqa: FBT001  # the row reads as the result does
    """Expect a search with these members."""
    return {"searches": {KEY: members | ({} if ended is None else {"ended": ended})}}


def good(name: str, *records: Record, letters: int = 0) -> Case:
    """Expect so many dead letters."""
    return case(name, "R13", list(records), {"dead_letters": letters})


MEANINGS: Final = [
    case("a search that goes on", "D3", [made()], search(ended=False, outcome=None, occurred_at=None)),
    case("an end that comes first ends for good", "D3", [ended(), made(t=9)], search(ended=True, outcome="held")),
    case("an end without a start", "D3", [ended()], search(ended=True, start=None)),
    case(
        "of several ends the first by occurred_at",
        "D3",
        [made(), ended("held", t=1, o=5), ended("elsewhere", t=9, o=4)],
        search(outcome="elsewhere"),
    ),
    case("of equal ends the lowest id", "D3", [ended("held", id="b"), ended("elsewhere", id="Z")], search(outcome="elsewhere")),
    case(
        "a corrected end lets the next count", "D4", [ended("held", id="x"), ended("unknown", t=9), fixed("x")], search(outcome="unknown")
    ),
    case("a corrected end ends nothing", "D4", [made(), ended(id="x"), fixed("x")], search(ended=False)),
    case("a correction that comes first", "D4", [fixed("x"), made(), ended(id="x")], search(ended=False)),
    case("a corrected start is as if never sent", "D4", [made(id="x"), fixed("x")], {"searches": {}, "dead_letters": 0}),
    case("correcting a correction has no effect", "D4", [made(), ended(id="x"), fixed("x", id="y"), fixed("y")], search(ended=False)),
    case("of several starts the last by time", "D2", [made(3, t=9), made(4, t=1)], search(start={"children": 3})),
    case("of starts at one time the highest id", "D2", [made(3, id="a"), made(4, id="Z")], search(start={"children": 3})),
    case("of starts of both versions the last by time", "D2", [made(3, t=9), unmade(4, t=1)], search(start={"children": 3})),
    case("version 2 starts as version 1 does", "D2", [made(3, t=1), unmade(4, t=9), ended()], search(ended=True, start={"children": 4})),
    case("a name is used whatever its version", "D1", [made(3, id="x"), unmade(4, id="x", t=9)], search(start={"children": 3})),
    case("a double changes nothing", "D1", [made(3, id="x"), made(4, id="x", t=9)], search(start={"children": 3})),
    case(
        "a name is used within its key",
        "D1",
        [made(id="x"), made(id="x", key=HOLD, data={"search": HOLD})],
        {"searches": {HOLD: {"ended": False}}},
    ),
    case("a name comes back after 400 days", "5", [made(3, id="x"), made(4, id="x", t=9, at=400 * DAY)], search(start={"children": 4})),
]

VALUES: Final = [
    good("a fallback and an entry", hotel(o=1), joined()),
    good("a need with a member more", hotel(need={"x": 1}), letters=1),
    good("no oldest son", hotel(need={"oldest_son_age": None})),
    good("a son of nineteen", hotel(need={"oldest_son_age": 19}), letters=1),
    good("evidence that is unavailable with a count", hotel(evidence={"unknown_units": 1}), letters=1),
    good("evidence that is unavailable with a view", hotel(evidence={"view": {"0": 0}}), letters=1),
    good("evidence that is complete with nothing in it", hotel(evidence={"status": "complete"})),
    good("a search that says when it happened", made(o=1), letters=1),
    good("the last offset", made(data={"view": {"0": 2**53 - 1}})),
    good("an offset too far", made(data={"view": {"0": 2**53}}), letters=1),
    good("a partition with a leading nought", made(data={"view": {"00": 0}}), letters=1),
    good("eleven excluded regions", made(data={"exclude_regions": [f"R{number:02}" for number in range(1, 12)]}), letters=1),
    good("a region excluded twice", made(data={"exclude_regions": ["R01", "R01"]}), letters=1),
    good("a subject that is another region", made(subject="R02"), letters=1),
    good("the subject of an end is any region", ended(subject="R02")),
    good("the subject of an end is a region", ended(subject="R36"), letters=1),
    good("another key", made(key=HOLD), letters=1),
    good("a correction of nothing in particular", fixed("x", {}), letters=1),
    good("a correction with two ids", fixed("x", {"search": KEY, "entry": KEY}), letters=1),
    good("a sealed need", unmade()),
    good("a sealed need beside one in the clear", unmade(data={"need": NEED}), letters=1),
    good("excluded regions beside a sealed need", unmade(data={"exclude_regions": []}), letters=1),
    good("a key that names no day", unmade(key="5f0c1d7e"), letters=1),
    good("a ciphertext in another alphabet", unmade(text="+" * 60), letters=1),
    good("a ciphertext that is too long", unmade(text="x" * 2_001), letters=1),
    good("a ciphertext too short to be one", unmade(text="x" * 39), letters=1),
    good("version 1 with a sealed need", unmade(type="nl.plek.search-made.v1"), letters=1),
    good("a type of the other topic", said("admission", {"search": KEY}, {}), letters=1),
]

DEMAND: Final = [*MEANINGS, *VALUES]
