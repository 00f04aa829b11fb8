"""`plek intake`: accounts in Kafka for the systems of organisations."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Coroutine
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, TypeVar

import typer

from services.cli.options.api_options import Json
from services.cli.options.instance import Data
from services.local.user_error import UserError

if TYPE_CHECKING:
    from pathlib import Path

    from services.adapters.config.settings import Settings
    from services.cli.instance.intake_accounts import IntakeAccounts, NewAccount

_ORGANISATION: Final = re.compile("[a-z0-9-]{1,40}", re.ASCII)
T = TypeVar("T")


def intake(
    action: Annotated[Literal["add", "list", "remove"], typer.Argument(help="What to do.")] = "list",
    organisation: Annotated[str | None, typer.Argument(metavar="ORG", help="Which organisation, as its shelters name it.")] = None,
    data: Data = None,
    *,
    new_password: Annotated[bool, typer.Option("--new-password", help="With add: give an account that exists another one.")] = False,
    as_json: Json = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Don't ask.")] = False,
) -> None:
    """Let the system of an organisation write to Kafka itself: make its topics, user and rights, list them, or take them away.

    `add` prints what the supplier of that system needs; its password is shown once and kept nowhere. In a Kafka of your own the admin is
    PLEK_KAFKA_USER. How a system sends and reads is in docs/integrate.md.
    """
    from services.cli.clients.connection import settings_of
    from services.cli.instance.intake_accounts import IntakeAccounts

    if action != "list" and not _ORGANISATION.fullmatch(organisation or ""):
        raise UserError(f"Say which: plek intake {action} ORG, with small letters, digits and dashes", code=2)
    settings = settings_of(data, "kafka")
    accounts = IntakeAccounts(settings)
    if action == "list":
        _list(accounts, as_json=as_json)
    elif action == "add":
        _add(accounts, organisation or "", data, settings, new_password=new_password, as_json=as_json)
    else:
        _remove(accounts, organisation or "", yes=yes)


def _add(accounts: IntakeAccounts, organisation: str, data: Path | None, settings: Settings, *, new_password: bool, as_json: bool) -> None:
    made = _run(accounts.add(organisation, new_password=new_password))
    bootstrap, security = _login(data, settings)
    if as_json:
        typer.echo(json.dumps({"organisation": organisation, "bootstrap": bootstrap, "security": security, **asdict(made)}))
        return
    for line in _lines(made, bootstrap, security, _schema(data)):
        typer.echo(line)


def _lines(made: NewAccount, bootstrap: str, security: str, schema: str) -> list[str]:
    """Return what a supplier needs, and what to try first; the password stands there once."""
    rows = {
        "bootstrap": bootstrap,
        "security": f"{security}, SCRAM-SHA-512",
        "topic": f"{made.topic} (write; the key is the shelter)",
        "refused": f"{made.refused} (read, in the consumer group {made.group})",
        "user": made.user,
        "password": f"{made.password} (shown once)",
        "schema": schema,
    }
    found = (
        "No gateway runs here: one that starts reads the topic from its beginning"
        if made.found_after_s is None
        else f"The gateway found the topic after {made.found_after_s:.1f} s"
    )
    return [
        *(f"{name:<10} {text}" for name, text in rows.items()),
        "",
        "To try it, with the examples of docs/integrate.md:",
        f"export INTAKE_BOOTSTRAP={bootstrap} INTAKE_SECURITY={security} INTAKE_TOPIC={made.topic} INTAKE_USER={made.user}",
        "export INTAKE_PASSWORD=...",
        "python docs/integrate/intake.py send SHELTER UNIT",
        "",
        found,
    ]


def _login(data: Path | None, settings: Settings) -> tuple[str, str]:
    """Return where a system logs in, and how: at a listener of its own where `plek up` runs the broker."""
    from services.adapters.config.settings import Settings as Own
    from services.local.instance.data_directory import DataDirectory
    from services.local.layout import SYSTEMS_PORT
    from services.local.processes.free_ports import LOOPBACK

    instance = DataDirectory(data or Own().data)
    status = instance.read_status() if instance.is_running() else None
    if status and any(part.address == settings.kafka for part in status.parts):
        return f"{LOOPBACK}:{instance.ports[SYSTEMS_PORT]}", "SASL_PLAINTEXT"
    return settings.kafka, settings.kafka_security


def _schema(data: Path | None) -> str:
    from services.local.instance.discovery import find_running

    try:
        return f"{find_running(data).api}/v1/asyncapi.json"
    except UserError:
        return "/v1/asyncapi.json at the address of the API"


def _list(accounts: IntakeAccounts, *, as_json: bool) -> None:
    from services.cli.output.tables import plain_table, print_drawing

    found = _run(accounts.list())
    if as_json:
        typer.echo(json.dumps([asdict(each) for each in found]))
        return
    if not found:
        typer.echo("No organisation has a topic of its own: `plek intake add ORG` makes one")
        return
    table = plain_table("organisation", "may write", "gateway reads", "unread", "refused in 14 days")
    for each in found:
        answers = ("yes" if each.may_write else "no", "yes" if each.is_read else "no")
        counts = ("-" if count is None else str(count) for count in (each.unread, each.refused))
        table.add_row(each.organisation, *answers, *counts)
    print_drawing(table)


def _remove(accounts: IntakeAccounts, organisation: str, *, yes: bool) -> None:
    account = next((each for each in _run(accounts.list()) if each.organisation == organisation), None)
    if account is None:
        raise UserError(f"{organisation} has no topic and no user: `plek intake list` shows who has")
    if not yes:
        unread = f"{account.unread} records that no gateway has read" if account.unread else "what the gateway has read already"
        typer.confirm(f"The user of {organisation} is deleted, and its topics with {unread}, for good. Go on?", abort=True)
    _run(accounts.remove(organisation))
    typer.echo(f"{organisation} can write no more; what it sent before stays counted")


def _run(work: Coroutine[Any, Any, T]) -> T:
    from services.adapters.kafka.acl_admin import RefusedError
    from services.adapters.kafka.topic_admin import TopicsError
    from services.cli.clients.connection import translate_outages

    try:
        with translate_outages():
            return asyncio.run(work)
    except (TopicsError, RefusedError) as error:
        raise UserError(str(error)) from error
