"""Checks that the audit log is complete and unchanged, from its first record to its last."""

import asyncio
import re
from collections.abc import Iterable
from contextlib import aclosing
from typing import Final

import typer

from services.adapters.audit.hash_chain import Break, Checker, Head
from services.adapters.audit.reader import AuditLog, KafkaAuditLog
from services.adapters.clock import now_ms, seconds
from services.adapters.config.settings import Settings
from services.adapters.kafka.topics import Topics
from services.adapters.view.last_checks import AuditCheck
from services.cli.clients.check_results import store_check
from services.cli.clients.connection import translate_outages
from services.local.user_error import UserError

_HEAD: Final = re.compile("([0-9]{1,16}):([0-9a-f]{64})", re.ASCII)


def verify_audit_log(settings: Settings, heads: Iterable[Head]) -> None:
    """Print the result of a check of the audit log. Exit code 1 when it is broken. Raises UserError."""
    began = seconds()
    with translate_outages():
        checker, broken = asyncio.run(_check_and_store(settings, heads))
    for line in report_lines(checker, broken, seconds() - began):
        typer.echo(line)
    if broken:
        raise typer.Exit(1)


def parse_heads(texts: Iterable[str]) -> list[Head]:
    """Return heads from the form in which they are printed. Raises UserError."""
    matches = [_HEAD.fullmatch(text) for text in texts]
    if not all(matches):
        raise UserError("A head is OFFSET:HASH as `plek audit verify` prints it", code=2)
    return [Head(int(match[1]), match[2]) for match in matches if match]


async def _check_and_store(settings: Settings, heads: Iterable[Head]) -> tuple[Checker, Break | None]:
    checker, broken = await check(KafkaAuditLog(settings.brokers, Topics(settings.prefix).audit), heads)
    await store_check(settings, summarize(checker, broken, now_ms()))
    return checker, broken


def summarize(checker: Checker, broken: Break | None, at: int) -> AuditCheck:
    """Return what a check that ended at `at` (ms) found, in numbers."""
    offset, how = (broken.offset, broken.how) if broken else (None, None)
    return AuditCheck(at=at, records=checker.records, chains=checker.chains, broken_at=offset, how=how)


async def check(log: AuditLog, heads: Iterable[Head]) -> tuple[Checker, Break | None]:
    """Read the log up to the first break, and return the checker and the break."""
    checker = Checker({head.offset: head.hash for head in heads})
    async with aclosing(log.all()) as batches:
        async for links in batches:
            for link in links:
                if broken := checker.take(link):
                    return checker, broken
    return checker, checker.finish()


def report_lines(checker: Checker, broken: Break | None, took_s: float) -> list[str]:
    """Return the result in lines."""
    total = f"{checker.records:,} records in {checker.chains:,} chains hold together, {took_s:.1f} s"
    if broken:
        return [f"broken at offset {broken.offset}: {broken.how}", total]
    return [total, f"head {checker.head.offset}:{checker.head.hash}"] if checker.head else [total]
