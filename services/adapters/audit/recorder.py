"""Writes the audit entries of a service: an answer goes out when its entry is in the audit log, or on disk on its way there.

Every route declares its audit event, or why it has none (`route_policy.py`); a success response without its entry is replaced by a fault.
"""

import logging
from contextlib import suppress
from typing import Any

from services.adapters.audit.records import Entry, Happening, Object
from services.adapters.audit.writer import AuditWriter
from services.adapters.auth.authentication import Caller
from services.adapters.auth.pseudonyms import Pseudonyms
from services.adapters.clock import Clock
from services.adapters.kafka.ports import LogUnavailableError
from services.adapters.problem_details import Kind, ProblemError

_log = logging.getLogger(__name__)


class Audit:
    """Records what the callers of one service do; `away` is the problem they get when that can't be written."""

    def __init__(self, writer: AuditWriter, pseudonyms: Pseudonyms, now: Clock, away: Kind = "data-unavailable") -> None:
        self.writer, self.pseudonyms, self._now, self._away = writer, pseudonyms, now, away

    async def write(self, caller: Caller, happening: Happening, **more: Any) -> None:
        """Write an entry of what a caller is about to see or to do; ProblemError 503 when that fails: then nothing may be shown or done."""
        try:
            await self.writer.append(self.entry(caller, happening, **more))
        except LogUnavailableError as away:
            raise ProblemError(self._away) from away

    async def write_if_possible(self, caller: Caller, happening: Happening, **more: Any) -> None:
        """Write an entry of what was done, and is done also when the entry can't be written; that is logged then."""
        written = self.writer.takes
        if written:
            try:
                await self.write(caller, happening, **more)
            except ProblemError:
                written = False
        if not written:
            _log.error("answered though it can't be noted in the audit log", extra={"what": happening})

    async def write_refusal(self, caller: Caller, happening: Happening, *objects: Object) -> None:
        """Write an entry of a refusal, as far as that is possible: it is refused all the same."""
        with suppress(ProblemError):
            await self.write(caller, happening, objects=objects, outcome="refused")

    def entry(self, caller: Caller, happening: Happening, **more: Any) -> Entry:
        """Make the entry of something a caller does now, for another writer to write."""
        return Entry.by(caller, self.pseudonyms.audited(caller.sub), self._now(), happening, **more)
