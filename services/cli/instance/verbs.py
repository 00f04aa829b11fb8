"""The verbs that start, show and end what runs on this machine."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import time
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Final

import typer

from services.cli.options.api_options import DEFAULT_DESK, Json
from services.cli.options.instance import Data, World, data_directory
from services.cli.options.region_names import region_option
from services.local.identity.tokens import Role
from services.local.user_error import UserError

_MOST_WORKERS: Final = 64
# Every part has 5 s to finish what it does, in two waves
_DOWN_S: Final = 20.0
_LOOK_S: Final = 0.1


def up(
    data: Annotated[
        Path | None, typer.Option("--data", help="Keep everything of this instance here; PLEK_DATA, else .plek.", show_default=False)
    ] = None,
    world: World = None,
    workers: Annotated[int, typer.Option(min=1, max=_MOST_WORKERS, help="How many processors share the partitions.")] = 1,
    *,
    demo: Annotated[bool, typer.Option("--demo", help="Run a simulated country in it.")] = False,
    pace: Annotated[
        float, typer.Option(min=1, max=3_600, help="With --demo: so many times as fast as life; 60 is an hour a minute, 1440 a day.")
    ] = 60,
) -> None:
    """Start Kafka, Valkey and every service on this machine, and stay until Ctrl-C.

    Free ports are chosen and kept from start to start; data stays in .plek. Several instances run side by side, each with its own --data.
    PLEK_KAFKA, PLEK_REDIS and PLEK_ISSUER name your own instead of starting one.

    With --world a country that is simulated or imported is started instead, beside the real one where that runs: it is read at its own
    clock, and nothing is sent to it.
    """
    from services.adapters.config.settings import Settings
    from services.local.dataset_host import run_dataset
    from services.local.up import run_instance

    settings = Settings() if data is None else Settings(data=data)
    if workers > settings.partitions:
        raise UserError(f"{workers} workers can't share {settings.partitions} partitions: some would have nothing to do", code=2)
    if world is None:
        run_instance(settings, workers, _print, pace=pace if demo else None)
    elif demo:
        raise UserError("--demo plays into the real country: leave out --world", code=2)
    else:
        run_dataset(settings, world, workers, _print)


def _print(line: str) -> None:
    # A reader that has gone away (`plek up | head`) or a full disk (`plek up > file`) is no reason to leave parts unwatched
    with contextlib.suppress(OSError):
        typer.echo(line)


def status(data: Data = None, world: World = None, *, as_json: Json = False) -> None:
    """Show address, process, memory and state of every part; exit code 1 when nothing runs."""
    from services.adapters.datasets import dataset_label
    from services.cli.output.tables import plain_table, print_drawing
    from services.local.instance.discovery import find_running
    from services.local.processes.memory_usage import format_memory, memory_of

    running = find_running(data_directory(data, world))
    parts = [{**asdict(part), "memory": memory_of(part.pid)} for part in running.status.parts]
    total = sum(part["memory"] or 0 for part in parts) + (memory_of(running.status.pid) or 0)
    kind = running.settings.world
    if as_json:
        addresses = {"gateway": running.gateway if kind == "live" else None, "api": running.api, "monitor": running.monitor}
        typer.echo(json.dumps({"world": kind, "pid": running.status.pid, **addresses, "memory": total, "parts": parts}))
        return
    if kind != "live":
        typer.echo(f"{running.settings.prefix}: {dataset_label(kind)}")
    table = plain_table("part", "state", "address", "process", "memory", "restarts")
    for part in parts:
        process = str(part["pid"] or "-")
        table.add_row(part["name"], part["state"], part["address"], process, format_memory(part["memory"]), str(part["restarts"]))
    print_drawing(table)
    typer.echo(f"Memory: {format_memory(total)} for all of it")


def down(data: Data = None, world: World = None) -> None:
    """End what `plek up` started, and wait until all of it is gone. The data stays."""
    from services.adapters.clock import seconds
    from services.adapters.config.settings import Settings
    from services.local.instance.data_directory import DataDirectory
    from services.local.instance.discovery import find_running

    data = data_directory(data, world)
    running = find_running(data)
    os.kill(running.status.pid, signal.SIGTERM)
    instance = DataDirectory(data or Settings().data)
    deadline = seconds() + _DOWN_S
    while instance.is_running():
        if seconds() > deadline:
            raise UserError(f"Process {running.status.pid} is still there after {_DOWN_S:.0f} s")
        time.sleep(_LOOK_S)
    typer.echo("Plek is down")


def token(  # noqa: PLR0913, PLR0917  each is an option
    role: Annotated[Role, typer.Argument(help="Its role.")],
    shelter: Annotated[list[str] | None, typer.Option(help="Shelter the token is for; repeat for more.")] = None,
    region: Annotated[
        list[str] | None, region_option(help="Such as Breda; repeat for more; a worker without a region can't search.")
    ] = None,
    desk: Annotated[str | None, typer.Option(help="Desk of a worker.", show_default=DEFAULT_DESK)] = None,
    hours: Annotated[float, typer.Option(min=0.01, max=12, help="How long it is valid.")] = 12,
    subject: Annotated[str | None, typer.Option("--as", help="The user it names.", show_default="the role")] = None,
    data: Data = None,
) -> None:
    """Make a bearer token that the services of this instance accept, and print it."""
    from services.adapters.clock import now_ms
    from services.local.identity.tokens import Person
    from services.local.instance.discovery import find_last

    person = Person(
        role=role,
        subject=subject or str(role),
        shelters=tuple(shelter or ()),
        regions=tuple(region or ()),
        desk=desk or (DEFAULT_DESK if role is Role.WORKER else None),
    )
    typer.echo(find_last(data).tokens.token(person, now_ms(), hours))


def cluster(
    users: Annotated[Path, typer.Option(help="Folder of files, each named after a user and holding its password.", show_default=False)],
    *,
    strimzi: Annotated[bool, typer.Option("--strimzi", help="Print them for the Strimzi operator, and make nothing.")] = False,
) -> None:
    """Make what is missing in your own Kafka: topics, the users of the services and of organisations, and the rights of each.

    Run again, it sets passwords to those in the files, adds missing rights, and removes those that the table no longer has. A topic that
    exists is never changed: what is wrong with it is printed, and the exit code is 1. Kafka's admin is `PLEK_KAFKA_USER`.
    """
    from services.adapters.config.settings import Settings
    from services.cli.instance.cluster import prepare_cluster, print_strimzi

    settings = Settings()
    if strimzi:
        print_strimzi(settings, users)
        return
    if "kafka" not in settings.model_fields_set:
        raise UserError("Which Kafka? Set PLEK_KAFKA; `plek up` makes what its own needs", code=2)
    prepare_cluster(settings, users)
