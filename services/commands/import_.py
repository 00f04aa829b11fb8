"""`plek import`: a recorded log becomes a world beside the real country."""

import asyncio
from typing import Annotated

import typer

from services.adapters.clock import now_ms
from services.commands.bar import Advance, bar
from services.commands.data import Data
from services.commands.emit import Topic
from services.commands.history import History, settings_for
from services.commands.ledger import Ledger
from services.commands.outcome import INTERRUPTED, Outcome
from services.commands.past import Past
from services.commands.tape import Tape, opened
from services.commands.target import reaching
from services.local.trouble import Trouble


def run(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A tape, or events one a line; - for standard input.")],
    world: Annotated[str, typer.Option("--world", metavar="NAME", help="The world it becomes, such as imported-2022.")] = "imported",
    topic: Annotated[Topic | None, typer.Option(help="Where the lines of a tape were.", show_default="by what each says")] = None,
    data: Data = None,
    *,
    allow_refused: Annotated[bool, typer.Option("--allow-refused", help="Exit code 0 even when lines became dead letters.")] = False,
) -> None:
    """Import history into a world of its own: each line is logged at its `ts`, or without one at the `time` of its event, however old.

    The file is checked to its end before anything is written. Imported again, or after it was stopped, only what is missing is written.
    What breaks a rule becomes a dead letter there, as it would have; exit code 1 then, and each reason with its number.
    """
    history = History.of(settings_for(data, world))
    past = Past(history.wire, history.topics, now_ms(), Ledger(), topic.value if topic else None)
    outcome = Outcome()
    with opened(file) as tape:
        total = tape.check()
        try:
            with bar("Importing", total) as advance, reaching():
                asyncio.run(_import(history, past, tape, advance, outcome))
        except KeyboardInterrupt:
            typer.echo(f"Stopped before the end of {total:,} lines: {outcome.accepted:,} written. Import it again to go on")
            raise typer.Exit(INTERRUPTED) from None
    typer.echo(told(world, total, past, outcome))
    if outcome.refused:
        raise Trouble(f"{outcome.refused:,} lines have neither key nor value, or are larger than a topic takes: they were not imported")
    if past.dead and not allow_refused:
        raise typer.Exit(1)


async def _import(history: History, past: Past, tape: Tape, advance: Advance, outcome: Outcome) -> None:
    await history.begin()
    if await history.size():
        await past.ledger.read(history)
    await history.append(past.records(tape), advance, outcome)


def told(world: str, total: int, past: Past, outcome: Outcome) -> str:
    """Tell in one line what became of all lines."""
    dead = ", ".join(f"{reason} {count:,}" for reason, count in sorted(past.dead.items()))
    there = f", {past.there:,} were there already" if past.there else ""
    letters = f"; {past.dead.total():,} of the lines are dead letters ({dead})" if dead else ""
    return f"{world}: {outcome.accepted:,} of {total:,} lines written{there}{letters}"
