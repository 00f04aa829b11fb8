"""The leak oracle: shown everything that leaves Plek or stays in it, it tells what ought not to be there. It never repeats it."""

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from services.adapters.config.kafka_connection import KafkaConnection
from services.adapters.config.settings import Settings
from tests.leak import detectors, places
from tests.leak.canaries import Canary, around, marks, new_canaries

# Where the intake phone of a shelter may be told: its own page, a hold that was granted, the list of whom to phone, and the contract, whose
# examples have the one of the golden examples.
_INTAKE_PHONE = ("/v1/proposals", "/v1/shelters", "/v1/holds", "/v1/duty-list", "/v1/openapi.json")
_STREAM = "text/event-stream"
# A service that is stopped or frozen tells nothing.
_METRICS_S = 1.0
# A broker that is killed meanwhile is no reason to wait for ever.
_TOPICS_S = 120.0


def _all_of_them(_: str) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Leak:
    """Something that ought not to be where it was found."""

    where: str
    what: str


@dataclass(slots=True)
class Oracle:
    """Remembers what was sent in, and what it found. `looked` counts the bytes of each kind of place, so that it can't look at nothing.

    `written`: the values that a test wrote into the log itself, past the gateway. Those alone stand there, and in the archive, which has
    what the log has; whatever is made of them is looked at.
    """

    canaries: list[Canary] = field(default_factory=new_canaries)
    leaks: list[Leak] = field(default_factory=list)
    looked: dict[str, int] = field(default_factory=dict)
    written: set[bytes] = field(default_factory=set)
    _signs: frozenset[bytes] = field(init=False)

    def __post_init__(self) -> None:
        self._signs = marks(self.canaries[0].mark)

    @property
    def texts(self) -> list[str]:
        """What is to be sent in, each by itself."""
        return [canary.text for canary in self.canaries]

    @property
    def text(self) -> str:
        """All of them in one line: as good to send, and five times as quick."""
        return " | ".join(self.texts)

    def look(self, kind: str, where: str, data: bytes, *, intake_phone: bool = False) -> None:
        """Look for canaries, and for what looks like one."""
        self.seek(kind, where, data)
        self.leaks += [Leak(where, what) for what in detectors.found(data, intake_phone=intake_phone)]

    def seek(self, kind: str, where: str, data: bytes) -> None:
        """Look for canaries only: in what is made for people, and in what others wrote, any number may stand."""
        self.looked[kind] = self.looked.get(kind, 0) + len(data)
        near = list(around(data, self._signs))
        self.leaks += [Leak(where, f"the {canary.kind} that was sent in") for canary in self.canaries if _has(near, canary)]

    async def heard(self, response: httpx.Response) -> None:
        """Look at an answer; a hook of httpx. A stream has no end to wait for, and is looked at by who reads it."""
        path = response.request.url.path
        headers = "\n".join(f"{name}: {value}" for name, value in response.headers.items() if name != "date")
        self.look("header", f"header of {path[:3]}…", headers.encode())
        if not response.headers.get("content-type", "").startswith(_STREAM):
            await response.aread()
            allowed = response.request.url.path.startswith(_INTAKE_PHONE) and response.status_code < 300
            self.look("answer", f"answer {response.status_code}", response.content, intake_phone=allowed)

    @property
    def hooks(self) -> dict[str, list[Any]]:
        """The event hooks of an httpx client all whose answers are looked at."""
        return {"response": [self.heard]}

    async def measure(self, url: str) -> None:
        """Look at the metrics of a service that runs."""
        with suppress(httpx.HTTPError):
            async with httpx.AsyncClient(trust_env=False, timeout=_METRICS_S) as client:
                self.look("metrics", "metrics", (await client.get(f"{url}/metrics")).content)

    async def read_topics(self, brokers: KafkaConnection, wanted: Callable[[str], bool] = _all_of_them, *, all_ours: bool = False) -> None:
        """Look at what is in topics; if no test wrote there itself, also for what looks like a canary: made-up ids do, now and then."""
        async with asyncio.timeout(_TOPICS_S):
            async for where, data in places.topics(brokers, wanted, self.written.__contains__):
                self._judge("topic", where, data, all_ours=all_ours)

    async def read_redis(self, url: str, wanted: Callable[[str], bool] = _all_of_them, *, all_ours: bool = False) -> None:
        """Look at what is in Redis under some prefixes, as at topics: what is there was made of them."""
        async for where, data in places.redis(url, wanted):
            self._judge("redis", where, data, all_ours=all_ours)

    def _judge(self, kind: str, where: str, data: bytes, *, all_ours: bool) -> None:
        if all_ours:
            self.look(kind, where, data, intake_phone=True)
        else:
            self.seek(kind, where, data)

    def read_log(self, log: Path) -> None:
        """Look at what a service of ours has said."""
        self.look("log", f"log {log.name}", log.read_bytes() if log.exists() else b"")

    def read_file(self, file: Path) -> None:
        """Look at what is in a file."""
        for data in places.contents(file, self.written.__contains__):
            self.seek("file", f"file {file.name}", data)

    async def sweep(self, settings: Settings, logs: Iterable[Path], urls: Iterable[str]) -> None:
        """Look at what stays of a world: log files, metrics, its topics, and all that Redis holds under its prefix."""
        for log in logs:
            self.read_log(log)
        for url in urls:
            await self.measure(url)
        await self.read_topics(settings.brokers, lambda name: name.startswith(f"{settings.prefix}."), all_ours=True)
        await self.read_redis(settings.redis, lambda prefix: prefix == settings.prefix, all_ours=True)

    def insist(self) -> None:
        """Fail when anything was found since the last time."""
        found, self.leaks = self.leaks, []
        assert not found, sorted({(leak.where, leak.what) for leak in found})


def _has(near: Iterable[bytes], canary: Canary) -> bool:
    return any(form in data for data in near for form in canary.forms)
