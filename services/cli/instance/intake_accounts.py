"""Makes, lists and removes what an organisation's own system needs in Kafka: its topics, its user, its rights.

Guarantees: rights stand before topics, so that a topic that exists can be used; an account keeps its password unless another one is asked
for.
"""

import asyncio
import secrets
from dataclasses import dataclass
from typing import Final

from services.adapters.clock import seconds
from services.adapters.config.settings import Settings
from services.adapters.kafka.acl_admin import AclAdmin
from services.adapters.kafka.acl_rules import organisation_grants, organisation_user
from services.adapters.kafka.ports import LogUnavailableError
from services.adapters.kafka.topic_admin import TopicAdmin
from services.adapters.kafka.topics import Topics, create_topics
from services.cli.instance.intake_group import IntakeGroup
from services.local.user_error import UserError

# Of 32 random bytes: it is pasted, never typed
_PASSWORD_BYTES: Final = 32
# A gateway looks for new topics every three seconds
_FOUND_WITHIN_S: Final = 20.0
_LOOK_S: Final = 0.2


@dataclass(frozen=True, slots=True)
class NewAccount:
    """What was made for an organisation's own system; `found_after_s` is None where no gateway reads its topic yet."""

    user: str
    password: str
    topic: str
    refused: str
    group: str
    found_after_s: float | None


@dataclass(frozen=True, slots=True)
class IntakeAccount:
    """What is known of an organisation's own system: `unread` and `refused` are None without its topic."""

    organisation: str
    may_write: bool
    is_read: bool
    unread: int | None
    refused: int | None


@dataclass(frozen=True, slots=True)
class IntakeAccounts:
    """The accounts of one data set; UserError, TopicsError, RefusedError or LogUnavailableError where Kafka does not do it."""

    settings: Settings

    @property
    def _topics(self) -> Topics:
        return Topics(self.settings.prefix)

    @property
    def _group(self) -> IntakeGroup:
        return IntakeGroup(self.settings.brokers, self._topics)

    async def add(self, organisation: str, *, new_password: bool) -> NewAccount:
        """Make an account, or with `new_password` give an existing one another password."""
        topics, password = self._topics, secrets.token_urlsafe(_PASSWORD_BYTES)
        async with TopicAdmin(self.settings.brokers) as admin:
            if topics.bed_events not in await admin.names():
                raise UserError(f"There is no {topics.bed_events} in this Kafka: `plek cluster` makes the topics first")
        user = organisation_user(organisation)
        async with AclAdmin(self.settings.brokers) as acls:
            if (organisation in await acls.organisations(topics)) != new_password:
                raise UserError(_ABSENT.format(organisation) if new_password else _PRESENT.format(organisation))
            await acls.set_passwords({user: password})
            await acls.grant(organisation_grants(topics, organisation))
        await create_topics(self.settings.brokers, self.settings.prefix, self.settings.partitions, organisations=[organisation])
        found_after_s = await self._found(organisation)
        return NewAccount(
            user, password, topics.intake(organisation), topics.refused(organisation), topics.intake(organisation), found_after_s
        )

    async def _found(self, organisation: str) -> float | None:
        """Wait until a gateway reads a new topic, and return how long that took; None when none does."""
        began = seconds()
        while (waited := seconds() - began) < _FOUND_WITHIN_S:
            try:
                read = await self._group.topics_read()
            except LogUnavailableError:
                read = frozenset()  # the very first group of a cluster has no coordinator for a moment
            if read is None:
                return None
            if self._topics.intake(organisation) in read:
                return waited
            await asyncio.sleep(_LOOK_S)
        return None

    async def list(self) -> list[IntakeAccount]:
        """List the accounts by organisation."""
        topics = self._topics
        async with TopicAdmin(self.settings.brokers) as admin:
            names = set(await admin.names())
        async with AclAdmin(self.settings.brokers) as acls:
            entitled = await acls.organisations(topics)
        present = {found for name in names if (found := topics.organisation(name))}
        read = await self._group.topics_read() if present else None
        return [
            IntakeAccount(
                organisation,
                organisation in entitled,
                topics.intake(organisation) in (read or ()),
                await self._group.unread(organisation) if organisation in present else None,
                await self._group.refused(organisation) if topics.refused(organisation) in names else None,
            )
            for organisation in sorted(present | entitled)
        ]

    async def remove(self, organisation: str) -> None:
        """Take rights and user away, then delete the topics with all that is in them."""
        topics = self._topics
        async with AclAdmin(self.settings.brokers) as acls:
            await acls.revoke(organisation_grants(topics, organisation))
            await acls.remove_user(organisation_user(organisation))
        async with TopicAdmin(self.settings.brokers) as admin:
            names = set(await admin.names())
            await admin.delete([name for name in (topics.intake(organisation), topics.refused(organisation)) if name in names])


_PRESENT: Final = "{0} has a topic and a user already: `plek intake add --new-password {0}` gives it another password"
_ABSENT: Final = "{} has no user yet: leave out --new-password"
