"""Notices by the browser: who subscribes, what is stored, what is sent, and when a subscription ends."""

import base64
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jwt
import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from services.adapters.auth.pseudonyms import Pseudonyms
from services.adapters.durable_log import DurableLog
from services.adapters.http.sealed_tokens import SealedTokens
from services.adapters.observability.metrics import Metrics
from services.adapters.outbox import Outbox
from services.api.notices.due_notices import DueNotice
from services.api.notices.outbound_calls import OutboundCalls
from services.api.notices.subscriptions import KEPT_MS, MOST_EACH, Subscriptions, subscription_id
from services.api.notices.web_push import PushedBrowser, PushKey, WebPush
from services.domain.durations import DAY_MS
from tests.pager import listening_at
from tests.twins.memory_compacted_topic import MemoryCompactedTopic
from tests.twins.memory_log import MemoryLog

TOPIC = "plek.push-subscriptions"
AT_MS = 1_796_062_500_000
ENDPOINT = "https://push.example/send/abc"
HOSTS = frozenset({"push.example"})
KEY = base64.urlsafe_b64encode(bytes(range(32))).rstrip(b"=").decode()
NOTICE = DueNotice(id="msg_5e1d", kind="hold_waits", at=AT_MS, until=AT_MS + 1_800_000, shelter="berk", organisation="org-1")


@dataclass
class Process:
    """The subscriptions of one process over a log that several share."""

    folder: Path
    log: MemoryLog = field(default_factory=lambda: MemoryLog(partitions=1))
    now: int = AT_MS

    def __post_init__(self) -> None:
        outbox = Outbox(self.folder, self.log, Metrics())
        self.known = Subscriptions(
            topic=MemoryCompactedTopic(self.log, TOPIC),
            name=TOPIC,
            durable=DurableLog(self.log, outbox),
            seals=SealedTokens(Pseudonyms("key").sealing_key("push")),
            now=lambda: self.now,
        )

    def push(self, calls: OutboundCalls) -> WebPush:
        """Make the push of this process."""
        return WebPush(
            key=PushKey(KEY, "beheer@plek.example"),
            subscriptions=self.known,
            calls=calls,
            now=lambda: self.now,
            hosts=HOSTS,
        )


@pytest.fixture
def process(tmp_path: Path) -> Process:
    """Make a process."""
    return Process(tmp_path)


async def test_a_subscription_is_known_to_every_process_and_outlives_all(process: Process, tmp_path: Path) -> None:
    """What one process has taken another one that starts later knows, from the topic alone."""
    name, changed = await process.known.subscribe(ENDPOINT, ["den", "berk"])
    assert (name, changed) == (subscription_id(ENDPOINT), True)
    later = Process(tmp_path / "later", process.log)
    for shelter in ("berk", "den"):
        assert [each.endpoint for each in later.known.of(shelter)] == [ENDPOINT]
    assert later.known.of("els") == []


async def test_the_topic_holds_neither_address_nor_shelter(process: Process) -> None:
    """A record is sealed and its key is a digest: a reader of the topic learns nothing of either, and there is no person in it."""
    await process.known.subscribe(ENDPOINT, ["berk"])
    [record] = process.log.records[TOPIC, 0]
    assert record.key == subscription_id(ENDPOINT).encode()
    assert list(orjson.loads(record.value or b"")) == ["sealed"]
    assert b"push.example" not in (record.value or b"")
    assert b"berk" not in (record.value or b"")


async def test_a_page_that_is_opened_often_writes_once_a_day(process: Process) -> None:
    """The same again changes nothing within a day; after it, and for other shelters, it does, and these replace those of before."""
    assert [(await process.known.subscribe(ENDPOINT, ["berk"]))[1] for _ in range(2)] == [True, False]
    process.now += DAY_MS
    assert [(await process.known.subscribe(ENDPOINT, ["berk"]))[1] for _ in range(2)] == [True, False]
    assert (await process.known.subscribe(ENDPOINT, ["den"]))[1]
    assert (process.known.of("berk"), len(process.known.of("den"))) == ([], 1)


async def test_a_subscription_ends_30_days_after_the_page_was_open(process: Process, tmp_path: Path) -> None:
    """One that is not renewed is of no shelter any more, in a process that runs and in one that starts then."""
    await process.known.subscribe(ENDPOINT, ["berk"])
    process.now += KEPT_MS
    assert process.known.of("berk") == []
    assert Process(tmp_path / "later", process.log, process.now).known.of("berk") == []


async def test_only_a_caller_of_its_shelter_ends_a_subscription(process: Process, tmp_path: Path) -> None:
    """A caller of another shelter is answered as if there were none; after its end no process knows it."""
    name, _ = await process.known.subscribe(ENDPOINT, ["berk"])
    assert not await process.known.end(name, ["den"])
    assert await process.known.end(name, ["berk", "els"])
    assert not await process.known.end(name, ["berk"])
    assert Process(tmp_path / "later", process.log).known.of("berk") == []


async def test_a_shelter_has_a_bounded_number_of_browsers(process: Process) -> None:
    """When one more subscribes, the one that was renewed longest ago ends."""
    for number in range(MOST_EACH + 1):
        process.now += 1
        await process.known.subscribe(f"{ENDPOINT}{number}", ["berk"])
    assert [each.endpoint for each in process.known.of("berk")] == [f"{ENDPOINT}{number}" for number in range(1, MOST_EACH + 1)]


async def test_what_is_sealed_with_another_key_is_no_subscription(process: Process, tmp_path: Path) -> None:
    """A record that can't be opened is skipped; the rest is read."""
    await process.known.subscribe(ENDPOINT, ["berk"])
    other = Process(tmp_path / "other", process.log)
    other.known.seals = SealedTokens(Pseudonyms("other").sealing_key("push"))
    again = Subscriptions(
        topic=MemoryCompactedTopic(process.log, TOPIC), name=TOPIC, durable=other.known.durable, seals=other.known.seals, now=lambda: AT_MS
    )
    assert again.of("berk") == []


def _claims(authorization: str) -> tuple[dict[str, Any], str]:
    scheme, _, rest = authorization.partition(" ")
    assert scheme == "vapid"
    token, public = (part.strip().split("=", 1)[1] for part in rest.split(","))
    point = base64.urlsafe_b64decode(public + "=" * (-len(public) % 4))
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    claims: dict[str, Any] = jwt.decode(token, key, algorithms=["ES256"], options={"verify_aud": False, "verify_exp": False})
    return claims, public


async def _sent(process: Process, url: str) -> str:
    await process.known.subscribe(url, ["berk"])
    calls = OutboundCalls()
    push = process.push(calls)
    [known] = process.known.of("berk")
    assert push.receivers_of(NOTICE) == []  # without TLS it is no push service: the stand-in is called past the list
    try:
        return await PushedBrowser(known, push).send(NOTICE)
    finally:
        await calls.close()


async def test_a_push_is_an_empty_signed_post(process: Process) -> None:
    """It has no body; the header of RFC 8292 has the origin, an end within a day and the contact, signed with the key it states."""
    async with listening_at("/send/abc", answer=b"HTTP/1.1 201 Created\r\n\r\n") as service:
        process.now += 60_000
        assert await _sent(process, service.url) == "sent"
    [request] = service.received
    assert (request.line, request.body) == ("POST /send/abc HTTP/1.1", b"")
    assert {name: request.headers[name] for name in ("ttl", "urgency", "topic", "content-length")} == {
        "ttl": "1740",
        "urgency": "high",
        "topic": "plek",
        "content-length": "0",
    }
    claims, public = _claims(request.headers["authorization"])
    assert public == PushKey(KEY, "").public
    assert claims == {
        "aud": service.url.removesuffix("/send/abc"),
        "exp": AT_MS // 1_000 + 60 + 12 * 3_600,
        "sub": "mailto:beheer@plek.example",
    }
    for datum in (b"berk", b"org-1", b"hold", b"msg_"):
        assert datum not in request.whole


@pytest.mark.parametrize("status", [404, 410])
async def test_a_subscription_that_is_gone_is_removed(process: Process, status: int) -> None:
    """What the push service says is gone is gone here too, in the topic as well."""
    async with listening_at(answer=b"HTTP/1.1 %d Gone\r\nContent-Length: 0\r\n\r\n" % status) as service:
        assert await _sent(process, service.url) == "gone"
    assert process.known.of("berk") == []
    assert process.log.records[TOPIC, 0][-1].value is None


async def test_a_push_service_that_fails_keeps_the_subscription(process: Process) -> None:
    """An error of the push service is a failure, to be tried again."""
    async with listening_at(answer=b"HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n") as service:
        assert await _sent(process, service.url) == "failed"
    assert len(process.known.of("berk")) == 1


async def test_a_push_service_that_is_off_the_list_is_called_no_more(process: Process) -> None:
    """A subscription of before the list was changed has no receiver."""
    await process.known.subscribe(ENDPOINT, ["berk"])
    await process.known.subscribe("https://other.example/send", ["berk"])
    calls = OutboundCalls()
    assert len(process.push(calls).receivers_of(NOTICE)) == 1
    await calls.close()
