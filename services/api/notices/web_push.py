"""Web Push (RFC 8030) without a payload: the browser shows a fixed text of the pages, and the push service sees that something was sent.

What is sent is an empty POST, signed with the key of the installation (VAPID, RFC 8292). Nothing of the notice is in it, not even its kind.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from services.adapters import base64url
from services.adapters.clock import Clock
from services.adapters.config.push_service import is_push_service
from services.adapters.outbox import OutboxError
from services.api.notices.dispatcher import Outcome, Receiver
from services.api.notices.due_notices import DueNotice
from services.api.notices.outbound_calls import OutboundCalls
from services.api.notices.subscriptions import PushSubscription, Subscriptions
from services.domain.durations import HOUR_S

_SUCCESS: Final = range(200, 300)
# RFC 8030, 7.3: the browser has ended the subscription
_GONE: Final = (404, 410)
# RFC 8292 allows a day
_SIGNED_S: Final = 12 * HOUR_S
# RFC 8030, 5.4: one that was not delivered yet is replaced, so a telephone that was off rings once
_REPLACES: Final = "plek"


class PushKey:
    """The key of an installation: browsers take notices from it alone."""

    def __init__(self, text: str, contact: str) -> None:
        self._private = ec.derive_private_key(int.from_bytes(base64url.to_bytes(text)), ec.SECP256R1())
        self.public = base64url.to_text(self._private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))
        """As browsers take it: the point, uncompressed, in base64url."""
        self._contact = f"mailto:{contact}"

    def authorization(self, endpoint: str, now_s: int) -> str:
        """Return the header that lets a call to an address pass (RFC 8292, section 3)."""
        parts = urlsplit(endpoint)
        claims = {"aud": f"{parts.scheme}://{parts.netloc}", "exp": now_s + int(_SIGNED_S), "sub": self._contact}
        return f"vapid t={jwt.encode(claims, self._private, algorithm='ES256')}, k={self.public}"


@dataclass(frozen=True, slots=True, kw_only=True)
class WebPush:
    """The browsers that are notified."""

    key: PushKey
    subscriptions: Subscriptions
    calls: OutboundCalls
    now: Clock
    hosts: Collection[str]

    def receivers_of(self, notice: DueNotice) -> list[Receiver]:
        """Return the browsers that are notified for the shelter of a notice; a push service that was taken off the list is not called."""
        known = self.subscriptions.of(notice.shelter)
        return [PushedBrowser(each, self) for each in known if is_push_service(each.endpoint, self.hosts)]


@dataclass(frozen=True, slots=True)
class PushedBrowser:
    """One browser that is notified."""

    subscription: PushSubscription
    push: WebPush

    @property
    def name(self) -> str:
        """Its subscription, by the first digits of its id."""
        return f"push/{self.subscription.id[:16]}"

    @property
    def channel(self) -> str:
        """The kind of receiver."""
        return "push"

    async def send(self, notice: DueNotice) -> Outcome:
        """Send a POST without a body; a subscription that the push service has no more is ended here too."""
        endpoint, now = self.subscription.endpoint, self.push.now()
        headers = {
            "authorization": self.push.key.authorization(endpoint, now // 1_000),
            "ttl": str(max(0, notice.until - now) // 1_000),
            "urgency": "high",
            "topic": _REPLACES,
        }
        status = await self.push.calls.post(endpoint, b"", headers)
        if status in _GONE:
            return await self._end()
        return "sent" if status in _SUCCESS else "failed"

    async def _end(self) -> Outcome:
        try:
            await self.push.subscriptions.end(self.subscription.id)
        except OutboxError:  # the next notice finds it gone again
            return "failed"
        return "gone"
