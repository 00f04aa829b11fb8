"""Seals the need of each start that the API logs with the key of its day, opens it for a person, and destroys keys that are due (ADR 52).

Guarantees: nothing waits for a key. A process makes its own key of a day when it first needs one, and the record of the key goes to the
log, or to the outbox, together with the first event that it seals. Without Kafka a start is sealed and taken all the same.
"""

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from services.adapters.clock import Clock
from services.adapters.kafka.compacted_topic import FollowedTopic
from services.adapters.kafka.ports import AppendableLog, LogRecord, LogUnavailableError
from services.adapters.needs.need_keys import NeedKey, day_of, destroyed_at, new_key, unwrapped, wrapped
from services.adapters.needs.sealed_needs import StartKind, StatedNeed, open_need, sealed_start
from services.domain.events.catalog import Event, FallbackStarted, SearchMade

_log = logging.getLogger(__name__)

_LOOK_S: Final = 60.0
NotOpened = Literal["forgotten", "unavailable"]
"""Why a need can't be shown: its key is destroyed, or it can't be read now."""


@dataclass(slots=True, kw_only=True)
class NeedSealing:
    """The keys that one process has made, and those that it reads in the topic; `secret` unwraps them."""

    topic: FollowedTopic
    name: str
    """Of the topic."""
    secret: bytes = field(repr=False)
    now: Clock
    _own: dict[str, NeedKey] = field(default_factory=dict, repr=False)
    _unwritten: set[str] = field(default_factory=set)

    def sealed(self, event: Event) -> Event:
        """Return an event as it is logged: a search or a fallback with its need sealed, any other as it is."""
        if not isinstance(event.data, SearchMade | FallbackStarted):
            return event
        return replace(event, data=sealed_start(event.data, self._key_of_today()))

    def unwritten(self) -> list[LogRecord]:
        """Return the records of the keys that are neither in the log nor in the outbox: they go there before what they seal."""
        return [LogRecord(self.name, name.encode(), wrapped(self._own[name], self.secret)) for name in sorted(self._unwritten)]

    def mark_written(self, records: list[LogRecord]) -> None:
        """Remember that records of keys were taken."""
        self._unwritten -= {record.key.decode() for record in records if record.key is not None}

    def open(self, kind: StartKind, case: str, key: str, text: str) -> StatedNeed | NotOpened:
        """Return what a worker stated in a case, or why that can't be shown."""
        if destroyed_at(key) <= self.now():
            return "forgotten"
        record = self.topic.get(key)
        found = self._own.get(key) or (unwrapped(key, record.value, self.secret) if record and record.value else None)
        if found is None:
            return "forgotten" if record is None and self.topic.ready else "unavailable"
        return open_need(kind, case, text, found) or "unavailable"

    def forget(self) -> list[str]:
        """Remove the keys that are due from memory; return the ids of those that stand in the topic."""
        now = self.now()
        self._own = {name: key for name, key in self._own.items() if now < destroyed_at(name)}
        self._unwritten &= self._own.keys()
        return [record.key for record in self.topic.records() if destroyed_at(record.key) <= now]

    def _key_of_today(self) -> NeedKey:
        today = day_of(self.now())
        for name, key in self._own.items():
            if name.startswith(today):
                return key
        key = new_key(self.now())
        self._own[key.id] = key
        self._unwritten.add(key.id)
        return key


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyDestruction:
    """Destroys the keys that are due; several processes may, as a key without a value stays one."""

    needs: NeedSealing
    log: AppendableLog

    async def run_forever(self) -> None:
        """Destroy what is due, until cancelled."""
        while True:
            with suppress(LogUnavailableError):  # in a minute
                await self.destroy()
            await asyncio.sleep(_LOOK_S)

    async def destroy(self) -> None:
        """Append a record without a value for each key that is due; LogUnavailableError."""
        due = self.needs.forget()
        if due and self.log.ready:
            await self.log.append([LogRecord(self.needs.name, key.encode(), None) for key in due])
            _log.info("keys of needs were destroyed", extra={"count": len(due)})
