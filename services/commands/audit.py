"""`plek audit verify`: whether the audit log holds together, from its first record to its last."""

import asyncio
import re
from collections.abc import Iterable
from contextlib import aclosing
from typing import Annotated, Literal

import typer

from services.adapters.audit.chain import Break, Checker, Head
from services.adapters.audit.trail import KafkaTrail, Trail
from services.adapters.clock import seconds
from services.adapters.topics import Topics
from services.commands.data import Data
from services.commands.target import reaching, settings_of
from services.local.trouble import Trouble

_HEAD = re.compile("([0-9]{1,16}):([0-9a-f]{64})", re.ASCII)

Heads = Annotated[list[str] | None, typer.Option("--head", help="OFFSET:HASH as it was printed before; repeat for more.")]


def run(what: Annotated[Literal["verify"], typer.Argument(help="What to do with it.")], head: Heads = None, data: Data = None) -> None:
    """Check the audit log: that no record is missing, changed, moved or put in. The first that does not fit is named, with exit code 1.

    Note the head that is printed, away from this machine, and give it the next time: that the very end is missing shows in no other way.
    """
    assert what == "verify"  # noqa: S101 - there is no other yet
    noted = heads(head or ())
    settings = settings_of(data, "kafka")
    began = seconds()
    with reaching():
        checker, found = asyncio.run(check(KafkaTrail(settings.brokers, Topics(settings.prefix).audit), noted))
    for line in report(checker, found, seconds() - began):
        typer.echo(line)
    if found:
        raise typer.Exit(1)


def heads(written: Iterable[str]) -> list[Head]:
    """Read heads as they are printed. Raises Trouble."""
    found = [_HEAD.fullmatch(text) for text in written]
    if not all(found):
        raise Trouble("A head is OFFSET:HASH as `plek audit verify` prints it", code=2)
    return [Head(int(each[1]), each[2]) for each in found if each]


async def check(log: Trail, noted: Iterable[Head]) -> tuple[Checker, Break | None]:
    """Read the whole log, up to the first break."""
    checker = Checker({head.offset: head.hash for head in noted})
    async with aclosing(log.all()) as reading:
        async for batch in reading:
            for kept in batch:
                found = checker.take(kept)
                if found:
                    return checker, found
    return checker, checker.finish()


def report(checker: Checker, found: Break | None, took_s: float) -> list[str]:
    """Write what came of it."""
    whole = f"{checker.records:,} records in {checker.chains:,} chains hold together, {took_s:.1f} s"
    if found:
        return [f"broken at offset {found.offset}: {found.how}", whole]
    return [whole, f"head {checker.head.offset}:{checker.head.hash}"] if checker.head else [whole]
