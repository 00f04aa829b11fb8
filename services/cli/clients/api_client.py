"""The client of the API for one user. A problem ends the verb with one line that says what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import httpx

from services.adapters.clock import now_ms
from services.cli.clients.connection import OPERATOR, http_client_options, token_for
from services.cli.options.api_options import DEFAULT_DESK, ApiOptions, ShelterOptions, WorkerOptions
from services.cli.options.region_names import read_instance_regions
from services.cli.output.problem_text import problem_line
from services.local.identity.tokens import Person, Role
from services.local.instance.discovery import find_running
from services.local.user_error import UserError

_TIMEOUT_S: Final = 15.0
_ID_LENGTH: Final = 36


@dataclass(frozen=True, slots=True)
class ApiResponse:
    """An answer of the API that the caller expected."""

    status: int
    body: dict[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """The kind of a problem; empty for another answer."""
        return str(self.body.get("type", "")).rpartition(":")[2]


@dataclass(frozen=True, slots=True)
class ApiClient:
    """The connection of one user to the API, or to the gateway."""

    client: httpx.Client
    service: str = "API"

    def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        key: str | None = None,
        expected: tuple[int, ...] = (200,),
        unreachable: str = ". `plek duty` has the numbers to phone; the same command again does nothing twice",
    ) -> ApiResponse:
        """Return the answer to a request. Raises UserError for another status than the expected ones, and where no answer came.

        `unreachable` ends the message of the latter: what to type next.
        """
        headers = {} if key is None else {"Idempotency-Key": key}
        try:
            response = self.client.request(method, path, json=body, headers=headers)
        except httpx.TransportError as error:
            raise UserError(f"The {self.service} can't be reached: see `plek status`{unreachable}") from error
        answer = _object(response)
        if response.status_code not in expected:
            raise UserError(problem_line(response.status_code, response.headers, answer, now_ms()))
        return ApiResponse(response.status_code, answer, response.headers)

    def hold_id(self, beginning: str) -> str:
        """Return the id of a worker's hold by its beginning. Raises UserError."""
        return full_id(beginning, lambda: (hold["hold"] for hold in self.request("GET", "/v1/holds").body["holds"]), "hold", "holds")

    def waiting_hold_id(self, beginning: str) -> str:
        """Return the id of a hold that waits for an answer of a shelter, by its beginning. Raises UserError."""

        def waiting() -> Iterator[str]:
            shelters = self.request("GET", "/v1/shelters").body["shelters"]
            return (hold["hold"] for shelter in shelters for hold in shelter["holds_waiting"])

        return full_id(beginning, waiting, "waiting hold", "accept")


def full_id(beginning: str, list_ids: Callable[[], Iterable[str]], noun: str, verb: str) -> str:
    """Return the listed id that begins so; a whole id is returned as it is. Raises UserError where none or several begin so."""
    if len(beginning) == _ID_LENGTH:
        return beginning
    matches = [str(candidate) for candidate in list_ids() if candidate.startswith(beginning)]
    if len(matches) != 1:
        raise UserError(f"{f'Several {noun}s begin' if matches else f'No {noun} begins'} with that: `plek {verb}` lists them", code=2)
    return matches[0]


def _object(response: httpx.Response) -> dict[str, Any]:
    try:
        answer = response.json()
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        raise UserError("What answers is no Plek API")
    return answer


@contextmanager
def open_api(options: ApiOptions, person: Person, timeout_s: float = _TIMEOUT_S) -> Iterator[ApiClient]:
    """Yield a client with the token of the options, else as this person of the running instance. Raises UserError."""
    if options.api and options.token:
        url, token = options.api, options.token
    else:
        running = find_running(options.data)
        url, token = options.api or running.api, options.token or token_for(person, running)
    with httpx.Client(**http_client_options(url, token, timeout_s)) as client:
        yield ApiClient(client)


@contextmanager
def open_gateway(options: ShelterOptions, person: Person, timeout_s: float = _TIMEOUT_S) -> Iterator[ApiClient]:
    """Yield a client of the gateway; where only the address of the API is given, the gateway is behind the same door. Raises UserError."""
    elsewhere = options.gateway or options.api
    if elsewhere and options.token:
        url, token = elsewhere, options.token
    else:
        running = find_running(options.data)
        url, token = elsewhere or running.gateway, options.token or token_for(person, running)
    with httpx.Client(**http_client_options(url, token, timeout_s)) as client:
        yield ApiClient(client, "gateway")


@contextmanager
def open_as_worker(options: WorkerOptions, *regions: str | None) -> Iterator[ApiClient]:
    """Yield a client for a worker of a desk of these regions. Raises UserError."""
    known = tuple(region for region in regions if region)
    with open_api(options, Person(role=Role.WORKER, subject=options.worker, desk=DEFAULT_DESK, regions=known)) as api:
        yield api


@contextmanager
def open_in_region(options: WorkerOptions, region: str | None) -> Iterator[ApiClient]:
    """Yield a client for a worker of a desk of this region, or of all regions where it is None. Raises UserError."""
    with open_as_worker(options, *((region,) if region else sorted(read_instance_regions(options.data)))) as api:
        yield api


@contextmanager
def open_as_shelter(options: ApiOptions, shelters: list[str] | None) -> Iterator[ApiClient]:
    """Yield a client for a user of these shelters; without a name and a token, of all shelters that have a hold. Raises UserError.

    Only a user of this machine, who has the key of the local issuer, needs no name.
    """
    if not (shelters or options.token):
        with open_api(options, OPERATOR) as api:
            shelters = [shelter["shelter"] for shelter in api.request("GET", "/v1/shelters").body["shelters"] if _has_hold(shelter)]
    with open_api(options, Person(role=Role.SHELTER, subject="desk-shelter", shelters=tuple(shelters or ()))) as api:
        yield api


def _has_hold(shelter: dict[str, Any]) -> bool:
    return bool(shelter["holds_waiting"]) or any(unit["held"] for unit in shelter["units"])
