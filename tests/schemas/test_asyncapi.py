"""AsyncAPI: valid by its own published schema, complete, and the same as what the services do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from jsonschema import Draft7Validator

from services.adapters.checks import MEANING
from services.adapters.dead_letters import dead_letter
from services.adapters.log_port import Record
from services.adapters.topics import Topics, plans
from services.domain.events import BED_EVENTS, DEMAND_EVENTS, SHORT_NAMES
from tests.schemas.validation import ROOT, SCHEMAS

WRITTEN: Final[dict[str, Any]] = yaml.safe_load((ROOT / "asyncapi.yaml").read_text("utf-8"))
SERVED: Final[dict[str, Any]] = json.loads((ROOT.parent / "services" / "api" / "asyncapi.json").read_text("utf-8"))
PUBLISHED: Final[dict[str, Any]] = json.loads((Path(__file__).parent / "asyncapi" / "3.0.0.json").read_text("utf-8"))


def test_the_document_keeps_the_published_schema() -> None:
    """Both forms of the document keep AsyncAPI 3.0.0's own schema."""
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
    assert list(channels["bedEvents"]["messages"]) == [SHORT_NAMES[shape] for shape in BED_EVENTS]
    assert list(channels["demandEvents"]["messages"]) == [SHORT_NAMES[shape] for shape in DEMAND_EVENTS]
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
        assert SERVED["components"]["messages"][name]["payload"]["schema"] == schema


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
    assert (type(letter), letter.key, letter.value) == (Record, b"berk", b"{")
