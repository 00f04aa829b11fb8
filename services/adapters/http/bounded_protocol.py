"""HTTP/1.1 as uvicorn speaks it, with a bound on the head of a request and on the time in which a request must arrive.

Guarantees: before a token is looked at, a connection costs one head of `most_head` bytes and one read at most, and a request arrives within
`head_s` and `body_s` seconds. A connection on which nothing was ever sent is closed after `head_s`; between two requests uvicorn keeps it.
"""

import asyncio
from http import HTTPStatus
from typing import Any, ClassVar, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_TOO_LARGE: Final = (HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "The head of a request may have 16 KiB")
_TOO_SLOW: Final = (HTTPStatus.REQUEST_TIMEOUT, "The request did not arrive in time")


class BoundedProtocol(HttpToolsProtocol):
    """One connection."""

    most_head: ClassVar = 16 * 1024
    head_s: ClassVar = 10.0
    # A spreadsheet of a shelter on a bad line; the size of a body is bounded by each route
    body_s: ClassVar = 60.0

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._in_head = True
        self._head_bytes = 0
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Wait for the first request, and not for ever."""
        super().connection_made(transport)
        self._expect(self.head_s)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._expect(None)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse what arrived; refuse a head that is larger than the bound, without parsing more of it."""
        while data and not self.transport.is_closing():
            if not self._in_head:
                super().data_received(data)
                return
            left = self.most_head - self._head_bytes
            if left <= 0:
                self._refuse(*_TOO_LARGE)
                return
            piece, data = data[:left], data[left:]
            self._head_bytes += len(piece)
            super().data_received(piece)

    def on_message_begin(self) -> None:
        """Wait for the rest of the head."""
        self._expect(self.head_s)
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Wait for the body."""
        self._in_head = False
        self._expect(self.body_s)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Wait for nothing more: how long an answer takes is not bounded here. What follows in this read is counted from the next on."""
        self._in_head, self._head_bytes = True, 0
        self._expect(None)
        super().on_message_complete()

    def _expect(self, seconds: float | None) -> None:
        """Close the connection after so many seconds, in place of what was set before; None: not at all."""
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = None if seconds is None else self.loop.call_later(seconds, self._refuse, *_TOO_SLOW)

    def _refuse(self, status: HTTPStatus, why: str) -> None:
        """Answer, where a request has begun and nothing was answered yet, and close."""
        self._expect(None)
        is_open = self.cycle is not None and not self.cycle.response_complete
        has_begun = is_open or self._head_bytes > 0
        if has_begun and not (is_open and self.cycle.response_started):
            lines = (f"HTTP/1.1 {status.value} {status.phrase}", "content-type: text/plain; charset=utf-8", f"content-length: {len(why)}")
            self.transport.write("\r\n".join((*lines, "connection: close", "", why)).encode())
        self.transport.close()
