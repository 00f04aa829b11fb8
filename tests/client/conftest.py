"""An outbox in a folder of the test, and a server in memory that it sends to."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from services.client import Notice, PlekOutbox
from tests.client.contract_server import ContractServer
from tests.gateway.conftest import desk as desk  # noqa: PLC0414  a fixture for this folder too

Opened = Callable[..., PlekOutbox]


@pytest.fixture
def plek() -> ContractServer:
    """Make a server that takes everything."""
    return ContractServer()


@pytest.fixture
def noticed() -> list[Notice]:
    """Make the list of what the senders have noticed."""
    return []


@pytest.fixture
def opened(tmp_path: Path, plek: ContractServer, noticed: list[Notice]) -> Iterator[Opened]:
    """Return what opens the same file again and again, as each start of a program does."""
    made: list[PlekOutbox] = []

    def open_outbox(token: Callable[[], str] = lambda: "a-token") -> PlekOutbox:
        outbox = PlekOutbox(tmp_path / "plek.sqlite", "https://plek.test", token, desk="ecd", http=plek.http, notify=noticed.append)
        made.append(outbox)
        return outbox

    yield open_outbox
    for outbox in made:
        outbox.stop()
        outbox._delivery.lock.release()  # of a test that takes single steps
