"""Makes a world beside the real country from a recorded log."""

import asyncio
from pathlib import Path

import typer

from services.adapters.clock import now_ms
from services.adapters.codec.event_codec import Topic
from services.cli.clients.connection import translate_outages
from services.cli.datasets.dataset_writer import DatasetWriter, settings_of_world
from services.cli.datasets.import_dedup import ImportDedup
from services.cli.datasets.import_router import ImportRouter
from services.cli.events.recording_reader import Recording, open_recording
from services.cli.events.send_summary import INTERRUPTED, SendSummary, list_reasons
from services.cli.output.progress import Advance, progress_bar
from services.local.user_error import UserError


def import_history(data: Path | None, file: str, world: str, topic: Topic | None, *, allow_refused: bool) -> None:
    """Write the lines of a file into a world. Exit code 1 for dead letters unless `allow_refused`. Raises UserError."""
    writer, summary = DatasetWriter.open(settings_of_world(data, world)), SendSummary()
    router = ImportRouter(writer.codec, writer.topics, now_ms(), ImportDedup(), topic)
    with open_recording(file) as recording:
        total = recording.check()
        try:
            with progress_bar("Importing", total) as advance, translate_outages():
                asyncio.run(_import(writer, router, recording, advance, summary))
        except KeyboardInterrupt:
            typer.echo(f"Stopped before the end of {total:,} lines: {summary.accepted:,} written. Import it again to go on")
            raise typer.Exit(INTERRUPTED) from None
    present = f", {router.present:,} were there already" if router.present else ""
    letters = f"; {router.dead.total():,} of the lines are dead letters ({list_reasons(router.dead)})" if router.dead else ""
    typer.echo(f"{world}: {summary.accepted:,} of {total:,} lines written{present}{letters}")
    if summary.refused:
        raise UserError(f"{summary.refused:,} lines have neither key nor value, or are larger than a topic takes: they were not imported")
    if router.dead and not allow_refused:
        raise typer.Exit(1)


async def _import(writer: DatasetWriter, router: ImportRouter, recording: Recording, advance: Advance, summary: SendSummary) -> None:
    await writer.make_topics()
    if await writer.count_records():
        await router.dedup.read(writer)
    await writer.append(router.records(recording), advance, summary)
