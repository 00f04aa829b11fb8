"""What `plek up` says when all is ready: addresses, tokens, and a question to copy."""

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from services.adapters.clock import now_ms
from services.adapters.settings import Settings
from services.adapters.worlds import told
from services.local.instance import Instance
from services.local.layout import Layout
from services.local.tokens import Mint, Person, Role

# As long as a long shift; `plek token` makes the next one
_HOURS = 12
# A shelter and a region of the demo's country, so that what is printed can be used
_PEOPLE = (
    Person(role=Role.OPERATOR, subject="operator"),
    Person(role=Role.SHELTER, subject="shelter", shelters=("hazelaar-1",)),
    Person(role=Role.WORKER, subject="worker", desk="desk-1", regions=("R01",)),
)


def welcome(instance: Instance, layout: Layout, took_s: float) -> Iterator[str]:
    """Give the lines, in the order they are printed."""
    settings = layout.settings
    api = f"http://{settings.host}:{settings.api_port}"
    if layout.has_issuer:
        yield f"Tokens for {_HOURS} hours (more: {_plek()} token --help)"
        yield from _tokens(instance, settings)
    yield f"Plek is up after {took_s:.1f} s; logs in {_short(instance.logs)}, Ctrl-C ends it"
    yield f"  API      {api}/v1/openapi.json"
    if settings.world == "live":
        yield f"  gateway  http://{settings.host}:{settings.gateway_port}/v1/events"
    yield f"  monitor  http://{settings.host}:{settings.monitor_port}/v1/monitor/definitions"
    yield f"  Kafka    {settings.kafka}"
    yield f"  Redis    {settings.redis_shown}"
    if settings.world == "live":
        yield "Where is a place free? As a crisis worker sees it, by area:"
    else:
        yield f"{settings.prefix} is {told(settings.world)}, and stands still at the last event of its log:"
    yield f'  curl -s -H "Authorization: Bearer $({_plek()} token worker{_where(instance)})" {api}/v1/areas'


def lives(instance: Instance, layout: Layout) -> Iterator[str]:
    """Say what lives in it beside those who use it, if something does."""
    if layout.guests:
        yield "A simulated country lives in it, a day a minute: no shelter and no household is real. Watch it come and go:"
        yield f"  {_plek()} watch{_where(instance)}"


def _tokens(instance: Instance, settings: Settings) -> Iterator[str]:
    mint = Mint(instance.keys, settings.issuer, settings.audience)
    for person in _PEOPLE:
        yield f"  {person.role:<8} {mint.token(person, now_ms(), _HOURS)}"


def _plek() -> str:
    """Return how this shell reaches the command: by name, or by the way to it."""
    beside = Path(sys.executable).with_name("plek")
    found = shutil.which("plek")
    return "plek" if found and Path(found) == beside else _short(beside)


def _where(instance: Instance) -> str:
    return "" if instance.home == Path(".plek").absolute() else f" --data {_short(instance.home)}"


def _short(path: Path) -> str:
    """Return the path as it is shortest from here."""
    return min(str(path), os.path.relpath(path), key=len)
