"""Reads the counts from the API, or from the view past the API, and shows them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, suppress

import typer

from services.adapters.clock import now_ms
from services.adapters.config.settings import Settings
from services.adapters.regions import read_regions
from services.cli.clients.connection import translate_outages
from services.cli.clients.state_client import open_state
from services.cli.options.api_options import ApiOptions
from services.cli.output.counts_model import CountsModel, counts_of_state, counts_of_view
from services.cli.output.counts_table import counts_screen, kind_of_instance, may_show_numbers
from services.cli.output.screen import Screen, show


def show_counts(settings: Settings, options: ApiOptions, region: str | None, *, redis: bool, once: bool, as_json: bool) -> None:
    """Show the counts once or until Ctrl-C; once as JSON. Exit code 1 when no number may be shown. Raises UserError."""
    with translate_outages(), suppress(KeyboardInterrupt):
        asyncio.run(_show(settings, options, region, redis=redis, once=once, as_json=as_json))


async def _show(settings: Settings, options: ApiOptions, region: str | None, *, redis: bool, once: bool, as_json: bool) -> None:
    kind, regions = kind_of_instance(settings, elsewhere=bool(options.api and options.token)), read_regions(settings.regions)
    async with AsyncExitStack() as stack:
        read = await _view_reader(settings, stack) if redis else _api_reader(options, stack)

        async def look() -> CountsModel:
            return (await read()).labelled(kind).only_region(region)

        async def draw() -> Screen:
            return counts_screen(await look(), settings, regions)

        if not as_json:
            await show(draw, once=once)
            return
        counts = await look()
        typer.echo(json.dumps(counts.document()))
        if not may_show_numbers(counts, settings):
            raise typer.Exit(1)


async def _view_reader(settings: Settings, stack: AsyncExitStack) -> Callable[[], Awaitable[CountsModel]]:
    from services.adapters.view.dataset_view import DatasetView
    from services.cli.clients.views import open_views

    beds, demand = await stack.enter_async_context(open_views(settings))
    view = DatasetView(beds, demand)

    async def read() -> CountsModel:
        snapshots = [await view.read_partition(partition) for partition in range(settings.partitions)]
        return counts_of_view(snapshots, now_ms(), settings.limits, settings.world, view.now())

    return read


def _api_reader(options: ApiOptions, stack: AsyncExitStack) -> Callable[[], Awaitable[CountsModel]]:
    read_state = stack.enter_context(open_state(options))

    async def read() -> CountsModel:
        return counts_of_state(read_state(), now_ms())

    return read
