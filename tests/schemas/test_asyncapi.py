"""AsyncAPI: valid by its own published schema, complete, and the same as what the services do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from jsonschema import Draft7Validator, Draft202012Validator

from services import __version__
from services.adapters.codec.validation import MEANING
from services.adapters.kafka.dead_letters import dead_letter
from services.adapters.kafka.ports import LogRecord
from services.adapters.kafka.topics import Topics, plans
from services.domain.events.catalog import BED_EVENTS, DEMAND_EVENTS, VERSIONED_NAMES
from tests.schemas.validation import ROOT, SCHEMAS

WRITTEN: Final[dict[str, Any]] = yaml.safe_load((ROOT / "asyncapi.yaml").read_text("utf-8"))
SERVED: Final[dict[str, Any]] = json.loads((ROOT.parent / "services" / "api" / "operator" / "asyncapi.json").read_text("utf-8"))
PUBLISHED: Final[dict[str, Any]] = json.loads((Path(__file__).parent / "asyncapi" / "3.1.0.json").read_text("utf-8"))


def test_the_document_keeps_the_published_schema() -> None:
    """Both forms of the document keep AsyncAPI 3.1.0's own schema."""
    assert list(Draft7Validator(PUBLISHED).iter_errors(WRITTEN)) == []
    assert list(Draft7Validator(PUBLISHED).iter_errors(SERVED)) == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("channels/bedEvents/bindings/kafka/partitions", "twelve"),
        ("channels/bedEvents/bindings/kafka/topicConfiguration/retention.ms", "-1"),
        ("operations/recordBedEvents/action", "emit"),
        ("components/messages/admission/payload/schemaFormat", 7),
        ("info/title", None),
    ],
)
def test_the_published_schema_would_tell(path: str, value: Any) -> None:
    """The check above is one: what is wrong in the document is found, down to its bindings and payloads."""
    spoiled = json.loads(json.dumps(SERVED))
    *steps, last = path.split("/")
    place = spoiled
    for step in steps:
        place = place[step]
    place[last] = value
    assert not Draft7Validator(PUBLISHED).is_valid(spoiled)


def test_each_type_is_in_its_truth_topic() -> None:
    """Section 2: every event type is a message of its own topic, and intake takes what shelters send."""
    channels = WRITTEN["channels"]
    assert list(channels["bedEvents"]["messages"]) == [VERSIONED_NAMES[shape].removesuffix(".v1") for shape in BED_EVENTS]
    assert list(channels["demandEvents"]["messages"]) == [VERSIONED_NAMES[shape].removesuffix(".v1") for shape in DEMAND_EVENTS]
    assert channels["intake"]["messages"] == channels["bedEvents"]["messages"]


def test_topics_are_as_they_are_made() -> None:
    """Partitions, copies and settings are those that the owner of the topics makes them with."""
    bindings = {channel["address"]: channel["bindings"]["kafka"] for channel in WRITTEN["channels"].values()}
    for plan in plans(Topics(), brokers=3, organisations=("{organisation}",)):
        described = bindings.pop(plan.name)
        assert (described["partitions"], described["replicas"]) == (plan.partitions, plan.copies)
        assert described["topicConfiguration"].keys() == plan.settings.keys()
    assert bindings == {}
    truth = WRITTEN["channels"]["bedEvents"]["bindings"]["kafka"]["topicConfiguration"]
    assert (truth["message.timestamp.type"], truth["retention.ms"], truth["cleanup.policy"]) == ("LogAppendTime", -1, ["delete"])


def test_every_reference_leads_somewhere() -> None:
    """References within the document and to the schemas beside it can be followed."""
    for channel in WRITTEN["channels"].values():
        assert all(
            message["$ref"].removeprefix("#/components/messages/") in WRITTEN["components"]["messages"]
            for message in channel["messages"].values()
        )
    for name, schema in SCHEMAS.items():
        payload = WRITTEN["components"]["messages"][name]["payload"]["schema"]
        assert (ROOT / payload["$ref"]).is_file()
        served = SERVED["components"]["messages"][name]["payload"]["schema"]
        assert served["properties"].keys() == schema["properties"].keys()


def test_every_pointer_of_the_served_form_leads_on_from_its_root() -> None:
    """AsyncAPI resolves `#/` from the root of the document: each pointer leads to something there, and no schema has an id of its own."""
    pointers = list(_pointers(SERVED))
    assert len(pointers) > 100
    for pointer in pointers:
        place: Any = SERVED
        for step in pointer.removeprefix("#/").split("/"):
            place = place[step]
    assert "$id" not in str(SERVED)


def _pointers(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from ([value["$ref"]] if isinstance(value.get("$ref"), str) else [])
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _pointers(each)


def test_the_served_form_refuses_what_the_schema_beside_it_refuses() -> None:
    """With its definitions moved, the schema of an event is the same rule: it takes the golden examples and refuses an empty household."""
    schemas = {"components": SERVED["components"]}
    for name in SCHEMAS:
        schema = SERVED["components"]["messages"][name]["payload"]["schema"]
        examples = json.loads((ROOT / "examples" / f"{name}.json").read_text("utf-8"))
        assert all(Draft202012Validator(schema | schemas).is_valid(each) for each in examples.values())
    empty = json.loads((ROOT / "examples" / "refused" / "empty-household.json").read_text("utf-8"))["event"]
    refused = SERVED["components"]["messages"]["stay-changed"]["payload"]["schema"]
    assert not Draft202012Validator(refused | schemas).is_valid(empty)


def test_it_names_its_servers_and_how_a_client_logs_in() -> None:
    """A generated client knows where to connect, and with which mechanism."""
    assert {server["protocol"] for server in SERVED["servers"].values()} == {"kafka-secure", "kafka"}
    assert SERVED["components"]["securitySchemes"]["scram"]["type"] == "scramSha512"
    assert (SERVED["asyncapi"], SERVED["info"]["version"]) == ("3.1.0", __version__)


def test_dead_letters_carry_the_headers_described() -> None:
    """R13: reason, topic, partition and offset, as the services write them."""
    described = WRITTEN["components"]["messages"]["dead-letter"]["headers"]
    letter = dead_letter("plek.dead-letters", Read(), "missing")
    headers = {name: value.decode() for name, value in letter.headers}
    assert list(headers) == described["required"]
    assert Draft7Validator(described).is_valid(headers)
    assert set(described["properties"]["reason"]["enum"]) == set(MEANING)


class Read:
    """A record somebody read."""

    topic, partition, offset, key, value = "plek.bed-events", 3, 41, b"berk", b"{"


def test_a_record_has_bytes() -> None:
    """A dead letter is the original key and bytes."""
    letter = dead_letter("plek.dead-letters", Read(), "missing")
    assert (type(letter), letter.key, letter.value) == (LogRecord, b"berk", b"{")
