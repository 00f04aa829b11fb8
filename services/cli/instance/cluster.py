"""Makes a Kafka of the operator ready for Plek, and prints what of it is wrong."""

import asyncio
import json
from pathlib import Path

import typer

from services.adapters.config.settings import Settings
from services.adapters.kafka.acl_admin import AclAdmin, RefusedError
from services.adapters.kafka.acl_rules import ROLES, grants, is_ours, organisation_of
from services.adapters.kafka.strimzi import topic_resources, user_resources
from services.adapters.kafka.topic_admin import TopicsError
from services.adapters.kafka.topics import Topics, check_topics, create_topics
from services.cli.clients.connection import translate_outages
from services.local.user_error import UserError


def prepare_cluster(settings: Settings, users: Path) -> None:
    """Make topics, users and rights; `users` is the folder of passwords. Exit code 1 when a topic is wrong. Raises UserError."""
    passwords = _read_passwords(users)
    try:
        with translate_outages():
            faults = asyncio.run(_prepare(settings, passwords))
    except (TopicsError, RefusedError) as error:
        raise UserError(str(error)) from error
    for fault in faults:
        typer.echo(fault)
    if faults:
        raise typer.Exit(1)


def print_strimzi(settings: Settings, users: Path) -> None:
    """Print topics, users and rights for the Strimzi operator, with the organisations that have a password. Raises UserError."""
    organisations = sorted(organisation for user in _read_passwords(users) if (organisation := organisation_of(user)))
    names = Topics(settings.prefix)
    items = [*topic_resources(names, organisations, settings.partitions), *user_resources(names, organisations)]
    typer.echo(json.dumps({"apiVersion": "v1", "kind": "List", "items": items}, indent=2))


async def _prepare(settings: Settings, passwords: dict[str, str]) -> list[str]:
    """Make topics, users and rights, and return what is wrong with the topics."""
    topics = Topics(settings.prefix)
    named = {organisation for user in passwords if (organisation := organisation_of(user))}
    # Rights before topics: a gateway answers on a topic as soon as that exists
    async with AclAdmin(settings.brokers) as admin:
        # An organisation without a file has its account of `plek intake add`, which keeps no password
        others = await admin.organisations(topics) - named
        await admin.set_passwords(passwords)
        given, taken = await admin.allow(grants(topics, named | others), topics)
    await create_topics(settings.brokers, settings.prefix, settings.partitions, organisations=sorted(named | others))
    typer.echo(f"{topics.family}*: {len(passwords)} users; {given} rights given, {taken} taken back")
    for organisation in sorted(others):
        typer.echo(f"{organisation} has an account and no file: `plek intake remove {organisation}` takes it away")
    return await check_topics(settings.brokers, settings.prefix, settings.partitions)


def _read_passwords(folder: Path) -> dict[str, str]:
    """Return the password of each user; every role has one. Raises UserError, which names users and no password."""
    try:
        passwords = {file.name: file.read_text("utf-8").strip() for file in sorted(folder.iterdir()) if file.is_file()}
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"The passwords in {folder} can't be read", code=2) from error
    unknown = [user for user in passwords if not is_ours(user)]
    without = [user for user in dict.fromkeys((*ROLES, *passwords)) if not passwords.get(user)]
    if unknown or without:
        faults = [f"{', '.join(users)} {what}" for users, what in ((unknown, "is no user of Plek"), (without, "has no password")) if users]
        raise UserError(f"In {folder}: {'; '.join(faults)}", code=2)
    return passwords
