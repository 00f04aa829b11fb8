"""What a verb speaks to: the instance of a data directory, or what the environment names where Plek runs some other way.

A running instance rules over the environment, so that a verb typed beside `plek up` never needs an option.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from services.adapters.clock import now_ms
from services.adapters.log_port import LogUnavailableError
from services.adapters.regions import read_regions
from services.adapters.settings import Settings
from services.adapters.view.port import ViewUnavailableError
from services.adapters.wire import Wire
from services.local.running import Running, find
from services.local.tokens import Person, Role
from services.local.trouble import Trouble

# Longer than any tape takes to play
_TOKEN_HOURS = 12


def settings_of(data: Path | None, *needed: str) -> Settings:
    """Return the settings of the running instance, else the environment's when it sets all that is needed. Raises Trouble."""
    try:
        return find(data).settings
    except Trouble as none_runs:
        own = Settings()
        if data is None and own.model_fields_set.issuperset(needed):
            return own
        names = " and ".join(f"PLEK_{name.upper()}" for name in needed)
        raise Trouble(f"{none_runs}; for one that runs elsewhere set {names}") from none_runs


def operator_token(running: Running) -> str:
    """Make an operator's token with the key of the local issuer. Raises Trouble where tokens are made by another issuer."""
    if not running.has_issuer:
        raise Trouble("Tokens come from an issuer of your own here: pass one of an operator with --token", code=2)
    return running.mint.token(Person(role=Role.OPERATOR, subject="plek-command"), now_ms(), _TOKEN_HOURS)


def wire_of(settings: Settings) -> Wire:
    """Make a wire that knows the regions of these settings."""
    return Wire(frozenset(read_regions(settings.regions)))


@contextmanager
def reaching() -> Iterator[None]:
    """Say in one line that Redis or Kafka is away, and keep what their clients log to themselves."""
    for name in ("aiokafka", "redis"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    try:
        yield
    except ViewUnavailableError as away:
        raise Trouble("Redis can't be reached: see `plek status`, and try again") from away
    except LogUnavailableError as away:
        raise Trouble("Kafka can't be reached: see `plek status`, and try again") from away
