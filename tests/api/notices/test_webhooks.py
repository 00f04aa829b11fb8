"""What leaves Plek to an organisation's pager: a signed body of three members, to the address of its organisation alone."""

import asyncio
import base64
import hashlib
import hmac
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from services.adapters.clock import now_ms
from services.adapters.config.notice_hooks import NoticeHook, read_hooks
from services.api.notices.due_notices import DueNotice
from services.api.notices.outbound_calls import OutboundCalls
from services.api.notices.webhooks import Webhooks, body_of, signed_headers
from tests.pager import listening_at

SECRET = b"0123456789abcdef01234567"
AT_MS = 1_796_062_500_000
NOTICE = DueNotice(id="msg_5e1d", kind="hold_waits", at=AT_MS, until=AT_MS + 1_800_000, shelter="berk", organisation="org-1")


def _hooks(url: str = "https://pager.example/plek", secret: str = "whsec_" + base64.b64encode(SECRET).decode()) -> str:
    return orjson.dumps({"org-1": {"url": url, "secret": secret}}).decode()


def test_a_body_has_a_kind_an_id_and_a_time() -> None:
    """It has these three members, and neither the shelter nor the organisation."""
    assert body_of(NOTICE) == b'{"type":"hold_waits","id":"msg_5e1d","timestamp":"2026-11-30T18:15:00Z"}'
    assert orjson.loads(body_of(replace(NOTICE, shelter="den", organisation="org-2"))) == orjson.loads(body_of(NOTICE))


def test_a_signature_is_that_of_standard_webhooks() -> None:
    """HMAC-SHA256 in base64 over id, time in seconds and body, with dots between, worked out here by hand."""
    headers = signed_headers(SECRET, "msg_5e1d", 1_796_062_501, b"{}")
    digest = hmac.new(SECRET, b"msg_5e1d.1796062501.{}", hashlib.sha256).digest()
    assert headers == {
        "content-type": "application/json",
        "webhook-id": "msg_5e1d",
        "webhook-timestamp": "1796062501",
        "webhook-signature": "v1," + base64.b64encode(digest).decode(),
    }


def test_a_known_vector_of_the_scheme_verifies() -> None:
    """The example of the scheme's own libraries has this signature."""
    secret = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    headers = signed_headers(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, b'{"test": 2432232314}')
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_example_of_the_page_for_integrators_verifies_what_is_sent() -> None:
    """The function in docs/notices.md accepts a notice of now, and neither a changed nor an old one; its example has a true signature."""
    page = (Path(__file__).parents[3] / "docs" / "notices.md").read_text("utf-8")
    example: dict[str, Any] = {}
    exec(page.partition("```python\n")[2].partition("```")[0], example)  # noqa: S102  our own page
    verify, secret, now = example["is_from_plek"], "whsec_" + base64.b64encode(SECRET).decode(), now_ms() // 1_000
    body = body_of(NOTICE)
    assert verify(signed_headers(SECRET, NOTICE.id, now, body), body, secret)
    assert not verify(signed_headers(SECRET, NOTICE.id, now, body), body.replace(b"hold_waits", b"silent"), secret)
    assert not verify(signed_headers(SECRET, NOTICE.id, now - 600, body), body, secret)

    head, _, shown = page.partition("POST /plek HTTP/1.1\n")[2].partition("```")[0].rstrip("\n").partition("\n\n")
    headers = dict(line.split(": ", 1) for line in head.splitlines())
    key = base64.b64decode(page.partition("whsec_")[2].partition('"')[0])
    assert headers == signed_headers(key, headers["webhook-id"], int(headers["webhook-timestamp"]), shown.encode())


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("no json", "JSON object"),
        ("[]", "JSON object"),
        ('{"Org 1": {"url": "https://a.example", "secret": "whsec_"}}', "code"),
        ('{"org-1": "https://a.example"}', "`url` and a `secret`"),
        ('{"org-1": {"url": "https://a.example"}}', "`url` and a `secret`"),
        (_hooks("http://pager.example"), "https://"),
        (_hooks("ftp://127.0.0.1/"), "https://"),
        (_hooks("https://user:word@pager.example/"), "without user"),
        (_hooks("https:///path"), "absolute"),
        (_hooks("https://pager.example/#part"), "fragment"),
        (_hooks("https://pager.example/a b"), "absolute"),
        (_hooks("https://pager.example:99999/"), "absolute"),
        (_hooks(secret="0123456789abcdef01234567"), "whsec_"),
        (_hooks(secret="whsec_c2hvcnQ="), "24 to 64"),
        (_hooks(secret="whsec_not base64"), "base64"),
    ],
)
def test_a_wrong_hook_is_refused_at_the_start(text: str, rule: str) -> None:
    """The error names the rule, and repeats neither address nor secret."""
    with pytest.raises(ValueError, match=rule) as wrong:
        read_hooks(text)
    assert "pager" not in str(wrong.value)
    assert "0123456789abcdef" not in str(wrong.value)


def test_a_hook_shows_neither_address_nor_secret() -> None:
    """A hook that is printed or logged says nothing; on this machine it may do without TLS."""
    hooks = read_hooks(_hooks("http://127.0.0.1:9/plek"))
    assert hooks == {"org-1": NoticeHook("http://127.0.0.1:9/plek", SECRET)}
    assert repr(hooks["org-1"]) == "NoticeHook()"


async def _sent(url: str) -> str:
    calls = OutboundCalls()
    webhooks = Webhooks(hooks={"org-1": NoticeHook(url, SECRET)}, calls=calls, now=lambda: AT_MS + 1_500)
    try:
        [receiver] = webhooks.receivers_of(NOTICE)
        return await receiver.send(NOTICE)
    finally:
        await calls.close()


async def test_a_call_is_a_signed_post_and_its_answer_decides() -> None:
    """The request has the headers of the scheme and the body; 204 is sent."""
    async with listening_at() as pager:
        assert await _sent(pager.url) == "sent"
    [request] = pager.received
    assert (request.line, request.body) == ("POST /plek HTTP/1.1", body_of(NOTICE))
    expected = signed_headers(SECRET, "msg_5e1d", AT_MS // 1_000 + 1, request.body)
    assert {name: request.headers[name] for name in expected} == expected
    assert b"berk" not in request.whole
    assert b"org-1" not in request.whole


@pytest.mark.parametrize("status", [b"302 Found\r\nLocation: /elsewhere", b"400 Bad Request", b"410 Gone", b"500 Internal Server Error"])
async def test_no_other_answer_counts_and_no_redirect_is_followed(status: bytes) -> None:
    """Whatever is no success is a failure, and one request was made."""
    async with listening_at(answer=b"HTTP/1.1 " + status + b"\r\nContent-Length: 0\r\n\r\n") as pager:
        assert await _sent(pager.url) == "failed"
    assert len(pager.received) == 1


async def test_an_endless_body_is_not_read() -> None:
    """A receiver that announces a body and never ends it is done once its status is there."""
    endless = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\nab"
    async with listening_at(answer=endless, stays_open=True) as pager, asyncio.timeout(5):
        assert await _sent(pager.url) == "sent"


async def test_nothing_listens() -> None:
    """A refused connection, and an answer that is no HTTP, are failures and raise nothing."""
    async with listening_at(answer=b"no http at all\r\n\r\n") as pager:
        assert await _sent(pager.url) == "failed"
    assert await _sent(pager.url) == "failed"


def test_an_organisation_without_a_hook_has_no_receiver() -> None:
    """Notices of one organisation never go to another's pager."""
    webhooks = Webhooks(hooks=read_hooks(_hooks()), calls=OutboundCalls(), now=lambda: 0)
    assert webhooks.receivers_of(replace(NOTICE, organisation="org-2")) == []
