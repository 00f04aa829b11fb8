"""`plek audit verify` typed as a person types it, and what it says of a log that was tampered with."""

import subprocess
from pathlib import Path

import pytest

from services.adapters.audit.chain import Checker, Kept
from services.adapters.audit.records import Entry, written
from services.adapters.kafka import new_producer
from services.adapters.topics import Topics, create_topics
from services.commands.audit import heads, report
from services.local.kafka import Kafka
from services.local.trouble import Trouble
from tests.adapters.audit.test_chain import log_of
from tests.commands.test_elsewhere import plek


@pytest.mark.e2e
async def test_it_names_the_first_record_that_does_not_fit(kafka: Kafka, prefix: str, tmp_path: Path) -> None:
    """A log that holds together gives its head; with a record that somebody put in it is broken there, with exit code 1."""

    def verify(*words: str) -> subprocess.CompletedProcess[str]:
        return plek(tmp_path, "audit", "verify", *words, PLEK_KAFKA=kafka.bootstrap, PLEK_PREFIX=prefix)

    await create_topics(kafka.brokers, prefix)
    values = [kept.value for kept in log_of([1, 2, 1, -2, 2])]
    async with new_producer(kafka.brokers) as producer:
        for value in values:
            await producer.send_and_wait(Topics(prefix).audit, value)
        whole = verify()
        assert (whole.returncode, whole.stderr) == (0, "")
        assert whole.stdout.startswith("5 records in 3 chains hold together, ")
        head = whole.stdout.split()[-1]
        assert verify("--head", head).returncode == 0
        await producer.send_and_wait(Topics(prefix).audit, values[2])
        forged = verify()
        assert (forged.returncode, forged.stdout.splitlines()[0]) == (1, "broken at offset 5: a record stands out of its order")
        shorter = verify("--head", f"4:{'0' * 64}")
        assert shorter.stdout.startswith("broken at offset 4: another record than the one that was noted")


def test_an_empty_log_holds_together() -> None:
    """And has no head."""
    assert report(Checker(), None, 0.0) == ["0 records in 0 chains hold together, 0.0 s"]


def test_a_head_is_printed_as_it_is_read() -> None:
    """Offset and hash."""
    checker = Checker()
    assert checker.take(Kept(0, 0, written(Entry(at=0, happening="chain-begun"), "a", 0, None, "plek.api"))) is None
    line = report(checker, None, 0.0)[1]
    assert heads([line.removeprefix("head ")]) == [checker.head]


@pytest.mark.parametrize("text", ["", "5", "5:abc", "x:" + "0" * 64])
def test_what_is_no_head_is_refused(text: str) -> None:
    """Before anything is read."""
    with pytest.raises(Trouble, match="OFFSET:HASH"):
        heads([text])
