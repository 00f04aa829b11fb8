"""What `plek up` prints when all is ready: addresses, tokens, and a request to copy."""

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from services.adapters.clock import now_ms
from services.adapters.config.settings import Settings
from services.adapters.datasets import dataset_label
from services.local.identity.tokens import Person, Role, TokenIssuer
from services.local.instance.data_directory import DataDirectory
from services.local.layout import Layout

# As long as a long shift; `plek token` makes the next one
_HOURS = 12
# A shelter and a region of the demo's country, so that what is printed can be used
_PEOPLE = (
    Person(role=Role.OPERATOR, subject="operator"),
    Person(role=Role.SHELTER, subject="shelter", shelters=("hazelaar-1",)),
    Person(role=Role.WORKER, subject="worker", desk="desk-1", regions=("R01",)),
)


def startup_lines(instance: DataDirectory, layout: Layout, took_s: float) -> Iterator[str]:
    """Yield the lines in the order in which they are printed."""
    settings = layout.settings
    if any(component.child.name == "web" for component in layout.services):
        yield f"Open this in a browser, and choose who to be:  {settings.pages}/"
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
    if settings.second_person == "off":
        yield "PLEK_SECOND_PERSON is off: a coordinator alone registers shelters and changes their phone"
    if settings.world == "live":
        yield "Where is a place free? As a crisis worker sees it, by area:"
    else:
        yield f"{settings.prefix} is {dataset_label(settings.world)}, and stands still at the last event of its log:"
    yield f'  curl -s -H "Authorization: Bearer $({_plek()} token worker{_data_option(instance)})" {api}/v1/areas'


def demo_lines(instance: DataDirectory, layout: Layout) -> Iterator[str]:
    """Yield what to try with the simulated country; nothing where there is none."""
    if layout.optional:
        yield "A simulated country lives in it: no shelter and no household is real. Watch it come and go:"
        yield f"  {_plek()} watch{_data_option(instance)}"
        accept = f"{_plek()} accept{_data_option(instance)}"
        yield f"Hold a place (plek find, plek hold); as its shelter, in another terminal, {accept} lists what waits, {accept} HOLD answers"


def _tokens(instance: DataDirectory, settings: Settings) -> Iterator[str]:
    issuer = TokenIssuer(instance.keys, settings.issuer, settings.audience)
    for person in _PEOPLE:
        yield f"  {person.role:<8} {issuer.token(person, now_ms(), _HOURS)}"


def _plek() -> str:
    """Return how this shell reaches the command: by its name, or by its path."""
    beside = Path(sys.executable).with_name("plek")
    on_path = shutil.which("plek")
    return "plek" if on_path and Path(on_path) == beside else _short(beside)


def _data_option(instance: DataDirectory) -> str:
    return "" if instance.home == Path(".plek").absolute() else f" --data {_short(instance.home)}"


def _short(path: Path) -> str:
    """Return the path, absolute or relative, whichever is shorter."""
    return min(str(path), os.path.relpath(path), key=len)
