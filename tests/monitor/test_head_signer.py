"""The signer of heads: what it signs, where it keeps it, and when it signs nothing."""

import logging
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from services.adapters.audit.hash_chain import extend
from services.adapters.audit.signed_heads import HeadChecker, SignedHead, public_key, read_head
from services.adapters.kafka.ports import LogRecord
from services.adapters.observability.metrics import Metrics
from services.domain.durations import MINUTE_MS
from services.monitor.head_signer import HeadSigner
from tests.adapters.audit.test_signed_heads import LOG, OTHER, SECRET, TOPIC, USERS, extent_of, log_by
from tests.twins.memory_audit_log import MemoryAuditLog
from tests.twins.memory_log import MemoryLog

HEADS = "plek.audit-heads"
EVERY = 10 * MINUTE_MS


@dataclass
class Signing:
    """A signer over a log in memory, whose clock is moved by hand."""

    folder: Path
    secret: str = SECRET
    log: MemoryLog = field(default_factory=MemoryLog)
    metrics: Metrics = field(default_factory=Metrics)
    time: int = EVERY

    def __post_init__(self) -> None:
        self.file = self.folder / "heads" / "plek.jsonl"
        self.heads = MemoryAuditLog(self.log, HEADS)
        self.signer = HeadSigner(
            secret=self.secret,
            audit_log=MemoryAuditLog(self.log, TOPIC),
            heads=self.heads,
            log=self.log,
            file=self.file,
            now=lambda: self.time,
            metrics=self.metrics,
            every_ms=EVERY,
        )

    async def write(self, *values: bytes) -> None:
        """Append records to the audit log."""
        await self.log.append([LogRecord(TOPIC, None, value) for value in values])

    def rewrite(self, *values: bytes) -> None:
        """Put other records in place of the audit log."""
        self._clear(TOPIC)
        self.log.records[TOPIC, 0] = [LogRecord(TOPIC, None, value) for value in values]

    def wipe_heads(self) -> None:
        """Empty the topic of heads."""
        self._clear(HEADS)

    def _clear(self, topic: str) -> None:
        for each, partition in list(self.log.records):
            if each == topic:
                del self.log.records[each, partition]

    async def later(self) -> int:
        """Sign ten minutes later, and return the wait until the next time."""
        self.time += EVERY
        return await self.signer.sign_if_due()

    async def signed(self) -> list[SignedHead]:
        """Return every head of the topic."""
        return [read_head(link.value) async for batch in self.heads.all() for link in batch]

    @property
    def faults(self) -> bool:
        """Whether the metric says that something is wrong."""
        return b"plek_audit_head_faults 1.0" in self.metrics.page()


@pytest.fixture
def signing(tmp_path: Path) -> Signing:
    """Return a signer of an empty log."""
    return Signing(tmp_path)


VALUES = [link.value for link in LOG]


async def test_heads_of_a_log_that_grows_form_a_chain(signing: Signing) -> None:
    """Each head holds the extent of the whole log and the hash of the head before; an empty log has none."""
    assert (await signing.later(), await signing.signed()) == (EVERY, [])
    for part in (VALUES[:3], VALUES[3:], []):
        await signing.write(*part)
        assert await signing.later() == EVERY
    heads = await signing.signed()
    checker = HeadChecker(topic=TOPIC, keys=frozenset({public_key(SECRET)}))
    assert [checker.take(head.value) for head in heads] == [None] * 3
    assert [head.number for head in heads] == [0, 1, 2]
    kept = [link async for batch in signing.signer.audit_log.all() for link in batch]
    assert [head.extent for head in heads] == [extent_of(kept[:3]), extent_of(kept), extent_of(kept)]


async def test_heads_are_kept_in_a_file_of_their_owner(signing: Signing) -> None:
    """The file has the lines of the topic, and it and its folder are open to their owner only."""
    await signing.write(*VALUES)
    await signing.later()
    await signing.later()
    assert signing.file.read_bytes().splitlines() == [head.value for head in await signing.signed()]
    assert (signing.file.stat().st_mode & 0o777, signing.file.parent.stat().st_mode & 0o777) == (0o600, 0o700)


async def test_a_line_that_a_full_disk_has_cut_off_spoils_no_other(signing: Signing) -> None:
    """After half a line the next head begins a line of its own."""
    await signing.write(*VALUES)
    await signing.later()
    with signing.file.open("ab") as file:
        file.write(b'{"at":"20')
    await signing.later()
    lines = signing.file.read_bytes().splitlines()
    assert [lines[0], lines[2]] == [head.value for head in await signing.signed()]


async def test_a_head_is_signed_when_it_is_due(signing: Signing) -> None:
    """A process that starts early waits for the rest of the ten minutes, and a newest head of the future stops nothing."""
    await signing.write(*VALUES)
    await signing.later()
    signing.time += MINUTE_MS
    assert await signing.signer.sign_if_due() == EVERY - MINUTE_MS
    assert len(await signing.signed()) == 1
    signing.time = 0
    assert await signing.signer.sign_if_due() == EVERY
    assert len(await signing.signed()) == 2


async def test_metrics_say_when_and_how_far(signing: Signing) -> None:
    """The instant of the newest head and its offset are metrics, also of a process that has signed none yet."""
    await signing.write(*VALUES)
    await signing.later()
    other = Signing(signing.folder, log=signing.log, time=signing.time)
    await other.signer.sign_if_due()
    for metrics in (signing.metrics, other.metrics):
        page = metrics.page().decode()
        assert f"plek_audit_head_seconds {signing.time / 1_000}" in page
        assert f"plek_audit_head_offset {float(len(VALUES) - 1)}" in page


async def test_a_kafka_that_is_away_costs_no_head(signing: Signing) -> None:
    """While Kafka is away it is tried again soon, and nothing is written to the file."""
    await signing.write(*VALUES)
    signing.log.away = True
    assert await signing.later() == 10_000
    signing.log.away = False
    assert (await signing.signer.sign_if_due(), len(await signing.signed())) == (EVERY, 1)


ATTACKS = {
    "cut": VALUES[:-2],
    "forged": [link.value for link in log_by((*USERS[:-1], "eve"))],
    "begun anew": [link.value for link in log_by(USERS, began=EVERY)],
    "emptied": [],
}


@pytest.mark.parametrize("attack", ATTACKS)
async def test_a_log_that_does_not_go_on_is_not_signed(signing: Signing, caplog: pytest.LogCaptureFixture, attack: str) -> None:
    """A log without the record of the newest head gets no head: a metric and a log line say so, until the log is back."""
    await signing.write(*VALUES)
    await signing.later()
    signing.rewrite(*ATTACKS[attack])
    with caplog.at_level(logging.CRITICAL):
        await signing.later()
    assert (len(await signing.signed()), signing.faults) == (1, True)
    assert "no head of the audit log is signed: the " in caplog.text
    signing.rewrite(*VALUES)
    await signing.later()
    assert (len(await signing.signed()), signing.faults) == (2, False)


async def test_heads_that_were_wiped_are_missed(signing: Signing) -> None:
    """A topic without the head that stands last in the file gets no other of the same key."""
    await signing.write(*VALUES)
    await signing.later()
    signing.wipe_heads()
    await signing.later()
    assert (await signing.signed(), signing.faults) == ([], True)


@pytest.mark.parametrize("value", [b"{}", b""])
async def test_a_record_that_is_no_head_is_not_continued(signing: Signing, value: bytes) -> None:
    """Another record at the end of the heads stops the signing, and is named."""
    await signing.write(*VALUES)
    await signing.log.append([LogRecord(HEADS, None, value)])
    await signing.later()
    assert signing.faults


async def test_a_forged_head_is_not_continued(signing: Signing) -> None:
    """A head that names the key and was not signed with it stops the signing."""
    await signing.write(*VALUES)
    await signing.later()
    (head,) = await signing.signed()
    forged = head.value.replace(head.extent.digest.encode(), b"0" * 64)
    await signing.log.append([LogRecord(HEADS, None, forged)])
    await signing.later()
    assert (len(await signing.signed()), signing.faults) == (2, True)


async def test_a_new_key_begins_with_the_log_as_it_is(signing: Signing) -> None:
    """After an incident another key signs the log from its beginning, and continues the chain of heads."""
    await signing.write(*VALUES)
    await signing.later()
    signing.rewrite(*ATTACKS["forged"])
    renewed = Signing(signing.folder, secret=OTHER, log=signing.log, time=signing.time)
    await renewed.later()
    first, second = await renewed.signed()
    assert (second.number, second.before, second.is_genuine()) == (1, first.hash, True)
    extent = None
    async for batch in renewed.signer.audit_log.all():
        for link in batch:
            extent = extend(extent, link)
    assert (second.extent, renewed.faults) == (extent, False)
