"""Listeners: who hears what has changed. Who reads too slowly is told to reload and let go, and never slows the others."""

import asyncio
from dataclasses import dataclass, field
from typing import Final

from services.adapters.identity import Caller
from services.api.news import News, frame

# So much may wait for one listener; more, and she is better off reading anew.
BEHIND: Final = 256
# One person's screens; more is a program that has lost count.
MOST_EACH: Final = 20


@dataclass(slots=True, eq=False)
class Listener:
    """One open stream; `None` in its queue is its end."""

    caller: Caller
    person: str
    queue: "asyncio.Queue[bytes | None]" = field(default_factory=lambda: asyncio.Queue(BEHIND + 2))

    def hears(self, news: News) -> bool:
        """Say whether a notice is for her."""
        match self.caller.role:
            case "shelter":
                return news.event == "shelter" and news.shelter in self.caller.shelters
            case "coordinator":
                return news.event == "areas" or (news.event == "shelter" and news.region in self.caller.regions)
            case "worker":
                return _for_a_worker(news, self.person, self.caller.regions)
            case role:
                return role == "operator"

    def give(self, chunk: bytes) -> bool:
        """Hand her something; False when she is too far behind: then she is told to reload, and that is the end."""
        if self.queue.qsize() < BEHIND:
            self.queue.put_nowait(chunk)
            return True
        while not self.queue.empty():
            self.queue.get_nowait()
        self.queue.put_nowait(frame("reload", {"why": "behind"}))
        self.queue.put_nowait(None)
        return False


def _for_a_worker(news: News, person: str, regions: frozenset[str]) -> bool:
    match news.event:
        case "hold":
            return news.person == person
        case "case":
            return news.region in regions
        case event:
            return event == "areas"


class Listeners(set[Listener]):
    """All who listen to one process."""

    def tell(self, news: list[News], at: bytes) -> None:
        """Tell everybody what is for her; the last notice carries `at`, where the feeds stood."""
        frames = [(each, each.frame()) for each in news]
        for listener in list(self):
            hers = [written_down for each, written_down in frames if listener.hears(each)]
            if hers:
                self._give(listener, b"".join(hers[:-1]) + at + hers[-1])

    def tell_all(self, chunk: bytes) -> None:
        """Tell everybody the same."""
        for listener in list(self):
            self._give(listener, chunk)

    def of(self, sub: str) -> int:
        """Count the streams of a person."""
        return sum(listener.caller.sub == sub for listener in self)

    def _give(self, listener: Listener, chunk: bytes) -> None:
        if not listener.give(chunk):
            self.discard(listener)
