"""What a verb connects to: the instance of a data directory, or what the environment names where Plek runs in another way.

A running instance comes before the environment, so that a verb typed beside `plek up` needs no option.
"""

import asyncio
import logging
import re
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from services.adapters.clock import now_ms
from services.adapters.config.settings import Settings
from services.local.identity.tokens import Person, Role
from services.local.instance.discovery import RunningInstance, find_running
from services.local.user_error import UserError

if TYPE_CHECKING:
    from services.adapters.codec.event_codec import EventCodec

OPERATOR: Final = Person(role=Role.OPERATOR, subject="plek-command")
"""The user of this machine, as the services know them."""

_TOKEN: Final = re.compile(r"[!-~]+")
# Longer than it takes to send any recording
_TOKEN_HOURS: Final = 12
_READY_S: Final = 15.0
_LOOK_S: Final = 0.05


def settings_of(data: Path | None, *needed: str) -> Settings:
    """Return the settings of the running instance, else those of the environment when it sets all of `needed`. Raises UserError."""
    try:
        return find_running(data).settings
    except UserError as error:
        settings = Settings()
        if data is None and settings.model_fields_set.issuperset(needed):
            return settings
        names = " and ".join(f"PLEK_{name.upper()}" for name in needed)
        raise UserError(f"{error}; for one that runs elsewhere set {names}") from error


def token_for(person: Person, running: RunningInstance) -> str:
    """Return a token signed with the key of the local issuer. Raises UserError where another issuer makes the tokens."""
    if not running.has_issuer:
        raise UserError("Tokens come from an issuer of your own here: give one with --token", code=2)
    return running.tokens.token(person, now_ms(), _TOKEN_HOURS)


def http_client_options(url: str, token: str, timeout_s: float) -> dict[str, Any]:
    """Return the arguments of an httpx client for a service; it uses no proxy of the environment. Raises UserError."""
    try:
        parts = urlsplit(url)
        is_valid = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_valid = False
    if not is_valid:
        raise UserError("The address is not of the form http://host:port", code=2)
    if not _TOKEN.fullmatch(token):
        raise UserError("The token is not one: `plek token operator` prints one", code=2)
    options = {"base_url": url, "headers": {"Authorization": f"Bearer {token}"}, "timeout": timeout_s, "trust_env": False}
    # To read the authorities of this machine takes 40 ms of each verb, and only https needs them
    return options if parts.scheme == "https" else options | {"verify": ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)}


def event_codec(settings: Settings) -> "EventCodec":
    """Return a codec that knows the regions of these settings."""
    from services.adapters.codec.event_codec import EventCodec
    from services.adapters.regions import read_regions

    return EventCodec(frozenset(read_regions(settings.regions)))


@contextmanager
def translate_outages() -> Iterator[None]:
    """Raise UserError where Redis or Kafka can't be reached, and keep the log lines of their clients from the terminal."""
    from services.adapters.kafka.ports import LogUnavailableError
    from services.adapters.view.ports import ViewUnavailableError

    for name in ("aiokafka", "redis"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    try:
        yield
    except ViewUnavailableError as error:
        raise UserError("Redis can't be reached: see `plek status`, and try again") from error
    except LogUnavailableError as error:
        raise UserError("Kafka can't be reached: see `plek status`, and try again") from error


async def wait_until_ready(is_ready: Callable[[], bool]) -> None:
    """Wait until a background task can do its work. Raises TimeoutError after 15 s."""
    async with asyncio.timeout(_READY_S):
        while not is_ready():  # noqa: ASYNC110  it has no event to wait for
            await asyncio.sleep(_LOOK_S)
