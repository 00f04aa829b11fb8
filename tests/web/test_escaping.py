"""Whatever a service answers, a page shows it as text: no name and no code becomes markup."""

from collections.abc import Callable
from typing import Any, Final

import pytest

from services.web.pages.login_pages import HOME
from tests.web.attacked import careless, paths
from tests.web.conftest import AGED, Browser

_EVIL: Final = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>{{7*7}}"
_WHEN: Final = "2026-11-30T02:30:00Z"
_REGION: Final = {"code": _EVIL, "name": _EVIL}
_HAS: Final = {"features": [_EVIL], "services": [_EVIL], "languages": [_EVIL]}
_OFFER: Final = {"offer": _EVIL, "area": _EVIL, "regions": [_REGION], "distance_km": None, "kind": _EVIL, "size": _EVIL, "fit": _EVIL}
_HOLD: Final = {
    "hold": _EVIL,
    "mine": True,
    "status": "granted",
    "accepted": False,
    "adults": 1,
    "children": 1,
    "until": _WHEN,
    "extendable_from": None,
    "intake_phone": _EVIL,
    "phone_before": _EVIL,
    "region": _EVIL,
    "region_name": _EVIL,
    "kind": _EVIL,
    **_HAS,
}
_COUNTS: Final = {"capacity": 1, "occupied": 0, "free": 1}
_UNIT: Final = {
    "unit": _EVIL,
    "declared": True,
    "state": _EVIL,
    "kind": _EVIL,
    "overflow": False,
    "max_adults": 1,
    "max_children": 1,
    "closed": {"reason": _EVIL, "expected_until": None},
    "held": None,
    "stays": [{"stay": _EVIL, "adults": 1, "children": 0, "since": _WHEN}],
}
_SHELTER: Final = {
    "shelter": _EVIL,
    "registration": {"name": _EVIL, "intake_phone": _EVIL, "region": _EVIL},
    "counts": _COUNTS,
    "freshness": _EVIL,
    "heard_at": _WHEN,
    "paused": {"reason": _EVIL},
    "anomalies": {"double_occupied": [_EVIL], "undeclared_unit": [_EVIL], "discrepancy": None},
    "holds_waiting": [{"hold": _EVIL, "unit": _EVIL, "desk": _EVIL, "adults": 1, "children": 0, "until": _WHEN}],
    "units": [_UNIT],
}
_CASE: Final = {"adults": 1, "children": 0, "region": _EVIL, "occurred_at": _WHEN}
_ANSWERS: Final[dict[str, Any]] = {
    "GET /v1/holds": {"holds": [_HOLD, _HOLD | {"status": _EVIL}]},
    "GET /v1/holds/h": _HOLD,
    "GET /v1/fallbacks": {"fallbacks": [_CASE | {"fallback": _EVIL, "accommodation": _EVIL, "reason": _EVIL}]},
    "GET /v1/waiting-list": {"entries": [_CASE | {"entry": _EVIL, "kind": _EVIL, "position": 1}]},
    "GET /v1/me": {"limits": [{"name": "search", "left": _EVIL, "again_at": None}]},
    "GET /v1/duty-list": {"entries": [{"region": _REGION, "phone": _EVIL, "organisation": _EVIL, "kind": _EVIL}]},
    "GET /v1/shelters": {"shelters": [_SHELTER]},
    "GET /v1/shelters/hazelaar-1": {"shelter": _SHELTER},
    "GET /v1/shelters/hazelaar-1/events": {
        "events": [{"event": "e", "type": _EVIL, "time": _WHEN, "data": {"unit": _EVIL}, "by": _EVIL, "undone": False}]
    },
    "GET /v1/waiting-holds": {"holds": [_SHELTER["holds_waiting"][0] | {"shelter": _EVIL, "minutes_waiting": 20}]},  # type: ignore[index]
    "GET /v1/alarms": {"alarms": [{"at": _WHEN, "what": _EVIL, "desk": _EVIL, "region": _EVIL, "reason": _EVIL, "count": 2}]},
    "GET /v1/proposals": {"proposals": [{"proposal": "p", "status": "proposed", "shelter": _EVIL, "what": _EVIL, "changes": [_EVIL]}]},
    "GET /v1/audit/search": {
        "records": [
            {
                "offset": 0,
                "logged_at": _WHEN,
                "record": {"event": _EVIL, "user": _EVIL, "role": _EVIL, "objects": [{"type": _EVIL, "id": _EVIL}]},
            }
        ],
        "next": 1,
        "searched_to": _WHEN,
        "end": 1,
        "last_check": {"at": _WHEN, "records": 1, "chains": 1, "broken_at": 1, "how": _EVIL},
    },
    "GET /v1/operator/state": {"national": {_EVIL: 1}, "dead_letters": 0, "positions": {_EVIL: 1}, "halted": {_EVIL: _EVIL}},
    "GET /v1/operator/dead-letters": {
        "dead_letters": [
            {"time": _WHEN, "reason": _EVIL, "detail": _EVIL, "topic": _EVIL, "partition": 0, "offset": 0, "type": _EVIL, "event": _EVIL}
        ],
        "complete": True,
    },
    "GET /v1/operator/partitions": {
        "partitions": [
            {"topic": _EVIL, "partition": 0, "position": 1, "behind": 1, "age_seconds": 9, "rebuilding": False, "halted": _EVIL}
            | {"compared_at": _WHEN, "compared_with_log_at": _WHEN, "differences": 1}
        ],
        "last_verify": None,
    },
    "GET /v1/me/trail": {
        "user": _EVIL,
        "records": [
            {"at": _WHEN, "event": _EVIL, "outcome": _EVIL, "objects": [{"type": kind, "id": _EVIL}], "what": [_EVIL]}
            for kind in ("hold", "shelter")
        ],
        "next": _EVIL,
        "searched_to": _WHEN,
    },
    "POST /v1/searches": {
        "search": _EVIL,
        "offers": [_OFFER | {"has": _HAS, "lacks": _HAS, "age_hours": 0, "same": 1}],
        "offers_until": _WHEN,
        "offers_left": 1,
        "more": _EVIL,
        "misses": [_OFFER | {"condition": _EVIL, "lacks": _HAS}],
        "call_first": {
            "shelters": _EVIL,
            "listed": [{"offer": _EVIL, "region": _REGION, "distance_km": None, "intake_phone": _EVIL, "kind": _EVIL}],
        },
    },
}
_PAGES: Final = {
    "worker": ("/tonight", "/holds/h", "/duty", "POST /find", "/trail"),
    "shelter": ("/shelter/1", "/shelter/1/history", "/trail"),
    "coordinator": ("/regions", "POST /regions/open"),
    "auditor": ("/audit",),
    "operator": ("/parts",),
}


@pytest.mark.parametrize(("role", "path"), [(role, path) for role, paths in _PAGES.items() for path in paths])
async def test_no_answer_becomes_markup(browser: Browser, number: Callable[[str], int], role: str, path: str) -> None:
    """With markup in every text that a service can answer, a page has no element and no attribute of it."""
    await browser.login(number(role))
    browser.services.answers |= {asked: (200, AGED | body) for asked, body in _ANSWERS.items()}
    browser.services.answers[f"POST /v1/shelters/{_EVIL}"] = 200, AGED | {"shelter": _SHELTER}
    if path.startswith("POST "):
        answer = await browser.send(path.removeprefix("POST "), {"adults": "1", "shelter": "hazelaar-1"})
    else:
        answer = await browser.client.get(path)
    if answer.status_code == 303:  # a search leads to its offers
        answer = await browser.client.get(answer.headers["location"])
    assert answer.status_code == 200
    assert "&lt;script&gt;alert(1)" in answer.text
    assert not [bad for bad in ("<script>alert", "<img src=x", "49</") if bad in answer.text]


_FIELDS: Final = (
    *("line", "adults", "near", "security", "kinds", "exclude_regions", "languages", "reason", "since", "event", "figure", "by"),
    *("user", "object"),
)
_REFUSAL: Final = {
    "type": _EVIL,
    "title": _EVIL,
    "errors": [{"pointer": _EVIL, "code": _EVIL, "detail": _EVIL}],
    "holds": [_SHELTER["holds_waiting"][0]],  # type: ignore[index]
    "stays": _UNIT["stays"],
}


_KINDS: Final = [("worker", "too-many"), ("worker", "taken"), ("shelter", "held"), *((role, _EVIL) for role in HOME)]


@pytest.mark.parametrize(("role", "kind"), _KINDS)
async def test_no_address_no_field_and_no_refusal_becomes_markup(
    browser: Browser, number: Callable[[str], int], role: str, kind: str
) -> None:
    """With markup in the address, in every field of a form, and in every word of a service's refusal, no page has any of it."""
    await browser.login(number(role))
    token, evil = await browser.token("/accessibility"), _EVIL.replace("/", "")  # a slash ends a part of a path
    browser.services.refusal = 409, _REFUSAL | {"type": f"urn:plek:problem:{kind}"}
    async with careless(browser) as client:
        shown = [await client.get(path, params=dict.fromkeys(_FIELDS, _EVIL)) for path in paths("GET", evil)]
        form = {"form_token": token, "free": "1", **dict.fromkeys(_FIELDS[2:], _EVIL), _EVIL: _EVIL}
        for sent in (form, form | {"adults": "1"}):
            shown += [await client.post(path, data=sent) for path in paths("POST", _EVIL)]
    assert any("&lt;script&gt;alert(1)" in answer.text for answer in shown)
    found = [(answer.url.path, bad) for answer in shown for bad in ("<script>alert", "<img src=x", "49</") if bad in answer.text]
    assert found == []
