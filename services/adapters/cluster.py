"""Users and rights of a Kafka cluster, in Kafka's own protocol: aiokafka knows the requests for rights, not that for SCRAM's users.

`allow` and `set_passwords` may be said again: they leave what is as it ought to be, and `allow` takes back what the table no longer has.
"""

import hashlib
import os
from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import Any, Final, Self

from aiokafka.errors import KafkaError, for_code
from aiokafka.protocol import admin as acl
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import CompactArray, CompactBytes, CompactString, Int8, Int16, Int32, Schema, TaggedFields

from services.adapters.brokers import Brokers
from services.adapters.grants import Grant, Operation, Resource, is_ours
from services.adapters.kafka import new_admin
from services.adapters.topics import Topics

# The numbers of Kafka's protocol (org.apache.kafka.common.acl and .resource)
_RESOURCES: Final[dict[Resource, int]] = {"topic": 2, "group": 3}
_OPERATIONS: Final[dict[Operation, int]] = {"read": 3, "write": 4, "describe": 8, "describe-configs": 10}
_LITERAL, _PREFIXED, _ALLOW, _ANY = 3, 4, 3, 1
_EVERYWHERE: Final = "*"
_SCRAM_SHA_512: Final = 2
# Kafka's own least is 4,096 (RFC 7677); these passwords are long and random, and every new connection pays for it
_ITERATIONS: Final = 8_192
_SALT_BYTES: Final = 24


class RefusedError(Exception):
    """Kafka can't be reached, or refuses: one clear line."""


class Cluster:
    """A connection of the admin."""

    def __init__(self, brokers: Brokers) -> None:
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
        """Make these users, or give them these passwords from now on; RefusedError."""
        wanted = [_credential(user, password) for user, password in sorted(passwords.items())]
        for user, code, *_ in (await self._send(_AlterScram(wanted))).results:
            _check(code, f"the user {user}")

    async def allow(self, wanted: Iterable[Grant], world: Topics) -> tuple[int, int]:
        """Grant all of these and take back what else our users may do in this world; tell how many were given and taken."""
        ours, found = set(wanted), await self._granted(world)
        missing, surplus = sorted(ours - found), sorted(found - ours)
        for grant in missing:
            for code, _ in (await self._send(acl.CreateAclsRequest(*_row(grant)))).creation_responses:
                _check(code, f"a right of {grant.user}")
        for grant in surplus:
            for code, *_ in (await self._send(acl.DeleteAclsRequest(*_row(grant)))).filter_responses:
                _check(code, f"a right of {grant.user}")
        return len(missing), len(surplus)

    async def _granted(self, world: Topics) -> set[Grant]:
        """Read what our users may do."""
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
            return await self._client._send_request(request)  # noqa: SLF001 - the one way to ask what the client has no method for
        except (KafkaError, OSError, TimeoutError) as away:
            raise RefusedError(self._brokers.no_answer) from away


def _row(grant: Grant) -> tuple[Any, ...]:
    pattern = _PREFIXED if grant.begins else _LITERAL
    user = f"User:{grant.user}"
    return _RESOURCES[grant.resource], grant.name, pattern, user, _EVERYWHERE, _OPERATIONS[grant.operation], _ALLOW


def _credential(user: str, password: str) -> tuple[Any, ...]:
    """Salt a password as RFC 5802 does: the password itself is not sent."""
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

    def __init__(self, upsertions: list[tuple[Any, ...]]) -> None:
        self._upsertions = upsertions

    def build(self, request_struct_class: type[Any]) -> Any:
        """Build the request of the version that was agreed on."""
        return request_struct_class([], self._upsertions, {})
