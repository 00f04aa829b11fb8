"""The topics and the table of rights as resources of the Strimzi operator: what `plek cluster` makes elsewhere, as Kubernetes holds it."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any, Final

from services.adapters.kafka.acl_rules import Grant, grants
from services.adapters.kafka.topics import PARTITIONS, Topics, plans

CLUSTER: Final = "plek"
"""The name of the `Kafka` resource; an overlay changes the label where it has another."""
_API: Final = "kafka.strimzi.io/v1"
# Strimzi runs three brokers or more in production, and fewer would need other settings of every topic
_BROKERS: Final = 3
_OPERATIONS: Final = {"read": "Read", "write": "Write", "describe": "Describe", "describe-configs": "DescribeConfigs"}


def topic_resources(names: Topics, organisations: Iterable[str] = (), partitions: int = PARTITIONS) -> Iterator[dict[str, Any]]:
    """Yield a KafkaTopic for every topic of a data set."""
    for plan in plans(names, brokers=_BROKERS, partitions=partitions, organisations=organisations):
        spec = {"partitions": plan.partitions, "replicas": plan.copies, "config": dict(sorted(plan.settings.items()))}
        yield _resource("KafkaTopic", plan.name, spec)


def user_resources(names: Topics, organisations: Iterable[str] = ()) -> Iterator[dict[str, Any]]:
    """Yield a KafkaUser for every role and organisation: its password from the secret `users`, and its rights."""
    for user, rights in groupby(grants(names, organisations), key=lambda grant: grant.user):
        password = {"valueFrom": {"secretKeyRef": {"name": "users", "key": user}}}
        spec = {
            "authentication": {"type": "scram-sha-512", "password": password},
            "authorization": {"type": "simple", "acls": list(_acls(rights))},
        }
        yield _resource("KafkaUser", user, spec)


def _acls(rights: Iterable[Grant]) -> Iterator[dict[str, Any]]:
    """Yield the rights of a user, one entry a resource."""
    by_resource: dict[tuple[str, str, bool], list[str]] = {}
    for grant in rights:
        by_resource.setdefault((grant.resource, grant.name, grant.begins), []).append(_OPERATIONS[grant.operation])
    for (resource, name, begins), operations in sorted(by_resource.items()):
        pattern = "prefix" if begins else "literal"
        yield {"resource": {"type": resource, "name": name, "patternType": pattern}, "operations": operations, "host": "*"}


def _resource(kind: str, name: str, spec: dict[str, Any]) -> dict[str, Any]:
    metadata = {"name": name, "labels": {"strimzi.io/cluster": CLUSTER}}
    return {"apiVersion": _API, "kind": kind, "metadata": metadata, "spec": spec}
