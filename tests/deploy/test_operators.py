"""Operators of Kubernetes: what Strimzi and the Prometheus operator are given is valid, and says what the one table and the one file say.

The schemas in crds/ are those of Strimzi 1.2.0, made by its own generator (`io.strimzi:crd-generator` over `io.strimzi:api`, Apache-2.0),
without descriptions and status. Those of the Prometheus operator come as an npm package: tests/standards/test_monitoring_resources.py.
"""

import json
import re
from pathlib import Path
from typing import Any, Final

import jsonschema
import pytest
import yaml

from services.adapters.kafka.acl_rules import ROLES, Grant, grants
from services.adapters.kafka.topics import Topics, plans
from tests.cli.typed import typed
from tests.deploy.composed import ROOT

_CRDS: Final = {crd["kind"]: crd for crd in (json.loads(file.read_text("utf-8")) for file in (Path(__file__).parent / "crds").iterdir())}
_NAMES: Final = Topics()


def _read(folder: str, name: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all((ROOT / "deploy" / folder / name).read_text("utf-8")))


_TOPICS: Final = _read("strimzi", "topics.yaml")
_USERS: Final = _read("strimzi", "users.yaml")


def _strict(schema: Any) -> Any:
    """Return a schema that refuses a member that it does not list: Kubernetes would drop that without a word."""
    if isinstance(schema, list):
        return [_strict(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {key: _strict(value) for key, value in schema.items()}
    if isinstance(schema.get("properties"), dict) and not schema.get("x-kubernetes-preserve-unknown-fields"):
        closed.setdefault("additionalProperties", False)
    return closed


def _check(resource: dict[str, Any]) -> None:
    crd = _CRDS[resource["kind"]]
    assert resource["apiVersion"] == f"{crd['group']}/{crd['version']}"
    assert re.fullmatch(r"[a-z0-9]([-a-z0-9.]*[a-z0-9])?", resource["metadata"]["name"])
    jsonschema.Draft202012Validator(_strict(crd["openAPIV3Schema"])).validate(resource)


@pytest.mark.parametrize("resource", [*_TOPICS, *_USERS], ids=lambda each: f"{each['kind']}-{each['metadata']['name']}")
def test_a_resource_is_what_strimzi_takes(resource: dict[str, Any]) -> None:
    """Each KafkaTopic and KafkaUser follows Strimzi's own schema, with no member that it does not know."""
    _check(resource)


def test_a_wrong_member_is_refused() -> None:
    """The schemas bite: a misspelt member and an operation that does not exist are both refused."""
    user = _USERS[0]
    for spec in (
        {**user["spec"], "quota": {}},
        {"authorization": {"type": "simple", "acls": [{"resource": {"type": "topic"}, "operations": ["Look"]}]}},
    ):
        with pytest.raises(jsonschema.ValidationError):
            _check({**user, "spec": spec})


def test_strimzi_is_given_every_topic_with_its_settings() -> None:
    """The topics are those that `plek cluster` makes on three brokers: partitions, copies and settings alike."""
    found = {each["metadata"]["name"]: each["spec"] for each in _TOPICS}
    wanted = {
        plan.name: {"partitions": plan.partitions, "replicas": plan.copies, "config": dict(plan.settings)}
        for plan in plans(_NAMES, brokers=3)
    }
    assert found == wanted


def _granted(users: list[dict[str, Any]]) -> set[Grant]:
    """Read rights back from KafkaUsers."""
    operations: dict[str, Any] = {"Read": "read", "Write": "write", "Describe": "describe", "DescribeConfigs": "describe-configs"}
    return {
        Grant(
            user["metadata"]["name"],
            operations[operation],
            acl["resource"]["type"],
            acl["resource"]["name"],
            acl["resource"]["patternType"] == "prefix",
        )
        for user in users
        for acl in user["spec"]["authorization"]["acls"]
        for operation in acl["operations"]
    }


def test_strimzi_is_given_the_table_of_rights() -> None:
    """Read back, the users of Strimzi have the rights of the table, each one and no other."""
    assert _granted(_USERS) == set(grants(_NAMES))
    assert {each["metadata"]["name"] for each in _USERS} == set(ROLES)
    for each in _USERS:
        reference = each["spec"]["authentication"]["password"]["valueFrom"]["secretKeyRef"]
        assert reference == {"name": "users", "key": each["metadata"]["name"]}


@pytest.mark.e2e
def test_the_command_prints_them_with_the_organisations(tmp_path: Path) -> None:
    """`plek cluster --strimzi` reaches no Kafka, and adds topics, user and rights of each organisation that has a password."""
    for user in (*ROLES, "organisation-org-1"):
        (tmp_path / user).write_text("quite-secret")
    done = typed("cluster", "--users", str(tmp_path), "--strimzi", environment={"PLEK_DATA": str(tmp_path / "data")})
    assert done.returncode == 0, done.stderr
    printed = json.loads(done.stdout)["items"]
    for each in printed:
        _check(each)
    assert {each["metadata"]["name"] for each in printed if each["kind"] == "KafkaTopic"} == {
        plan.name for plan in plans(_NAMES, brokers=3, organisations=["org-1"])
    }
    assert _granted([each for each in printed if each["kind"] == "KafkaUser"]) == set(grants(_NAMES, ["org-1"]))
    assert "quite-secret" not in done.stdout
