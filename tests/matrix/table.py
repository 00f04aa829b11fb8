"""Who may do what, written down from the design (section 5) by hand and for the second time: it shares nothing with what it judges."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from tests.matrix.country import ANOTHERS, ELSEWHERE, EVENT_OF_BERK, EVENT_OF_DEN, HERS, PUSH_HOST
from tests.sent import registered

ROLES: Final = ("shelter", "worker", "coordinator", "analyst", "auditor", "operator")
_UNITS: Final = frozenset({"unit-declared", "unit-withdrawn", "unit-closed", "unit-reopened"})
_STAYS: Final = frozenset({"admission", "stay-changed", "transfer", "discharge-planned", "discharge"})
_SHELTERS: Final = frozenset({"shelter-registered", "correction", "count-confirmed", "intake-paused", "intake-resumed"})
_FACTS: Final = _UNITS | _STAYS | _SHELTERS
_HOLDS: Final = frozenset({"hold-requested", "hold-extended", "hold-accepted", "hold-released", "hold-declined"})
_SEARCHES: Final = frozenset({"search-made", "search-ended", "demand-correction"})
_DEMAND: Final = _SEARCHES | {"fallback-started", "fallback-ended", "waiting-list-joined", "waiting-list-left"}
IMPORTED: Final = frozenset({"admission", "discharge", "discharge-planned", "unit-closed"})
"""What a coordinator brings in from a spreadsheet of a shelter, from the source of an import alone."""
MAY_SEND: Final[Mapping[str, frozenset[str]]] = {
    "shelter": _FACTS | {"hold-accepted", "hold-declined"},
    "coordinator": frozenset({"shelter-registered", "unit-declared", "unit-withdrawn", "correction"}) | IMPORTED,
    "worker": frozenset(),
    "operator": _FACTS | _HOLDS | _DEMAND,
    "analyst": frozenset(),
    "auditor": frozenset(),
}
"""What of her own each may send; only an operator may send what is another's."""

ANYBODY: Final = frozenset(ROLES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One operation: who may do it, and what it is asked with. `other` is what is another's; None where there is no such thing.

    `good` are answers that let somebody in: done, or not possible now.
    """

    roles: frozenset[str]
    own: Mapping[str, str] | None = None
    other: Mapping[str, str] | None = None
    query: Mapping[str, str] | None = None
    body: Any = None
    other_body: Any = None
    good: tuple[int, ...] = (200,)
    refused: tuple[int, ...] = (403,)
    logged_in: bool = False
    """With a token only, also where every role may."""
    sees_all: frozenset[str] = frozenset()
    """Roles to whom nothing is another's."""


def _roles(*names: str) -> frozenset[str]:
    return frozenset(names)


_WORKER, _SHELTER, _OPERATOR = _roles("worker"), _roles("shelter"), _roles("operator")
_CHANGERS: Final = _roles("shelter", "coordinator", "operator")
_UNIT: Final = {"unit": "u98", "kind": "crisis", "max_adults": 1, "max_children": 2, "beds": 3}
_ANALYSTS: Final = _roles("analyst", "operator")
_SINGLE: Final = {"adults": 1}
HOTEL: Final = {"adults": 1, "accommodation": "hotel", "reason": "nothing_free"}
WAITING: Final = {"kind": "crisis", "adults": 1, "children": 0}
_LOGGED: Final = (200, 201, 202, 409)
_STAY: Final = {"stay": "5f0c1d7e-8f4b-4c55-9d3a-2f1f6f7b8c90"}
FACTS: Final[Mapping[str, Any]] = {
    "admissions": {"unit": "u1", "adults": 1, "children": 0, "hold": None},
    "discharges": _STAY | {"destination": "home"},
    "transfers": _STAY | {"to_unit": "u2"},
    "stay-changes": _STAY | {"adults": 1, "children": 1},
    "planned-discharges": _STAY | {"expected_at": "2026-03-02T10:00:00Z"},
    "closures": {"unit": "u39", "reason": "cleaning"},
    "reopenings": {"unit": "u39"},
    "counts": {"free": 3},
    "pauses": {"reason": "staffing"},
    "resumptions": {},
}
"""The calls without an envelope, in an order that leaves the shelter open."""
_HELD: Final = (200, 202, 409)


def _fact(body: Any) -> Row:
    return Row(
        roles=_roles("shelter", "operator"),
        own={"shelter": "berk"},
        other={"shelter": "den"},
        body=body,
        good=(201,),
        sees_all=_roles("operator"),
    )


TABLE: Final[Mapping[str, Row]] = {
    "get /healthz": Row(roles=ANYBODY),
    "get /readyz": Row(roles=ANYBODY),
    "get /metrics": Row(roles=ANYBODY),
    "get /v1/asyncapi.json": Row(roles=ANYBODY),
    "get /v1/openapi.json": Row(roles=ANYBODY),
    "get /v1/shelters": Row(roles=_roles("shelter", "coordinator", "operator")),
    "get /v1/shelters/{shelter}": Row(
        roles=_roles("shelter", "coordinator", "operator"), own={"shelter": "berk"}, other={"shelter": "den"}, sees_all=_OPERATOR
    ),
    "get /v1/shelters/{shelter}/import-key": Row(
        roles=_roles("shelter", "coordinator", "operator"), own={"shelter": "berk"}, other={"shelter": "den"}, sees_all=_OPERATOR
    ),
    "get /v1/shelters/{shelter}/events": Row(
        roles=_roles("shelter", "coordinator", "operator"), own={"shelter": "berk"}, other={"shelter": "den"}, sees_all=_OPERATOR
    ),
    "post /v1/shelters/{shelter}/events/{event}/undo": Row(
        roles=_roles("shelter", "coordinator", "operator"),
        own={"shelter": "berk", "event": EVENT_OF_BERK},
        other={"shelter": "den", "event": EVENT_OF_DEN},
        body={},
        # Undone by whom comes first
        good=(201, 409),
        sees_all=_OPERATOR,
    ),
    **{f"post /v1/shelters/{{shelter}}/{name}": _fact(body) for name, body in FACTS.items()},
    "get /v1/areas": Row(roles=_roles("worker", "coordinator", "operator")),
    "get /v1/areas/healthcare-services": Row(roles=_roles("worker", "coordinator", "operator")),
    "get /v1/areas/service-capacities": Row(roles=_roles("worker", "coordinator", "operator")),
    "get /v1/regions": Row(roles=ANYBODY, logged_in=True),
    "get /v1/codes": Row(roles=ANYBODY, logged_in=True),
    "get /v1/live": Row(roles=_roles("shelter", "worker", "coordinator", "operator")),
    "get /v1/duty-list": Row(roles=_roles("worker", "shelter", "coordinator", "operator")),
    "put /v1/duty-list/{organisation}/{region}": Row(
        roles=_roles("coordinator"),
        own={"organisation": "org-1", "region": "R07"},
        other={"organisation": "org-1", "region": "R01"},
        body={"phone": "0800-000099"},
    ),
    "delete /v1/duty-list/{organisation}/{region}": Row(
        roles=_roles("coordinator"), own={"organisation": "org-1", "region": "R07"}, other={"organisation": "org-1", "region": "R01"}
    ),
    "get /v1/me": Row(roles=ANYBODY, logged_in=True),
    "get /v1/me/trail": Row(roles=ANYBODY, logged_in=True),
    "post /v1/logout": Row(roles=ANYBODY, logged_in=True),
    "get /v1/notices": Row(roles=_SHELTER),
    "post /v1/notices/subscriptions": Row(roles=_SHELTER, body={"endpoint": f"https://{PUSH_HOST}/send/abc"}),
    "delete /v1/notices/subscriptions/{subscription}": Row(roles=_SHELTER, own={"subscription": "0" * 64}),
    "get /v1/alarms": Row(roles=_roles("coordinator", "operator")),
    "get /v1/operator/state": Row(roles=_OPERATOR),
    "get /v1/operator/dead-letters": Row(roles=_OPERATOR),
    "get /v1/operator/partitions": Row(roles=_OPERATOR),
    "get /v1/refusals": Row(roles=_roles("shelter", "coordinator", "operator")),
    "post /v1/shelters": Row(
        roles=_CHANGERS,
        body=registered("berk")["data"],
        other={},
        other_body=registered("den", "R01")["data"],
        good=(201,),
        sees_all=_OPERATOR,
    ),
    "patch /v1/shelters/{shelter}/registration": Row(
        roles=_CHANGERS, own={"shelter": "berk"}, other={"shelter": "den"}, body={"max_son_age": 12}, good=(201,), sees_all=_OPERATOR
    ),
    "post /v1/shelters/{shelter}/units": Row(
        roles=_CHANGERS, own={"shelter": "berk"}, other={"shelter": "den"}, body=_UNIT, good=(201,), sees_all=_OPERATOR
    ),
    "post /v1/shelters/{shelter}/units/{unit}/withdrawal": Row(
        roles=_CHANGERS,
        own={"shelter": "berk", "unit": "u99"},
        other={"shelter": "den", "unit": "u99"},
        good=(201,),
        sees_all=_OPERATOR,
    ),
    "get /v1/proposals": Row(roles=_CHANGERS),
    "post /v1/proposals/{proposal}/confirm": Row(
        roles=_roles("coordinator", "operator"),
        own={"proposal": "her proposal"},
        other={"proposal": "another's proposal"},
        good=(200, 409),
        sees_all=_OPERATOR,
    ),
    "post /v1/proposals/{proposal}/reject": Row(
        roles=_roles("coordinator", "operator"),
        own={"proposal": "her proposal"},
        other={"proposal": "another's proposal"},
        body={"reason": "other"},
        sees_all=_OPERATOR,
    ),
    # The proposer alone: of these three none is
    "post /v1/proposals/{proposal}/withdraw": Row(
        roles=_CHANGERS, own={"proposal": "her proposal"}, other={"proposal": "another's proposal"}, good=(403,)
    ),
    "get /v1/audit": Row(roles=_roles("auditor")),
    "get /v1/audit/search": Row(roles=_roles("auditor")),
    "get /v1/audit/openings": Row(roles=_roles("auditor")),
    "post /v1/audit/openings": Row(roles=_roles("auditor"), body={"pseudonym": "0" * 32, "reason": "complaint"}),
    "post /v1/searches": Row(roles=_WORKER, body=_SINGLE, other={}, other_body=_SINGLE | {"region": "R01"}),
    "post /v1/searches/{search}/end": Row(
        roles=_WORKER, own={"search": "her search"}, other={"search": "another's search"}, body={"outcome": "elsewhere"}
    ),
    "post /v1/holds": Row(
        roles=_WORKER,
        body={"offer": "her offer"},
        other={},
        other_body={"offer": "another's offer"},
        good=(201, 202, 409),
        refused=(403, 410),
    ),
    "get /v1/holds": Row(roles=_WORKER),
    "get /v1/waiting-holds": Row(roles=_roles("coordinator")),
    "get /v1/holds/{hold}": Row(roles=_WORKER, own={"hold": HERS}, other={"hold": ANOTHERS}),
    "post /v1/holds/{hold}/extend": Row(roles=_WORKER, own={"hold": HERS}, other={"hold": ANOTHERS}, good=_HELD),
    "post /v1/holds/{hold}/take-over": Row(roles=_WORKER, own={"hold": HERS}, other={"hold": ANOTHERS}, good=_HELD),
    "post /v1/holds/{hold}/accept": Row(roles=_SHELTER, own={"hold": HERS}, other={"hold": ELSEWHERE}, good=_HELD),
    "post /v1/holds/{hold}/decline": Row(
        roles=_SHELTER, own={"hold": HERS}, other={"hold": ELSEWHERE}, body={"reason": "full"}, good=_HELD
    ),
    "post /v1/fallbacks": Row(roles=_WORKER, body=HOTEL, other={}, other_body=HOTEL | {"region": "R01"}, good=_LOGGED),
    "get /v1/fallbacks": Row(roles=_roles("worker", "coordinator")),
    "post /v1/fallbacks/{fallback}/end": Row(
        roles=_WORKER, own={"fallback": "her fallback"}, other={"fallback": "another's fallback"}, body={"outcome": "home"}, good=_LOGGED
    ),
    "post /v1/fallbacks/{fallback}/correct": Row(
        roles=_WORKER,
        own={"fallback": "her fallback"},
        other={"fallback": "another's fallback"},
        body={"undo": "start", "reason": "mistake"},
        good=_LOGGED,
    ),
    "post /v1/waiting-list": Row(roles=_WORKER, body=WAITING, other={}, other_body=WAITING | {"region": "R01"}, good=_LOGGED),
    "get /v1/waiting-list": Row(roles=_roles("worker", "coordinator")),
    "post /v1/waiting-list/{entry}/leave": Row(
        roles=_WORKER, own={"entry": "her entry"}, other={"entry": "another's entry"}, body={"outcome": "withdrawn"}, good=_LOGGED
    ),
    "post /v1/waiting-list/{entry}/correct": Row(
        roles=_WORKER,
        own={"entry": "her entry"},
        other={"entry": "another's entry"},
        body={"undo": "start", "reason": "mistake"},
        good=_LOGGED,
    ),
    "delete /v1/holds/{hold}": Row(roles=_WORKER, own={"hold": ELSEWHERE}, other={"hold": ANOTHERS}, good=_HELD),
    "get /v1/monitor/figures": Row(roles=_ANALYSTS, query={"figure": "capacity", "at": "2026-01-02T03:00:00Z"}),
    "get /v1/monitor/definitions": Row(roles=_ANALYSTS),
    "get /v1/monitor/snapshots": Row(roles=_ANALYSTS),
    "get /v1/monitor/snapshots/{when}": Row(roles=_ANALYSTS, own={"when": "2026-01-02"}),
    # Nothing had been logged by then: there is nothing to publish
    "put /v1/monitor/snapshots/{when}": Row(roles=_ANALYSTS, own={"when": "2026-01-02"}, good=(400,)),
    "get /v1/monitor/progress/{kind}/{year}": Row(roles=_ANALYSTS, own={"kind": "report", "year": "2026"}),
    # What the country's clock allows: a year that has begun a day ago or more
    "get /v1/monitor/reports/{year}/{language}": Row(roles=_ANALYSTS, own={"year": "2025", "language": "nl"}, good=(200, 202)),
    "get /v1/monitor/release-drafts/{year}": Row(roles=_ANALYSTS, own={"year": "2025"}),
    "put /v1/monitor/releases/{year}/{version}": Row(
        roles=_ANALYSTS, own={"year": "2025", "version": "1"}, query={"knownAt": "2026-01-02T03:00:00Z"}, good=(404,)
    ),
    # Published or not, it is for anybody, and nobody's
    "get /v1/monitor/releases": Row(roles=ANYBODY),
    "get /v1/monitor/releases/{year}": Row(roles=ANYBODY, own={"year": "2025"}, good=(200, 404)),
    "get /v1/monitor/catalogue": Row(roles=ANYBODY),
    "get /v1/monitor/regions": Row(roles=ANYBODY),
    "get /v1/monitor/releases/{year}/{version}/dataset": Row(roles=ANYBODY, own={"year": "2025", "version": "1"}, good=(200, 404)),
    "get /v1/monitor/releases/{year}/{version}/table": Row(roles=ANYBODY, own={"year": "2025", "version": "1"}, good=(200, 404)),
    "get /v1/monitor/releases/{year}/{version}": Row(roles=ANYBODY, own={"year": "2025", "version": "1"}, good=(200, 404)),
}
