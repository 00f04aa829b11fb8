"""Creates SCRAM users and ACLs of a Kafka cluster in Kafka's own protocol: aiokafka has requests for ACLs, and none for SCRAM users.

`allow` and `set_passwords` are idempotent; `allow` also removes the rights that the table no longer has.
"""

import hashlib
import os
from collections.abc import Iterable, Mapping, Sequence
from types import TracebackType
from typing import Any, Final, Self

from aiokafka.errors import KafkaError, for_code
from aiokafka.protocol import admin as acl
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import CompactArray, CompactBytes, CompactString, Int8, Int16, Int32, Schema, TaggedFields

from services.adapters.config.kafka_connection import KafkaConnection
from services.adapters.kafka.acl_rules import Grant, Operation, Resource, is_ours, organisation_of
from services.adapters.kafka.clients import new_admin
from services.adapters.kafka.topics import Topics

# The numbers of Kafka's protocol (org.apache.kafka.common.acl and .resource)
_RESOURCES: Final[dict[Resource, int]] = {"topic": 2, "group": 3}
_OPERATIONS: Final[dict[Operation, int]] = {"read": 3, "write": 4, "describe": 8, "describe-configs": 10}
_LITERAL, _PREFIXED, _ALLOW, _ANY = 3, 4, 3, 1
_EVERYWHERE: Final = "*"
_SCRAM_SHA_512: Final = 2
# Kafka's minimum is 4,096 (RFC 7677); these passwords are long and random, and every new connection pays for each
_ITERATIONS: Final = 8_192
_SALT_BYTES: Final = 24
# RESOURCE_NOT_FOUND
_NO_SUCH_USER: Final = 91


class RefusedError(Exception):
    """Kafka can't be reached, or refuses; the message is one clear line."""


class AclAdmin:
    """A connection of the admin user."""

    def __init__(self, brokers: KafkaConnection) -> None:
        self._brokers, self._client = brokers, new_admin(brokers, request_timeout_ms=10_000)

    async def __aenter__(self) -> Self:
        try:
            await self._client.start()
        except (KafkaError, OSError) as away:
            await self._client.close()
            raise RefusedError(self._brokers.no_answer) from away
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None) -> None:
        await self._client.close()

    async def set_passwords(self, passwords: Mapping[str, str]) -> None:
        """Create these users, or replace their passwords; RefusedError."""
        credentials = [_credential(user, password) for user, password in sorted(passwords.items())]
        for user, code, *_ in (await self._send(_AlterScram(credentials))).results:
            _check(code, f"the user {user}")

    async def remove_user(self, user: str) -> None:
        """Delete a user with its password; one that does not exist is no error. RefusedError."""
        for _, code, *_ in (await self._send(_AlterScram(deletions=[(user, _SCRAM_SHA_512, {})]))).results:
            if code != _NO_SUCH_USER:
                _check(code, f"the user {user}")

    async def organisations(self, world: Topics) -> frozenset[str]:
        """Return the organisations that have a system with a right in this data set; RefusedError."""
        return frozenset(found for grant in await self._granted(world) if (found := organisation_of(grant.user)))

    async def allow(self, wanted: Iterable[Grant], world: Topics) -> tuple[int, int]:
        """Grant all of these, revoke what else our users may do in this data set, and return how many were granted and revoked."""
        ours, granted = set(wanted), await self._granted(world)
        return await self._create(ours - granted), await self._delete(granted - ours)

    async def grant(self, rights: Iterable[Grant]) -> None:
        """Grant these, and revoke nothing: two who add an account at once do not undo each other's. RefusedError."""
        await self._create(rights)

    async def revoke(self, rights: Iterable[Grant]) -> None:
        """Revoke these, and nothing else; RefusedError."""
        await self._delete(rights)

    async def _create(self, rights: Iterable[Grant]) -> int:
        created = sorted(rights)
        for grant in created:
            for code, _ in (await self._send(acl.CreateAclsRequest(*_row(grant)))).creation_responses:
                _check(code, f"a right of {grant.user}")
        return len(created)

    async def _delete(self, rights: Iterable[Grant]) -> int:
        deleted = sorted(rights)
        for grant in deleted:
            for code, *_ in (await self._send(acl.DeleteAclsRequest(*_row(grant)))).filter_responses:
                _check(code, f"a right of {grant.user}")
        return len(deleted)

    async def _granted(self, world: Topics) -> set[Grant]:
        """Read the rights of our users."""
        answer = await self._send(acl.DescribeAclsRequest(_ANY, None, _ANY, None, None, _ANY, _ANY))
        _check(answer.error_code, "to show rights")
        resources = {number: name for name, number in _RESOURCES.items()}
        operations = {number: name for name, number in _OPERATIONS.items()}
        return {
            Grant(user.removeprefix("User:"), operations[operation], resources[resource], name, begins=pattern == _PREFIXED)
            for resource, name, pattern, rights in answer.resources
            for user, host, operation, permission in rights
            if is_ours(user.removeprefix("User:")) and world.owns(name) and (host, permission) == (_EVERYWHERE, _ALLOW)
            if resource in resources and operation in operations
        }

    async def _send(self, request: Any) -> Any:
        try:
            return await self._client._send_request(request)  # noqa: SLF001 - the client has no public method for these requests
        except (KafkaError, OSError, TimeoutError) as away:
            raise RefusedError(self._brokers.no_answer) from away


def _row(grant: Grant) -> tuple[Any, ...]:
    pattern = _PREFIXED if grant.begins else _LITERAL
    user = f"User:{grant.user}"
    return _RESOURCES[grant.resource], grant.name, pattern, user, _EVERYWHERE, _OPERATIONS[grant.operation], _ALLOW


def _credential(user: str, password: str) -> tuple[Any, ...]:
    """Return the credential of a user, salted after RFC 5802: the password itself is not sent."""
    salt = os.urandom(_SALT_BYTES)
    salted = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, _ITERATIONS)
    return user, _SCRAM_SHA_512, _ITERATIONS, salt, salted, {}


def _check(code: int, what: str) -> None:
    if code:
        raise RefusedError(f"Kafka refuses {what}: {for_code(code).__name__}")


class _AlterScramResponse(Response):
    API_KEY, API_VERSION = 51, 0
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        ("results", CompactArray(("user", CompactString()), ("error_code", Int16), ("message", CompactString()), ("tags", TaggedFields))),
        ("tags", TaggedFields),
    )


class _AlterScramStruct(RequestStruct):
    """AlterUserScramCredentials, version 0 (KIP-554)."""

    FLEXIBLE_VERSION = True
    API_KEY, API_VERSION = 51, 0
    RESPONSE_TYPE = _AlterScramResponse
    SCHEMA = Schema(
        ("deletions", CompactArray(("name", CompactString()), ("mechanism", Int8), ("tags", TaggedFields))),
        (
            "upsertions",
            CompactArray(
                ("name", CompactString()),
                ("mechanism", Int8),
                ("iterations", Int32),
                ("salt", CompactBytes),
                ("salted_password", CompactBytes),
                ("tags", TaggedFields),
            ),
        ),
        ("tags", TaggedFields),
    )


class _AlterScram(Request[_AlterScramStruct]):
    API_KEY = 51

    def __init__(self, upsertions: Sequence[tuple[Any, ...]] = (), deletions: Sequence[tuple[Any, ...]] = ()) -> None:
        self._upsertions, self._deletions = list(upsertions), list(deletions)

    def build(self, request_struct_class: type[Any]) -> Any:
        """Return the request in the version that client and broker agreed on."""
        return request_struct_class(self._deletions, self._upsertions, {})
