"""`plek cluster`: make a Kafka of one's own ready, and say what of it is not as it ought to be."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from services.adapters.cluster import Cluster, RefusedError
from services.adapters.grants import ROLES, grants, is_ours, organisation_of
from services.adapters.settings import Settings
from services.adapters.topic_admin import TopicsError
from services.adapters.topics import Topics, check_topics, create_topics
from services.commands.target import reaching
from services.local.trouble import Trouble

Users = Annotated[Path, typer.Option(help="Folder of files, each named for a user and holding its password.", show_default=False)]


def run(users: Users) -> None:
    """Make what is missing: topics, the users of the services and of organisations, and what each may do.

    Said again it changes passwords to what the files hold, gives what is missing and takes back what the table no longer has. A topic that
    exists is never changed: what is wrong with it is printed, and the exit code is 1. Kafka's admin is `PLEK_KAFKA_USER`.
    """
    settings = Settings()
    if "kafka" not in settings.model_fields_set:
        raise Trouble("Which Kafka? Set PLEK_KAFKA; `plek up` makes what its own needs", code=2)
    passwords = _passwords(users)
    try:
        with reaching():
            wrong = asyncio.run(_make(settings, passwords))
    except (TopicsError, RefusedError) as refused:
        raise Trouble(str(refused)) from refused
    for line in wrong:
        typer.echo(line)
    if wrong:
        raise typer.Exit(1)


async def _make(settings: Settings, passwords: dict[str, str]) -> list[str]:
    names = Topics(settings.prefix)
    organisations = [organisation for user in passwords if (organisation := organisation_of(user))]
    await create_topics(settings.brokers, settings.prefix, settings.partitions, organisations=organisations)
    async with Cluster(settings.brokers) as cluster:
        await cluster.set_passwords(passwords)
        given, taken = await cluster.allow(grants(names, organisations), names)
    typer.echo(f"{names.family}*: {len(passwords)} users; {given} rights given, {taken} taken back")
    return await check_topics(settings.brokers, settings.prefix, settings.partitions)


def _passwords(folder: Path) -> dict[str, str]:
    """Read a password from each file; every role has one. Raises Trouble, which names users and no password."""
    try:
        found = {file.name: file.read_text("utf-8").strip() for file in sorted(folder.iterdir()) if file.is_file()}
    except (OSError, UnicodeDecodeError) as wrong:
        raise Trouble(f"The passwords in {folder} can't be read", code=2) from wrong
    unknown = [user for user in found if not is_ours(user)]
    lacking = [user for user in dict.fromkeys((*ROLES, *found)) if not found.get(user)]
    if unknown or lacking:
        told = [f"{', '.join(names)} {what}" for names, what in ((unknown, "is no user of Plek"), (lacking, "has no password")) if names]
        raise Trouble(f"In {folder}: {'; '.join(told)}", code=2)
    return found
