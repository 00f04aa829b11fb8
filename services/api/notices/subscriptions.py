"""Which browsers are notified for which shelters: followed from the topic `plek.push-subscriptions`; a wiped Redis loses none.

A subscription has an address at a push service and the shelters of who made it, and no person. It is sealed: a reader of the topic learns
neither. It outlives the session that made it, for its use is when no one is logged in: it ends with the button, with a log-out in that
browser, with an answer of the push service that it is gone, and 30 days after the page was last open there.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from services.adapters.clock import Clock
from services.adapters.durable_log import DurableLog
from services.adapters.http.sealed_tokens import SealedTokens
from services.adapters.kafka.compacted_topic import FollowedTopic, KeyedRecord
from services.adapters.kafka.ports import LogRecord
from services.domain.durations import DAY_MS

KEPT_MS: Final = 30 * DAY_MS
"""How long a subscription lasts that is not renewed; the topic keeps its records as long."""
MOST_EACH: Final = 20
"""More browsers than a shelter has: the one that was renewed longest ago ends when another comes."""
# A page that is opened often renews once a day
_RENEWED_MS: Final = DAY_MS
_KIND: Final = "push"


@dataclass(frozen=True, slots=True)
class PushSubscription:
    """Where a browser is notified, for which shelters, and when that was last renewed (ms)."""

    id: str
    endpoint: str = field(repr=False)
    shelters: tuple[str, ...]
    at: int


def subscription_id(endpoint: str) -> str:
    """Return the id of the subscription of an address: what its browser can compute, and nothing that leads back."""
    return hashlib.sha256(endpoint.encode()).hexdigest()


@dataclass(slots=True, kw_only=True)
class Subscriptions:
    """The subscriptions that one process knows."""

    topic: FollowedTopic
    name: str
    """Of the topic."""
    durable: DurableLog
    seals: SealedTokens
    now: Clock
    _known: dict[str, PushSubscription] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for record in self.topic.records():
            self._hear(record)
        self.topic.listen(self._hear)

    def of(self, shelter: str) -> list[PushSubscription]:
        """Return the subscriptions for a shelter that have not ended, the one renewed longest ago first."""
        since = self.now() - KEPT_MS
        return sorted((each for each in self._known.values() if shelter in each.shelters and each.at > since), key=lambda each: each.at)

    async def subscribe(self, endpoint: str, shelters: Iterable[str]) -> tuple[str, bool]:
        """Notify a browser for these shelters alone from now on; return the id, and whether that changed anything. OutboxError."""
        made = PushSubscription(subscription_id(endpoint), endpoint, tuple(sorted(shelters)), self.now())
        before = self._known.get(made.id)
        if before and before.shelters == made.shelters and made.at - before.at < _RENEWED_MS:
            return made.id, False
        sealed = self.seals.seal(_KIND, {"endpoint": made.endpoint, "shelters": made.shelters, "at": made.at})
        await self._write(made.id, orjson.dumps({"sealed": sealed}))
        self._known[made.id] = made  # at once in this process; the others follow
        for each in {old.id for shelter in made.shelters for old in self.of(shelter)[:-MOST_EACH]}:
            await self.end(each)
        return made.id, True

    async def end(self, name: str, shelters: Iterable[str] | None = None) -> bool:
        """End a subscription, of one of these shelters; return whether there was one. OutboxError."""
        known = self._known.get(name)
        if known is None or (shelters is not None and set(known.shelters).isdisjoint(shelters)):
            return False
        await self._write(name, None)
        self._known.pop(name, None)
        return True

    async def _write(self, name: str, value: bytes | None) -> None:
        await self.durable.append_or_queue([LogRecord(self.name, name.encode(), value)])

    def _hear(self, record: KeyedRecord) -> None:
        known = self._read(record)
        if known is None:
            self._known.pop(record.key, None)
        else:
            self._known[record.key] = known

    def _read(self, record: KeyedRecord) -> PushSubscription | None:
        """Read a record; None where it ends one, is too old, or was sealed with another key."""
        try:
            stored: Mapping[str, Any] = self.seals.open(_KIND, orjson.loads(record.value or b"{}")["sealed"]) or {}
            made = PushSubscription(record.key, stored["endpoint"], tuple(stored["shelters"]), stored["at"])
        except (ValueError, KeyError, TypeError):
            return None
        return made if made.at > self.now() - KEPT_MS else None
