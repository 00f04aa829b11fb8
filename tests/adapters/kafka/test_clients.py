"""Clients of Kafka have one owner."""

import re
from pathlib import Path

import services

# Where the names of aiokafka's clients may stand: their owner
_OWNER = Path("adapters/kafka/clients.py")


def test_one_module_makes_clients_of_kafka() -> None:
    """No other module names a client of aiokafka: it would lack the credentials outside loopback."""
    top = Path(services.__file__ or "").parent
    named = re.compile(r"AIOKafka(Producer|Consumer|AdminClient)\b|kafka://")
    found = {file.relative_to(top) for file in top.rglob("*.py") if named.search(file.read_text("utf-8"))}
    assert found == {_OWNER, Path("processor/faust_integration.py")}
