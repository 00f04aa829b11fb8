"""CloudEvents in binary mode over HTTP: headers become the envelope, and the checks of structured mode follow."""

from typing import Any

import orjson
import pytest

from services.adapters.codec.event_codec import RefusedEvent
from services.gateway.binary_mode import JSON, read_request
from services.gateway.cloudevents_body import BATCH, ONE
from tests.gateway.conftest import Desk
from tests.sent import admitted, http_headers

_SENT = admitted()
_FIELDS = [(name.encode(), text.encode()) for name, text in http_headers(_SENT).items()]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (b"Euro%20%E2%82%AC%20%F0%9F%98%80", "Euro \u20ac \U0001f600"),
        (b"%62erk", "berk"),
        (b"%2562erk", "%62erk"),
        (b"%e2%82%ac", "\u20ac"),
        (b'"a \\"quoted\\" \\\\ text"', 'a "quoted" \\ text'),
        (b'"%62erk"', "berk"),
        (b'half"quoted"', 'half"quoted"'),
        (b"", ""),
        (b"100%", "100%"),
        (b"%C0%A0", None),
        (b"%FF", None),
        (b"\xe2\x82\xac", None),
    ],
)
def test_a_header_is_decoded_as_the_binding_says(written: bytes, read: str | None) -> None:
    """Quotes are removed, then one round of percent-decoding follows; bytes that are no UTF-8 are refused (HTTP binding, 3.1.3.2)."""
    envelope = read_request([(b"ce-id", written)], {})
    assert (None if isinstance(envelope, RefusedEvent) else envelope["id"]) == read


def test_the_envelope_is_that_of_structured_mode() -> None:
    """The envelope has the attributes of the contract, the content type and the data; what else stands in a header is ignored."""
    more = [(b"ce-comment", b"a"), (b"ce-comment", b"b"), (b"ce-data", b"{}"), (b"ce-datacontenttype", b"text/plain"), (b"host", b"plek")]
    assert read_request([*_FIELDS, *more], _SENT["data"]) == _SENT | {"datacontenttype": JSON}


async def test_an_event_in_binary_mode_is_accepted(desk: Desk) -> None:
    """An event with its attributes in headers is appended in the canonical form that structured mode gives it."""
    headers = desk.callers.shelter("berk")
    await desk.post(headers, ONE, orjson.dumps(_SENT))
    answer = await desk.post(headers | http_headers(_SENT), f"{JSON}; charset=utf-8", orjson.dumps(_SENT["data"]))
    assert answer.status_code == 200
    (_, first), (_, second) = desk.records
    assert first == second


@pytest.mark.parametrize(
    ("headers", "data", "expected"),
    [
        (http_headers({"id": _SENT["id"]}), _SENT["data"], {("/specversion", "missing"), ("/type", "missing"), ("/time", "missing")}),
        (http_headers(_SENT | {"time": "now"}), _SENT["data"], {("/time", "bad_format")}),
        (http_headers(_SENT), None, {("/data", "not_an_object")}),
        (http_headers(_SENT), _SENT, {("/data", "unknown_member")}),
        (http_headers(_SENT) | {"ce-id": "%FF"}, _SENT["data"], {("/id", "bad_format")}),
        (http_headers(_SENT | {"id": "19870302"}), _SENT["data"], {("/id", "bad_id")}),
    ],
)
async def test_all_that_is_wrong_is_answered(desk: Desk, headers: dict[str, str], data: Any, expected: set[tuple[str, str]]) -> None:
    """The errors of an event in binary mode are those of structured mode, all at once."""
    answer = await desk.post(desk.callers.shelter("berk") | headers, JSON, orjson.dumps(data))
    assert answer.status_code == 400
    assert expected <= {(error["pointer"], error["code"]) for error in answer.json()["errors"]}
    assert desk.records == []


@pytest.mark.parametrize("name", ["ce-subject", "ce-id", "CE-Source", "ce-type", "ce-time", "ce-specversion"])
@pytest.mark.parametrize("same", [True, False])
async def test_a_doubled_header_is_refused(desk: Desk, name: str, same: bool) -> None:  # noqa: FBT001  a parameter
    """An attribute in two headers is refused, whichever of them is the caller's own: a proxy could have looked at the other one."""
    fields = [*http_headers(_SENT).items(), (name, http_headers(_SENT)[name.lower()] if same else "den")]
    headers = [*desk.callers.shelter("berk").items(), ("Content-Type", JSON)]
    for doubled in (fields, fields[::-1]):
        answer = await desk.client.post("/v1/events", headers=[*headers, *doubled], content=orjson.dumps(_SENT["data"]))
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "repeated_header")
    assert desk.records == []


async def test_beside_a_structured_event_headers_are_not_looked_at(desk: Desk) -> None:
    """Headers that name an own shelter open no way for a structured event of another's, and those of another's spoil no own event."""
    own, other = desk.callers.shelter("berk"), admitted(shelter="den")
    for media_type, body in ((ONE, other), (BATCH, [other])):
        assert (await desk.post(own | http_headers(_SENT), media_type, orjson.dumps(body))).status_code == 403
    assert (await desk.post(own | http_headers(other), ONE, orjson.dumps(_SENT))).status_code == 200


async def test_a_structured_body_is_no_data(desk: Desk) -> None:
    """The subject of the headers and the shelter of the data are both looked at: neither alone makes another's event an own one."""
    own, other = desk.callers.shelter("berk"), admitted(shelter="den")
    mixed = [(admitted(), other["data"]), (other, admitted()["data"]), (_SENT, other)]
    answers = [await desk.post(own | http_headers(envelope), JSON, orjson.dumps(data)) for envelope, data in mixed]
    assert [answer.status_code for answer in answers] == [403, 403, 400]
    assert desk.records == []


async def test_json_without_attributes_is_no_event(desk: Desk) -> None:
    """JSON without any `ce-*` header is a media type that is not accepted, as before."""
    answer = await desk.post(desk.callers.shelter("berk"), JSON, orjson.dumps(_SENT))
    assert answer.status_code == 415
