"""Speaks to the API for a person at a desk: a worker or somebody of a shelter. A problem is one line, and what to do about it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Any, Final

import httpx
import typer

from services.adapters.clock import now_ms
from services.commands.data import Data, World
from services.commands.web import speaking_to
from services.local.running import find
from services.local.tokens import Person, Role
from services.local.trouble import Trouble

Token = Annotated[str | None, typer.Option(help="Bearer token.", show_default="one of the local issuer")]
Api = Annotated[str | None, typer.Option(metavar="URL", help="API.", show_default="that of the instance")]
Who = Annotated[str, typer.Option("--as", help="Who you are, where no token says it.")]
Hold = Annotated[str, typer.Argument(metavar="HOLD", help="Its id, as `plek holds` tells it.")]
Shelters = Annotated[list[str] | None, typer.Option("--shelter", help="The shelter you work for, where no token says it.")]

WORKER: Final = "desk-worker"
DESK: Final = "desk-1"
_TIMEOUT_S: Final = 15.0
_TOKEN_HOURS: Final = 12
_SENTENCES: Final = {
    401: "The API does not accept this token: `plek token` makes one",
    404: "There is no Plek API at this address",
}


@dataclass(frozen=True, kw_only=True)
class Reached:
    """Where the API is, and how it knows who speaks."""

    token: Token = None
    api: Api = None
    data: Data = None


@dataclass(frozen=True, kw_only=True)
class Speaker(Reached):
    """A worker who speaks to the API."""

    who: Who = WORKER


@dataclass(frozen=True, kw_only=True)
class Onlooker(Speaker):
    """A worker who only looks: at a world beside the real country too."""

    world: World = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What the API said."""

    status: int
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Desk:
    """One person's connection to the API."""

    client: httpx.Client

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        key: str | None = None,
        expected: tuple[int, ...] = (200,),
        again: str = "the same command again does nothing twice",
    ) -> Answer:
        """Ask; Trouble for any answer but the expected ones, with what to type where none came."""
        headers = {} if key is None else {"Idempotency-Key": key}
        try:
            answer = self.client.request(method, path, json=body, headers=headers)
        except httpx.TransportError as away:
            raise Trouble(f"The API can't be reached: see `plek status`. Phone meanwhile; {again}") from away
        found = _read(answer)
        if answer.status_code not in expected:
            raise Trouble(_SENTENCES.get(answer.status_code) or _said(answer, found))
        return Answer(answer.status_code, found)


def _read(answer: httpx.Response) -> dict[str, Any]:
    try:
        found = answer.json()
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Trouble("What answers is no Plek API")
    return found


def _said(answer: httpx.Response, problem: dict[str, Any]) -> str:
    errors = "; ".join(f"{error['pointer'] or 'the household'}: {error['detail']}" for error in problem.get("errors", ()))
    more = errors or problem.get("hold_status") or ""
    after = answer.headers.get("Retry-After") if answer.status_code == httpx.codes.TOO_MANY_REQUESTS else None
    how_long = f" {after} s, and phone meanwhile" if after else ""
    return f"{problem.get('title', f'The API answers {answer.status_code}')}{how_long}{f' ({more})' if more else ''}"


@contextmanager
def desk(by: Reached, person: Person) -> Iterator[Desk]:
    """Speak to the API with a token, or as this person of the running instance. Raises Trouble."""
    url, bearer = (by.api, by.token) if by.api and by.token else _of_instance(by, person)
    with httpx.Client(**speaking_to(url, bearer, _TIMEOUT_S)) as client:
        yield Desk(client)


def _of_instance(by: Reached, person: Person) -> tuple[str, str]:
    running = find(by.data)
    return by.api or running.api, by.token or running.mint.token(person, now_ms(), _TOKEN_HOURS)


def worker(by: Speaker, *regions: str) -> Person:
    """Return the worker who speaks, of a desk of these regions."""
    return Person(role=Role.WORKER, subject=by.who, desk=DESK, regions=regions)


def member(shelters: list[str] | None) -> Person:
    """Return somebody who works at these shelters."""
    return Person(role=Role.SHELTER, subject="desk-shelter", shelters=tuple(shelters or ()))
