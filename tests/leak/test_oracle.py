"""The oracle finds every leak that is planted, in every place and every form, and nothing where there is none."""

import base64
import hashlib
import json
import uuid
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from redis.asyncio import Redis

from services.adapters.config.settings import Settings
from services.adapters.kafka.clients import new_producer
from services.adapters.kafka.topics import Topics, create_topics
from tests.controlled_servers import Kafka, Valkey
from tests.leak.canaries import around, marks, new_canaries
from tests.leak.detectors import citizen, found
from tests.leak.oracle import Oracle
from tests.leak.watch import Watch
from tests.servers import settings_for

STREET, POSTCODE, PHONE, NAME, COORDINATES = range(5)
Coded = Callable[[str], bytes]
PLANTED: list[tuple[str, int, Coded]] = [
    ("answer", STREET, str.encode),
    ("answer", NAME, lambda text: json.dumps({"detail": text}).encode()),
    ("answer", COORDINATES, lambda text: base64.b64encode(f"an offer at {text} that is sealed with nothing".encode())),
    ("header", STREET, lambda text: quote(text).encode()),
    ("header", NAME, lambda text: quote(quote(text)).encode()),
    ("log", PHONE, str.encode),
    ("log", POSTCODE, lambda text: text.lower().encode()),
    ("log", NAME, lambda text: text.upper().encode()),
    ("topic value", COORDINATES, str.encode),
    ("topic value", STREET, lambda text: text.encode().hex().encode()),
    ("topic value", NAME, lambda text: "".join(f"\\u{ord(letter):04x}" for letter in text).encode()),
    ("topic key", POSTCODE, lambda text: text.replace(" ", "").encode()),
    ("topic header", PHONE, lambda text: text.replace(" ", "").encode()),
    ("redis string", STREET, lambda text: base64.urlsafe_b64encode(b"x" + text.encode())),
    ("redis hash field", NAME, str.encode),
    ("redis hash value", COORDINATES, lambda text: text[::-1].encode()),
    ("redis zset", PHONE, str.encode),
    ("redis stream", STREET, lambda text: text.encode("utf-16-le")),
    ("redis list", POSTCODE, str.encode),
    ("redis key", STREET, lambda text: quote(text).encode()),
]


def test_there_are_twenty() -> None:
    """As many as the issue asks for."""
    assert len(PLANTED) == 20


async def _plant(oracle: Oracle, place: str, data: bytes, settings: Settings, log: Path) -> None:
    """Put bytes into one place, as a fault of ours would."""
    kind, _, what = place.partition(" ")
    if kind in {"answer", "header"}:
        headers = {"X-Found": data.decode()} if kind == "header" else {}
        request = httpx.Request("GET", "http://plek/v1/areas")
        await oracle.heard(httpx.Response(200, headers=headers, content=b"{}" if kind == "header" else data, request=request))
    elif kind == "log":
        log.write_bytes(b'{"message": "' + data + b'"}\n')
    elif kind == "topic":
        parts = {"value": data if what == "value" else b"{}", "key": data if what == "key" else b"berk"}
        marks = [("x", data)] if what == "header" else []
        async with new_producer(settings.brokers) as producer:
            await producer.send_and_wait(Topics(settings.prefix).demand_events, headers=marks, **parts)
    else:
        async with Redis.from_url(settings.redis) as redis:
            await _into_redis(redis, what, f"{settings.prefix}:{{0}}:x".encode(), data)


async def _into_redis(redis: Any, what: str, key: bytes, data: bytes) -> None:
    match what:
        case "string":
            await redis.set(key, data)
        case "hash field":
            await redis.hset(key, data.decode(), b"1")
        case "hash value":
            await redis.hset(key, "a", data)
        case "zset":
            await redis.zadd(key, {data: 1.0})
        case "stream":
            await redis.xadd(key, {b"shelter": data})
        case "list":
            await redis.rpush(key, data)
        case _:
            await redis.set(key + b":" + data, b"1")


@pytest.mark.e2e
@pytest.mark.parametrize("leak", PLANTED, ids=[f"{number}-{place}" for number, (place, _, _) in enumerate(PLANTED)])
async def test_it_finds_what_was_planted(leak: tuple[str, int, Coded], kafka: Kafka, valkey: Valkey, prefix: str, tmp_path: Path) -> None:
    """One leak, planted where and how it is said: found, and its place is named without the leak itself."""
    place, number, coded = leak
    oracle, settings, log = Oracle(), settings_for(kafka, valkey, prefix), tmp_path / "api.log"
    await create_topics(settings.brokers, prefix, 1)
    await oracle.sweep(settings, [log], [])
    assert oracle.leaks == []
    await _plant(oracle, place, coded(oracle.canaries[number].text), settings, log)
    await oracle.sweep(settings, [log], [])
    kind = oracle.canaries[number].kind
    assert any(each.what == f"the {kind} that was sent in" for each in oracle.leaks)
    assert not any(oracle.canaries[number].text in f"{each.where} {each.what}" for each in oracle.leaks)
    with pytest.raises(AssertionError):
        oracle.insist()


_KEPT: list[tuple[str, Callable[[Path, str], None]]] = [
    ("published.json", lambda file, text: _write(file, json.dumps({"snapshot": text}))),
    ("report.html", lambda file, text: _write(file, f"<p>{escape(text)}</p>")),
    ("figures.csv", lambda file, text: _write(file, f"region;{text};7")),
    ("outbox-1", lambda file, text: _write(file, base64.b64encode(text.encode()).decode())),
    ("archive.parquet", lambda file, text: pq.write_table(pa.table({"value": [b"{}", text.encode()]}), file, compression="zstd")),
    ("rows.parquet", lambda file, text: pq.write_table(pa.table({"reason": ["full", text]}), file, compression="zstd")),
    ("named.parquet", lambda file, text: pq.write_table(pa.table({text: [1]}), file)),
    ("torn.parquet", lambda file, text: _write(file, f"PAR1{text}")),
    ("api.log", lambda file, text: _write(file, text.upper())),
]


def _write(file: Path, text: str) -> None:
    file.write_text(text, "utf-8")


@pytest.mark.parametrize("kept", _KEPT, ids=[name for name, _ in _KEPT])
@pytest.mark.parametrize("number", range(5))
def test_it_finds_what_was_planted_in_a_file(kept: tuple[str, Callable[[Path, str], None]], number: int, tmp_path: Path) -> None:
    """Whatever a service keeps on the disk, packed or not: at first there is nothing, then there is, and it is told once."""
    (name, plant), watch = kept, Watch()
    watch.left_below(tmp_path)
    watch.oracle.insist()
    plant(tmp_path / name, watch.oracle.texts[number])
    watch.left_below(tmp_path)
    kind = watch.oracle.canaries[number].kind
    assert {leak.what for leak in watch.oracle.leaks} >= {f"the {kind} that was sent in"}
    with pytest.raises(AssertionError):
        watch.oracle.insist()
    watch.left_below(tmp_path)
    watch.oracle.insist()


def test_every_form_has_a_mark() -> None:
    """What is cut out around the marks has every form whole, wherever in something long it stands."""
    for _ in range(20):
        for canary in new_canaries():
            signs = marks(canary.mark)
            for form in canary.forms:
                data = b"x" * 1_000 + form + b"x" * 1_000
                assert any(form in near for near in around(data, signs)), canary.kind


@pytest.mark.parametrize(
    "text",
    [
        '{"detail": "3512 JE"}',
        "bel 3512JE",
        "06-12345678",
        "+31 6 1234 5678",
        "0031612345678",
        '"phone": "030-2345678"',
        "bsn 111222333",
        '{"id": 123456782}',
        '{"intake_phone": "0800-000001"}',
    ],
)
def test_what_looks_like_a_person_is_found_whoever_wrote_it(text: str) -> None:
    """Postcodes, telephone numbers, citizen numbers."""
    assert list(found(text.encode(), intake_phone=False))


def test_nothing_is_found_where_there_is_nothing() -> None:
    """Ten thousand ids, hashes, sealed tokens, times, offsets and pseudonyms: not one false alarm."""
    rows = []
    for number in range(10_000):
        digest = hashlib.sha256(str(number).encode())
        token = base64.urlsafe_b64encode(digest.digest() * 4).decode()
        made = uuid.UUID(bytes=digest.digest()[:16], version=4)
        rows.append(
            f'{{"id": "{made}", "hash": "{digest.hexdigest()}", "token": "{token}", "offset": {number}, "ms": {1_790_000_000_000 + number}'
        )
        rows.append(f'"at": "2026-11-24T05:{number % 60:02}:00.{number:06}Z", "age": 0.{number:06}, "counts": [1, {number % 40}]}}')
    data = "\n".join(rows).encode()
    assert list(found(data, intake_phone=False)) == []
    oracle = Oracle()
    oracle.look("answer", "an answer", data)
    oracle.insist()


def test_the_intake_phone_is_found_where_it_may_not_be() -> None:
    """In the answer of a granted hold and of one's own shelter it may stand; in the list of areas it may not."""
    data = b'{"shelter": "berk", "intake_phone":"0800-000001"}'
    assert (list(found(data, intake_phone=True)), list(found(data, intake_phone=False))) == ([], ["a telephone number"])


@pytest.mark.parametrize(("digits", "yes"), [("111222333", True), ("123456782", True), ("123456789", False), ("000000000", False)])
def test_the_eleven_test(digits: str, *, yes: bool) -> None:
    """As the citizen service has it."""
    assert citizen(digits) == yes
