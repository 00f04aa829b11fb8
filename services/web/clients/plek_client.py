"""Calls to the other services with the person's own token. A page says so where no answer comes."""

import asyncio
import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx
import orjson

from services.adapters.observability import trace_context

_TIMEOUT_S: Final = 8.0
# A figure of a year takes seconds, and waits for the one before it
_FIGURES_S: Final = 30.0
# A stream says more often than this that it is alive
_ALIVE_S: Final = 30.0
_GATEWAY: Final = frozenset({"POST", "PATCH"})
_AWAY: Final = 503
_NOT_MODIFIED: Final = 304


@dataclass(frozen=True, slots=True)
class Answer:
    """What a service answered: its status (0 where none came) and its body."""

    status: int
    body: dict[str, Any] = field(default_factory=dict)
    tag: str = ""
    """Its entity tag; empty where it has none."""

    @property
    def ok(self) -> bool:
        """Return whether the call did what it was for."""
        return 200 <= self.status < 300

    @property
    def shown_as(self) -> int:
        """Return the status of the page that shows it: 503 where no answer came."""
        return self.status or _AWAY

    @property
    def is_unchanged(self) -> bool:
        """Return whether the answer that the caller has is still the answer."""
        return self.status == _NOT_MODIFIED

    @property
    def is_away(self) -> bool:
        """Whether a service could not act now: the same may be sent again."""
        return self.shown_as == _AWAY

    @property
    def kind(self) -> str:
        """Return which kind of problem it is, without the first part of its name; `away` where no answer came."""
        return str(self.body.get("type", "")).removeprefix("urn:plek:problem:") or ("" if self.ok else "away")


class PlekClient:
    """The API, the gateway and the monitor, as one: each path has its service, as at the front door."""

    def __init__(self, api: httpx.AsyncClient, gateway: httpx.AsyncClient, monitor: httpx.AsyncClient, streams: httpx.AsyncClient) -> None:
        """Take a client of each service. `streams` is one of the API too, whose connections are as many as there are open pages."""
        self._api, self._gateway, self._monitor, self._streams = api, gateway, monitor, streams

    @classmethod
    def at(cls, api: str, gateway: str, monitor: str, *, authority: Path | None = None) -> "PlekClient":
        """Return the client of three addresses; `authority` is the file of certificates that verify theirs."""
        verify: ssl.SSLContext | bool = ssl.create_default_context(cafile=authority) if authority else True
        # Each open page keeps a connection: of a client with a bound a hundred of them would leave none for the pages themselves
        unbounded = httpx.Limits(max_connections=None, max_keepalive_connections=0)
        return cls(
            httpx.AsyncClient(base_url=api, timeout=_TIMEOUT_S, verify=verify),
            httpx.AsyncClient(base_url=gateway, timeout=_TIMEOUT_S, verify=verify),
            httpx.AsyncClient(base_url=monitor, timeout=_FIGURES_S, verify=verify),
            httpx.AsyncClient(base_url=api, timeout=httpx.Timeout(_TIMEOUT_S, read=_ALIVE_S), limits=unbounded, verify=verify),
        )

    async def close(self) -> None:
        """Close every connection."""
        for each in (self._api, self._gateway, self._monitor, self._streams):
            await each.aclose()

    async def get(self, token: str, path: str, **parameters: str) -> Answer:
        """Read something."""
        return await self._call("GET", token, path, params=parameters)

    async def get_if_changed(self, token: str, path: str, tag: str, parameters: dict[str, str]) -> Answer:
        """Read something of which the caller has the answer with this tag; an empty tag is none."""
        return await self._call("GET", token, path, {"If-None-Match": tag} if tag else None, params=parameters)

    async def post(self, token: str, path: str, body: Any = None, key: str | None = None) -> Answer:
        """Send something; with a key a second copy counts once."""
        return await self._call("POST", token, path, json=body, headers={"Idempotency-Key": key} if key else {})

    async def delete(self, token: str, path: str) -> Answer:
        """Take something back."""
        return await self._call("DELETE", token, path)

    async def send_events(self, token: str, events: list[Any]) -> Answer:
        """Send events as a batch of CloudEvents."""
        headers = {"Content-Type": "application/cloudevents-batch+json"}
        return await self._call("POST", token, "/v1/events", headers, content=orjson.dumps(events))

    async def patch(self, token: str, path: str, body: Any) -> Answer:
        """Change members of something."""
        return await self._call("PATCH", token, path, json=body)

    async def put(self, token: str, path: str, **parameters: str) -> Answer:
        """Put something where it is to be: a second copy changes nothing."""
        return await self._call("PUT", token, path, params=parameters)

    async def download(self, token: str, path: str, form: str, parameters: dict[str, str]) -> tuple[bytes, int]:
        """Read something as a file of a media type; its bytes, and the status."""
        found = await self.read(token, path, form, parameters)
        return (found.content, found.status_code) if found else (b"", _AWAY)

    async def read(self, token: str, path: str, form: str, parameters: dict[str, str]) -> httpx.Response | None:
        """Read something of a media type with its header fields; None where no answer came."""
        try:
            return await self._service("GET", path).get(path, params=parameters, headers={**_headers(token), "Accept": form})
        except httpx.HTTPError:
            return None

    async def readiness(self) -> dict[str, dict[str, Any]]:
        """Read of each service whether it is ready, and which of its parts answer; an empty object of one that does not answer."""
        services = {"api": self._api, "gateway": self._gateway, "monitor": self._monitor}
        return dict(zip(services, await asyncio.gather(*map(_readiness, services.values())), strict=True))

    def stream(self, token: str, last: str | None) -> Any:
        """Open the stream of what changes for this person; a context manager, as httpx has it."""
        headers = {**_headers(token), **({"Last-Event-ID": last} if last else {})}
        return self._streams.stream("GET", "/v1/live", headers=headers)

    async def _call(self, method: str, token: str, path: str, headers: dict[str, str] | None = None, **more: Any) -> Answer:
        if more.get("json", ...) is None:
            del more["json"]
        try:
            answer = await self._service(method, path).request(method, path, headers=_headers(token) | (headers or {}), **more)
            body = answer.json() if answer.content else {}
        except (httpx.HTTPError, ValueError):
            return Answer(0)
        return Answer(answer.status_code, body if isinstance(body, dict) else {}, answer.headers.get("etag", ""))

    def _service(self, method: str, path: str) -> httpx.AsyncClient:
        if path.startswith("/v1/monitor/"):
            return self._monitor
        of_shelter = path.startswith(("/v1/shelters", "/v1/proposals")) and (method in _GATEWAY or path.endswith("/events"))
        return self._gateway if of_shelter or path.startswith(("/v1/proposals", "/v1/events")) else self._api


def _headers(token: str) -> dict[str, str]:
    """Return the header fields of each call: the person's token, and the trace of the page, so that the log lines of both can be joined."""
    trace = trace_context.current()
    return {**({"Authorization": f"Bearer {token}"} if token else {}), **({trace_context.HEADER: trace.header} if trace else {})}


async def _readiness(service: httpx.AsyncClient) -> dict[str, Any]:
    try:
        found = (await service.get("/readyz")).json()
    except (httpx.HTTPError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
