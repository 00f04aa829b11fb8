"""`plek audit verify` on a whole log, and on one that was tampered with."""

import subprocess
from pathlib import Path

import pytest

from services.adapters.audit.hash_chain import Break, ChainLink, Checker
from services.adapters.audit.records import Entry, encode_record
from services.adapters.kafka.clients import new_producer
from services.adapters.kafka.topics import Topics, create_topics
from services.adapters.view.last_checks import AuditCheck
from services.cli.operator.audit import parse_heads, summarize
from services.cli.operator.audit_lines import report_lines
from services.local.user_error import UserError
from tests.adapters.audit.test_hash_chain import log_of
from tests.cli.events.test_elsewhere import plek
from tests.controlled_servers import Kafka


@pytest.mark.e2e
async def test_it_names_the_first_record_that_does_not_fit(kafka: Kafka, prefix: str, tmp_path: Path) -> None:
    """A whole log has its head printed; one with a forged record is broken at that record, with exit code 1."""

    def verify(*words: str) -> subprocess.CompletedProcess[str]:
        return plek(tmp_path, "audit", "verify", *words, PLEK_KAFKA=kafka.bootstrap, PLEK_PREFIX=prefix)

    await create_topics(kafka.brokers, prefix)
    values = [link.value for link in log_of([1, 2, 1, -2, 2])]
    async with new_producer(kafka.brokers) as producer:
        for value in values:
            await producer.send_and_wait(Topics(prefix).audit, value)
        whole = verify()
        assert (whole.returncode, whole.stderr) == (0, "")
        assert whole.stdout.startswith("5 records in 3 chains hold together, ")
        head = next(line.removeprefix("head ") for line in whole.stdout.splitlines() if line.startswith("head "))
        assert verify("--head", head).returncode == 0
        await producer.send_and_wait(Topics(prefix).audit, values[2])
        forged = verify()
        assert (forged.returncode, forged.stdout.splitlines()[0]) == (1, "broken at offset 5: a record is out of order")
        shorter = verify("--head", f"4:{'0' * 64}")
        assert shorter.stdout.startswith("broken at offset 4: another record than the recorded head")


def test_an_empty_log_holds_together() -> None:
    """An empty audit log is whole, and has no head."""
    assert report_lines(Checker(), None, 0.0) == ["0 records in 0 chains hold together, 0.0 s"]


def test_a_head_is_printed_as_it_is_read() -> None:
    """A printed head is read back as the same offset and hash."""
    checker = Checker()
    assert checker.take(ChainLink(0, 0, encode_record(Entry(at=0, happening="chain-begun"), "a", 0, None, "plek.api"))) is None
    line = report_lines(checker, None, 0.0)[1]
    assert parse_heads([line.removeprefix("head ")]) == [checker.head]


def test_the_result_is_stored_in_numbers() -> None:
    """What a page shows of a check: when, how many records are intact, and the first that is not, with the reason."""
    links = log_of([1, 2])
    checker = Checker()
    assert [checker.take(link) for link in links] == [None, None]
    assert summarize(checker, None, 7) == AuditCheck(at=7, records=2, chains=2, broken_at=None, how=None)
    assert summarize(checker, Break(2, "a record is out of order"), 7).broken_at == 2


@pytest.mark.parametrize("text", ["", "5", "5:abc", "x:" + "0" * 64])
def test_a_malformed_head_is_refused(text: str) -> None:
    """A malformed head ends the command before the log is read."""
    with pytest.raises(UserError, match="OFFSET:HASH"):
        parse_heads([text])
