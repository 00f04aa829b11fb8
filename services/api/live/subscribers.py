"""Subscribers: the open streams of this process. One that reads too slowly has to read anew and is closed, and never slows the others."""

import asyncio
from dataclasses import dataclass, field
from typing import Final

from services.adapters.auth.authentication import Caller
from services.api.live.notifications import Notification, sse_frame

# So much may wait for one subscriber; with more, reading anew is quicker.
BEHIND: Final = 256
# One person's screens; more is a program that has lost count.
MOST_EACH: Final = 20


@dataclass(slots=True, eq=False)
class Subscriber:
    """One open stream; `None` in its queue is its end."""

    caller: Caller
    person: str
    queue: "asyncio.Queue[bytes | None]" = field(default_factory=lambda: asyncio.Queue(BEHIND + 2))

    def hears(self, news: Notification) -> bool:
        """Return whether a notification is for the caller of this stream."""
        if news.event == "proposal" and self.person in news.persons:
            return True
        match self.caller.role:
            case "shelter":
                return news.event == "shelter" and news.shelter in self.caller.shelters
            case "coordinator":
                own = not self.caller.regions.isdisjoint(news.regions)
                return news.event == "areas" or (news.event in {"shelter", "case"} and news.region in self.caller.regions) or own
            case "worker":
                return _for_a_worker(news, self.person, self.caller.regions)
            case role:
                return role == "operator"

    def give(self, chunk: bytes) -> bool:
        """Queue a chunk; False when the stream is too far behind: then it ends with a `reload`."""
        if self.queue.qsize() < BEHIND:
            self.queue.put_nowait(chunk)
            return True
        while not self.queue.empty():
            self.queue.get_nowait()
        self.queue.put_nowait(sse_frame("reload", {"why": "behind"}))
        self.queue.put_nowait(None)
        return False


def _for_a_worker(news: Notification, person: str, regions: frozenset[str]) -> bool:
    match news.event:
        case "hold":
            return person in news.persons
        case "case":
            return news.region in regions
        case event:
            return event == "areas"


class Subscribers(set[Subscriber]):
    """The streams of one process, and their places: a place is taken before anything is awaited, and given back at the end."""

    def __init__(self) -> None:
        super().__init__()
        self._places: set[Subscriber] = set()

    def claim(self, listener: Subscriber) -> bool:
        """Take a place for a stream; False when the person has as many as are allowed. Looks and adds in one step."""
        if sum(each.caller.sub == listener.caller.sub for each in self._places) >= MOST_EACH:
            return False
        self._places.add(listener)
        return True

    def release(self, listener: Subscriber) -> None:
        """Give the place of a stream back, and send it nothing more."""
        self._places.discard(listener)
        self.discard(listener)

    def send(self, news: list[Notification], at: bytes) -> None:
        """Send each subscriber the notifications for its caller; the last one carries `at`, where the feeds stood."""
        frames = [(each, each.frame()) for each in news]
        for listener in list(self):
            own = [frame for notification, frame in frames if listener.hears(notification)]
            if own:
                self._give(listener, b"".join(own[:-1]) + at + own[-1])

    def send_all(self, chunk: bytes) -> None:
        """Send every subscriber the same."""
        for listener in list(self):
            self._give(listener, chunk)

    def _give(self, listener: Subscriber, chunk: bytes) -> None:
        if not listener.give(chunk):
            self.discard(listener)
