"""Snapshots and releases: printed, and published once for good."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final, TypeVar

import typer

from services.adapters.clock import seconds
from services.adapters.http.app_factory import running
from services.adapters.kafka.log_reader import Log
from services.adapters.kafka.ports import LogUnavailableError
from services.adapters.kafka.producer import Producer
from services.adapters.kafka.topics import Topics
from services.adapters.observability.metrics import Metrics
from services.cli.clients.connection import translate_outages, wait_until_ready
from services.cli.monitor.figure_source import FigureSource, open_figures
from services.cli.monitor.figure_tables import clock, draw
from services.cli.output.progress import progress_bar
from services.cli.output.tables import print_drawing
from services.local.user_error import UserError
from services.monitor.publication import release, snapshot
from services.monitor.publication.kafka_publisher import KafkaPublications
from services.monitor.publication.published_store import PublishedStore
from services.monitor.publication.release_draft import draft

T = TypeVar("T")
# What a terminal shows by kind of unit; all of it is in the JSON
_BY_KIND: Final = ("units-by-state", "occupancy")


def print_snapshot(data: Path | None, world: str | None, at_ms: int, *, publish: bool, sure: bool, as_json: bool) -> None:
    """Print the snapshot of a moment, and if asked publish it after a question. Raises UserError where nothing is known of it."""
    with open_figures(data, world, "snapshot", "shown") as source:
        source.check_logged(at_ms)
        with progress_bar("Working out", None):
            value = snapshot.take(source.ask, at_ms)
        document = snapshot.SnapshotDocument.model_validate_json(value)
        if as_json:
            typer.echo(value.decode())
        else:
            kinds = [figure for figure in document.by_kind.figures if figure.figure in _BY_KIND]
            by_kind = document.by_kind.model_copy(update={"figures": kinds})
            print_drawing(draw([document.now, document.day, by_kind], source.regions))
        if not publish:
            return
        if document.is_empty:
            raise UserError("Nothing had been logged by then: there is nothing to publish", code=2)
        if not sure:
            typer.confirm("Publish this, for every analyst and for ever?", abort=True, err=True)
        source.note("figures-asked", "snapshot", "published")
        _with_publications(source, lambda publications: publications.publish(snapshot.snapshot_key(at_ms), value))
    typer.echo(f"Published: the snapshot of {clock(document.snapshot)}", err=True)


def print_release(data: Path | None, world: str | None, year: int, *, publish: bool) -> None:
    """Print the next release of a year, and publish it if asked. Raises UserError where there is nothing to release."""
    with open_figures(data, world, "release", "drafted", str(year)) as source:
        if publish and source.store.simulated and source.settings.world == "live":
            raise UserError("A simulated country lives here, under the name of a real one: nothing of it is published as a release", code=2)

        async def make(publications: KafkaPublications) -> bytes | None:
            await publications.refresh()
            earlier = [publications.get(key) or b"" for key in release.versions(publications.keys, year)]
            with progress_bar("Hiding", None):
                drafted = await asyncio.to_thread(draft, source.ask, year, source.over, earlier)
            if not (drafted and publish):
                return drafted
            version = len(earlier) + 1
            await asyncio.to_thread(source.note, "release-published", "release", str(year), str(version))
            return await publications.publish(release.release_key(year, version), drafted)

        document = _with_publications(source, make)
    if document is None:
        raise UserError("Nothing to release: no month of it is over, or it would be the same as the last one")
    typer.echo(document.decode())


def _with_publications(source: FigureSource, work: Callable[[KafkaPublications], Awaitable[T]]) -> T:
    """Return the result of work with the published documents. Raises UserError when Kafka is away."""
    settings, topic = source.settings, Topics(source.settings.prefix).monitor_snapshots

    async def run() -> T:
        producer = Producer(settings.brokers, seconds, Metrics())
        async with Log(settings.brokers, topic) as log, running(producer.run_forever):
            await wait_until_ready(lambda: producer.ready)
            return await work(KafkaPublications(log, producer, PublishedStore(source.source.directory.root / "published")))

    with translate_outages():
        try:
            return asyncio.run(run())
        except TimeoutError as error:
            raise LogUnavailableError from error
