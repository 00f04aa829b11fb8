"""A small HTTP server in a thread of the test: it answers what a test wrote down, and keeps what it was asked."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it came in."""

    method: str
    path: str
    body: Any
    key: str | None


@dataclass(slots=True)
class Door:
    """The answers by method and path; of several the first is given first, and the last one stays."""

    url: str = ""
    answers: dict[tuple[str, str], list[tuple[int, Any]]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

    def answer(self, method: str, path: str, body: Any, status: int = 200) -> None:
        """Write down an answer, after those that were written down before."""
        self.answers.setdefault((method, path), []).append((status, body))

    def take(self, asked: Asked) -> tuple[int, Any]:
        """Return the answer to a request; 404 where none is written down."""
        self.asked.append(asked)
        answers = self.answers.get((asked.method, asked.path), [(404, {"title": "No such route"})])
        return answers.pop(0) if len(answers) > 1 else answers[0]

    @property
    def sent(self) -> list[tuple[str, Any]]:
        """What was sent: path and body of each request that was no GET."""
        return [(asked.path, asked.body) for asked in self.asked if asked.method != "GET"]


def problem(kind: str, **members: Any) -> dict[str, Any]:
    """Return a problem document."""
    return {"type": f"urn:plek:problem:{kind}", "title": "The fact", "detail": "What to do"} | members


@contextmanager
def open_door() -> Iterator[Door]:
    """Yield a door that answers on a free port of this machine, until the block ends."""
    door = Door()

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            status, answer = door.take(Asked(self.command, self.path, body, self.headers.get("Idempotency-Key")))
            content = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PATCH = do_DELETE = _answer  # noqa: N815  the names of http.server

        def log_message(self, format: str, *_: Any) -> None:  # noqa: A002  the name of http.server
            """Write nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    door.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield door
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
