"""Clients of Kafka have one owner."""

import re
from pathlib import Path

import services

# Where the names of aiokafka's clients may stand: their owner
_OWNER = Path("adapters/kafka.py")


def test_nobody_else_makes_a_client_of_kafka() -> None:
    """A client made elsewhere would work on loopback, and prove nothing where Kafka asks."""
    top = Path(services.__file__ or "").parent
    named = re.compile(r"AIOKafka(Producer|Consumer|AdminClient)\b|kafka://")
    found = {file.relative_to(top) for file in top.rglob("*.py") if named.search(file.read_text("utf-8"))}
    assert found == {_OWNER, Path("processor/faust_parts.py")}
