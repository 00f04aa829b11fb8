"""A server in memory that follows the contract of `POST /v1/events`, and answers as it is asked to before that."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
import orjson

Answering = Callable[[list[dict[str, Any]]], httpx.Response | Exception | None]
"""Returns how a request is answered instead of being taken, or what its network raises; None where it is taken."""


def problem(status: int, kind: str, headers: dict[str, str] | None = None, **members: Any) -> httpx.Response:
    """Return a problem as Plek writes one."""
    return httpx.Response(status, headers=headers, json={"type": f"urn:plek:problem:{kind}", "title": "x", "detail": "y", **members})


@dataclass
class ContractServer:
    """Keeps each event that it takes in `log`, also what is sent twice; refuses events whose shelter is in `refuses`."""

    log: list[dict[str, Any]] = field(default_factory=list)
    requests: list[list[str]] = field(default_factory=list)
    answering: Answering = lambda _: None
    refuses: frozenset[str] = frozenset()
    tokens: set[str] = field(default_factory=set)

    @property
    def http(self) -> httpx.Client:
        """Return a client whose only server is this one."""
        return httpx.Client(transport=httpx.MockTransport(self.answer), base_url="https://plek.test")

    @property
    def units(self) -> list[str]:
        """Return the unit of each event in the log."""
        return [each["data"]["unit"] for each in self.log]

    def answer(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        events = orjson.loads(request.content)
        assert request.url.path == "/v1/events"
        assert request.headers["content-type"] == "application/cloudevents-batch+json"
        self.tokens.add(request.headers["authorization"])
        self.requests.append([each["data"].get("unit", "") for each in events])
        answered = self.answering(events)
        if isinstance(answered, Exception):
            raise answered
        return answered or self._take(events)

    def _take(self, events: list[dict[str, Any]]) -> httpx.Response:
        outcomes: list[dict[str, Any]] = []
        errors = []
        for index, event in enumerate(events):
            if event["subject"] in self.refuses:
                outcomes.append({"index": index, "status": "refused", "code": "bad_id"})
                errors.append({"index": index, "pointer": "/id", "code": "bad_id", "detail": "no UUID"})
            else:
                self.log.append(event)
                outcomes.append({"index": index, "status": "accepted", "at_least": "x", "visible": True})
        return problem(400, "invalid", errors=errors, events=outcomes) if errors else httpx.Response(200, json={"events": outcomes})
