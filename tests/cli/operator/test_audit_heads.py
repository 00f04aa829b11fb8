"""Signed heads over a real Kafka: exported, kept elsewhere, and given to `plek audit verify` after each attack (F8)."""

import inspect
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import pytest_asyncio

from services.adapters.audit import hash_chain, signed_heads
from services.adapters.audit.hash_chain import BEGUN_ANEW, CUT, REWRITTEN, Checker
from services.adapters.audit.reader import KafkaAuditLog
from services.adapters.audit.signed_heads import HeadChecker, public_key, sign
from services.adapters.clock import now_ms, seconds
from services.adapters.config.settings import Settings
from services.adapters.http.app_factory import running
from services.adapters.kafka.ports import LogRecord
from services.adapters.kafka.producer import Producer
from services.adapters.kafka.topic_admin import TopicAdmin
from services.adapters.kafka.topics import Topics, create_topics
from services.adapters.observability.metrics import Metrics
from services.cli.operator.audit import KeptHeads, check, check_heads
from services.cli.operator.audit_heads import newest
from services.cli.operator.audit_lines import DUTCH, head_lines, in_dutch
from services.domain.durations import MINUTE_MS
from services.local.user_error import UserError
from services.monitor.head_signer import HeadSigner
from tests.adapters.audit.test_signed_heads import HEADS, LOG, OTHER, SECRET, TOPIC, USERS, extent_of, log_by
from tests.cli.events.test_elsewhere import plek
from tests.controlled_servers import Kafka
from tests.twins.memory_audit_log import MemoryAuditLog
from tests.twins.memory_log import MemoryLog
from tests.waiting import until

PUBLIC = public_key(SECRET)


@dataclass
class Signed:
    """An audit log in Kafka of which a head was signed, and the verbs that read it."""

    kafka: Kafka
    topics: Topics
    folder: Path

    def audit(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run `plek audit` with these words."""
        return plek(self.folder, "audit", *words, PLEK_KAFKA=self.kafka.bootstrap, PLEK_PREFIX=self.topics.prefix)

    async def write(self, topic: str, values: Sequence[bytes]) -> None:
        """Append records to a topic."""
        producer = Producer(self.kafka.brokers, seconds, Metrics())
        async with running(producer.run_forever):
            await until(lambda: producer.ready)
            await producer.append([LogRecord(topic, None, value) for value in values])

    async def sign(self) -> None:
        """Sign a head, as the monitor does."""
        producer = Producer(self.kafka.brokers, seconds, Metrics())
        async with running(producer.run_forever):
            await until(lambda: producer.ready)
            signer = HeadSigner(
                secret=SECRET,
                audit_log=KafkaAuditLog(self.kafka.brokers, self.topics.audit),
                heads=KafkaAuditLog(self.kafka.brokers, self.topics.audit_heads),
                log=producer,
                file=self.folder / "heads.jsonl",
                now=now_ms,
                metrics=Metrics(),
                every_ms=1,
            )
            await signer.sign_if_due()

    async def rewrite(self, topic: str, values: Sequence[bytes]) -> None:
        """Delete a topic, and write other records in its place, as one who has the broker's disk could."""
        async with TopicAdmin(self.kafka.brokers) as admin:
            await admin.delete([topic])
        await create_topics(self.kafka.brokers, self.topics.prefix)
        if values:
            await self.write(topic, values)

    def export(self) -> tuple[str, str]:
        """Export the newest head and the public key into files, and return their names."""
        done = self.audit("heads")
        assert done.returncode == 0, done.stderr
        kept, key = self.folder / "kept.jsonl", self.folder / "public.key"
        kept.write_text(done.stdout)
        key.write_text(done.stderr.split()[-1])
        return str(kept), str(key)


@pytest_asyncio.fixture
async def signed(kafka: Kafka, prefix: str, tmp_path: Path) -> Signed:
    """Return a log of which two heads were signed."""
    await create_topics(kafka.brokers, prefix)
    signed = Signed(kafka, Topics(prefix), tmp_path)
    values = [link.value for link in LOG]
    await signed.write(signed.topics.audit, values[:3])
    await signed.sign()
    await signed.write(signed.topics.audit, values[3:])
    await signed.sign()
    return signed


async def test_the_four_attacks_are_found(signed: Signed) -> None:
    """Erased and renumbered, forged with right hashes, cut, begun anew: each is a line in both languages, with exit code 1."""
    kept, key = signed.export()
    whole = signed.audit("verify", "--head", kept, "--key", key)
    assert (whole.returncode, whole.stderr) == (0, "")
    assert f"gelijk aan de getekende koppen tot en met plaats {len(LOG) - 1}" in whole.stdout
    for users, began, offset, how in (
        ((*(user for user in USERS if user != "ben"), "dora", "dora", "dora"), 0, 2, REWRITTEN),
        ((*USERS[:5], "eve", *USERS[6:]), 0, len(LOG) - 1, REWRITTEN),
        (USERS[:-2], 0, len(LOG) - 1, CUT),
        (USERS * 2, now_ms(), 0, BEGUN_ANEW),
        ((), 0, 2, CUT),
    ):
        await signed.rewrite(signed.topics.audit, [link.value for link in log_by(users, began)])
        assert signed.audit("verify").returncode == 0, "the chains alone do not show it"
        found = signed.audit("verify", "--head", kept, "--key", key)
        lines = [f"broken at offset {offset}: {how}", f"gebroken op plaats {offset}: {DUTCH[how]}"]
        assert (found.returncode, found.stdout.splitlines()[:2]) == (1, lines)


async def test_the_topic_of_heads_is_attacked_too(signed: Signed) -> None:
    """A kept head that is no longer in its topic is missed, though the log itself is whole."""
    kept, key = signed.export()
    await signed.rewrite(signed.topics.audit_heads, [])
    none = signed.audit("heads")
    assert (none.returncode, none.stdout) == (1, "")
    assert none.stderr.startswith("plek: No head of the audit log is signed yet")
    found = signed.audit("verify", "--head", kept, "--key", key)
    assert (found.returncode, "a head that was kept elsewhere is not among the signed heads" in found.stdout) == (1, True)


def settings(secret: str | None = None) -> Settings:
    """Return settings with this key."""
    return Settings.model_validate({"audit_head_key": secret} if secret else {})


def test_heads_and_keys_are_files(tmp_path: Path) -> None:
    """Heads of a file and heads as printed are told apart; the keys trusted are those of files, else of the heads, else of the instance."""
    kept, key = tmp_path / "kept.jsonl", tmp_path / "public.key"
    kept.write_bytes(b"\n".join(head.value for head in HEADS) + b"\n")
    key.write_text(f"{public_key(OTHER)}\n")
    both = KeptHeads.read([str(kept), f"5:{'a' * 64}"], [], settings())
    assert (list(both.signed), [head.offset for head in both.plain], both.keys) == (HEADS, [5], frozenset({PUBLIC}))
    assert KeptHeads.read([str(kept)], [key], settings()).keys == {public_key(OTHER)}
    assert KeptHeads.read([], [], settings(OTHER)).keys == {public_key(OTHER)}
    assert KeptHeads.read([], [], settings()).keys == frozenset()


@pytest.mark.parametrize(
    ("content", "line"),
    [("", "holds no head"), ("{}\n", "holds a line that is no signed head"), (HEADS[0].value.decode() + "\nx", "no signed head")],
)
def test_a_file_without_heads_is_refused(tmp_path: Path, content: str, line: str) -> None:
    """A file that holds no head, or something else too, ends the verb before the log is read."""
    file = tmp_path / "kept.jsonl"
    file.write_text(content)
    with pytest.raises(UserError, match=line):
        KeptHeads.read([str(file)], [], settings())


def test_a_file_without_a_key_is_refused(tmp_path: Path) -> None:
    """A file that holds no public key, or can't be read, ends the verb."""
    file = tmp_path / "public.key"
    with pytest.raises(UserError, match="can't be read"):
        KeptHeads.read([], [file], settings())
    file.write_text("no key")
    with pytest.raises(UserError, match="64 hexadecimal digits"):
        KeptHeads.read([], [file], settings())


async def topic_of(*values: bytes) -> MemoryAuditLog:
    """Make a topic of heads in memory."""
    log = MemoryLog()
    await log.append([LogRecord("plek.audit-heads", None, value) for value in values])
    return MemoryAuditLog(log, "plek.audit-heads")


async def test_the_newest_heads_are_exported() -> None:
    """So many of the newest heads, the oldest of them first; a topic that holds something else is named."""
    heads = HEADS + [sign(SECRET, TOPIC, extent_of(LOG), now, HEADS[-1]) for now in (1, 2)]
    topic = await topic_of(*(head.value for head in heads))
    assert await newest(topic, 3) == heads[1:]
    assert await newest(topic, 100) == heads
    with pytest.raises(UserError, match="no signed head"):
        await newest(await topic_of(b"{}"), 1)


async def test_what_the_heads_show_is_printed() -> None:
    """A line says up to where the log is like its heads, how many are of expired records, and how many another key has signed."""
    other = sign(OTHER, TOPIC, extent_of(LOG), 1, HEADS[-1])
    heads = HeadChecker(topic=TOPIC, keys=frozenset({PUBLIC}))
    assert await check_heads(await topic_of(*(head.value for head in (*HEADS, other))), heads) is None
    checker = Checker(signed=heads.proven, kept_since=4 * MINUTE_MS)
    for link in LOG[4:]:
        assert checker.take(link) is None
    lines = list(head_lines(checker, heads))
    assert [line.split(" (")[0] for line in lines] == [
        "gelijk aan de getekende koppen tot en met plaats 5",
        "1 getekende koppen van verlopen records",
        "1 koppen van een andere sleutel, niet vergeleken",
    ]
    (line,) = head_lines(Checker(), replace(heads, keys=frozenset()))
    assert line.startswith("geen getekende kop vergeleken")


async def test_a_broken_topic_of_heads_is_a_break_of_the_log() -> None:
    """What is wrong with the heads is named at the record up to which they were sound."""
    heads = HeadChecker(topic=TOPIC, keys=frozenset({PUBLIC}))
    broken = await check_heads(await topic_of(HEADS[0].value, b"{}"), heads)
    assert broken == hash_chain.Break(2, "a record among the signed heads is none")
    memory = MemoryLog()
    await memory.append([LogRecord(TOPIC, None, link.value) for link in LOG])
    assert await check(MemoryAuditLog(memory, TOPIC), Checker(signed=heads.proven)) is None


def test_each_reason_has_a_translation_that_is_used() -> None:
    """A reason in Dutch belongs to one that the checks give, and one with a number keeps it."""
    sources = inspect.getsource(hash_chain) + inspect.getsource(signed_heads)
    assert [reason for reason in DUTCH if reason not in sources] == []
    assert in_dutch("records are missing: the one before is at 7") == "er ontbreken records; het vorige staat op plaats 7"
    assert in_dutch("something else") == "something else"
