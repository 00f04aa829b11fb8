"""Speaks to the API for a person at a desk: a worker or somebody of a shelter. A problem is one line, and what to do about it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

import httpx
import typer

from services.adapters.clock import now_ms
from services.commands.web import speaking_to
from services.local.running import find
from services.local.tokens import Person
from services.local.trouble import Trouble

Token = Annotated[str | None, typer.Option(help="Bearer token.", show_default="one of the local issuer")]
Api = Annotated[str | None, typer.Option(metavar="URL", help="API.", show_default="that of the instance")]
Who = Annotated[str, typer.Option("--as", help="Who you are, where no token says it.")]
Shelters = Annotated[list[str] | None, typer.Option("--shelter", help="The shelter you work for, where no token says it.")]

WORKER: Final = "desk-worker"
_TIMEOUT_S: Final = 15.0
_TOKEN_HOURS: Final = 12
_SENTENCES: Final = {
    401: "The API does not accept this token: `plek token` makes one",
    404: "There is no Plek API at this address",
}


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
            raise Trouble(_SENTENCES.get(answer.status_code) or _said(answer.status_code, found))
        return Answer(answer.status_code, found)


def _read(answer: httpx.Response) -> dict[str, Any]:
    try:
        found = answer.json()
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Trouble("What answers is no Plek API")
    return found


def _said(status: int, problem: dict[str, Any]) -> str:
    errors = "; ".join(f"{error['pointer'] or 'the household'}: {error['detail']}" for error in problem.get("errors", ()))
    more = errors or problem.get("hold_status") or ""
    return f"{problem.get('title', f'The API answers {status}')}{f' ({more})' if more else ''}"


@contextmanager
def desk(data: Path | None, api: str | None, token: str | None, person: Person) -> Iterator[Desk]:
    """Speak to the API with this token, or as this person of the running instance. Raises Trouble."""
    url, bearer = (api, token) if api and token else _of_instance(data, api, token, person)
    with httpx.Client(**speaking_to(url, bearer, _TIMEOUT_S)) as client:
        yield Desk(client)


def _of_instance(data: Path | None, api: str | None, token: str | None, person: Person) -> tuple[str, str]:
    running = find(data)
    return api or running.api, token or running.mint.token(person, now_ms(), _TOKEN_HOURS)
