"""The pager of an organisation: one signed POST a notice, in the scheme of Standard Webhooks. It says what kind, which id, and since when.

No name, number, region, unit or person is in it: a reader of the pager learns that someone has to look at the page, and nothing more.
"""

import base64
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import orjson

from services.adapters.clock import Clock
from services.adapters.config.notice_hooks import NoticeHook
from services.adapters.rfc3339 import show_ms
from services.api.notices.dispatcher import Outcome, Receiver
from services.api.notices.due_notices import DueNotice
from services.api.notices.outbound_calls import OutboundCalls

_SUCCESS: Final = range(200, 300)


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhooks:
    """The hooks of all organisations."""

    hooks: Mapping[str, NoticeHook]
    calls: OutboundCalls
    now: Clock

    def receivers_of(self, notice: DueNotice) -> list[Receiver]:
        """Return the hook of the organisation that a notice is for, if it has one."""
        hook = self.hooks.get(notice.organisation)
        return [] if hook is None else [_Pager(notice.organisation, hook, self.calls, self.now)]


@dataclass(frozen=True, slots=True)
class _Pager:
    organisation: str
    hook: NoticeHook
    calls: OutboundCalls
    now: Clock

    @property
    def name(self) -> str:
        return f"webhook/{self.organisation}"

    @property
    def channel(self) -> str:
        return "webhook"

    async def send(self, notice: DueNotice) -> Outcome:
        body = body_of(notice)
        status = await self.calls.post(self.hook.url, body, signed_headers(self.hook.secret, notice.id, self.now() // 1_000, body))
        return "sent" if status in _SUCCESS else "failed"


def body_of(notice: DueNotice) -> bytes:
    """Return all that leaves Plek of a notice; the same at each attempt."""
    return orjson.dumps({"type": notice.kind, "id": notice.id, "timestamp": show_ms(notice.at)})


def signed_headers(secret: bytes, name: str, at_s: int, body: bytes) -> dict[str, str]:
    """Return the headers of an attempt at `at_s` (seconds since 1970): a receiver refuses an old one, so none can be replayed later."""
    signature = hmac.digest(secret, b"%s.%d.%s" % (name.encode(), at_s, body), "sha256")
    return {
        "content-type": "application/json",
        "webhook-id": name,
        "webhook-timestamp": str(at_s),
        "webhook-signature": f"v1,{base64.b64encode(signature).decode()}",
    }
