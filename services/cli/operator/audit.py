"""Checks that the audit log is complete and unchanged, from its first record to its last, and like the heads that were signed of it."""

import asyncio
import re
from collections.abc import Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self

import typer

from services.adapters.audit.hash_chain import Break, Checker, Head
from services.adapters.audit.reader import AuditLog, KafkaAuditLog
from services.adapters.audit.signed_heads import HeadChecker, SignedHead
from services.adapters.clock import now_ms, seconds
from services.adapters.config.settings import Settings
from services.adapters.kafka.topics import AUDIT_KEPT_MS, Topics
from services.adapters.view.last_checks import AuditCheck
from services.cli.clients.check_results import store_check
from services.cli.clients.connection import translate_outages
from services.cli.operator.audit_heads import read_kept_heads, trusted_keys
from services.cli.operator.audit_lines import head_lines, report_lines
from services.local.user_error import UserError

_HEAD: Final = re.compile("([0-9]{1,16}):([0-9a-f]{64})", re.ASCII)


@dataclass(frozen=True, slots=True)
class KeptHeads:
    """What an auditor gives to compare with: plain heads as they were printed, signed ones, and the public keys that are trusted."""

    plain: Sequence[Head] = ()
    signed: Sequence[SignedHead] = ()
    keys: frozenset[str] = field(default_factory=frozenset)

    @classmethod
    def read(cls, texts: Iterable[str], key_files: Sequence[Path], settings: Settings) -> Self:
        """Read heads, each OFFSET:HASH or the name of a file of signed ones. Raises UserError."""
        texts = list(texts)
        files = [Path(text) for text in texts if ":" not in text or Path(text).is_file()]
        signed = [head for file in files for head in read_kept_heads(file)]
        plain = parse_heads(text for text in texts if Path(text) not in files)
        return cls(plain, signed, trusted_keys(key_files, signed, settings))


def verify_audit_log(settings: Settings, kept: KeptHeads) -> None:
    """Print the result of a check of the audit log. Exit code 1 when it is broken. Raises UserError."""
    began = seconds()
    with translate_outages():
        checker, heads, broken = asyncio.run(_check_and_store(settings, kept))
    for line in (*report_lines(checker, broken, seconds() - began), *head_lines(checker, heads)):
        typer.echo(line)
    if broken:
        raise typer.Exit(1)


def parse_heads(texts: Iterable[str]) -> list[Head]:
    """Return heads from the form in which they are printed. Raises UserError."""
    matches = [_HEAD.fullmatch(text) for text in texts]
    if not all(matches):
        raise UserError("A head is OFFSET:HASH as `plek audit verify` prints it, or a file that `plek audit heads` printed", code=2)
    return [Head(int(match[1]), match[2]) for match in matches if match]


async def _check_and_store(settings: Settings, kept: KeptHeads) -> tuple[Checker, HeadChecker, Break | None]:
    topics = Topics(settings.prefix)
    heads = HeadChecker(topic=topics.audit, keys=kept.keys, kept=tuple(kept.signed))
    unsound = await check_heads(KafkaAuditLog(settings.brokers, topics.audit_heads), heads)
    checker = Checker({head.offset: head.hash for head in kept.plain}, heads.proven, now_ms() - AUDIT_KEPT_MS)
    broken = await check(KafkaAuditLog(settings.brokers, topics.audit), checker) or unsound
    await store_check(settings, summarize(checker, broken, now_ms()))
    return checker, heads, broken


def summarize(checker: Checker, broken: Break | None, at: int) -> AuditCheck:
    """Return what a check that ended at `at` (ms) found, in numbers."""
    offset, how = (broken.offset, broken.how) if broken else (None, None)
    return AuditCheck(at=at, records=checker.records, chains=checker.chains, broken_at=offset, how=how)


async def check(log: AuditLog, checker: Checker) -> Break | None:
    """Read the log up to the first break, and return the break."""
    async with aclosing(log.all()) as batches:
        async for links in batches:
            for link in links:
                if broken := checker.take(link):
                    return broken
    return checker.finish()


async def check_heads(log: AuditLog, heads: HeadChecker) -> Break | None:
    """Read the signed heads up to the first that is not sound, and return it as a break of the log that it covers.

    Without a key to trust there is nothing to read.
    """
    if not heads.keys:
        return None
    wrong = heads.begin()
    if not wrong:
        async with aclosing(log.all()) as batches:
            wrong = await anext((found async for links in batches for link in links if (found := heads.take(link.value))), None)
    wrong = wrong or heads.finish()
    return Break(max(heads.proven, default=0), wrong) if wrong else None
