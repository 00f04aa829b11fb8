"""The schemas of events and their golden examples: valid by the metaschema, and of one mind with the wire."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from services.adapters.codec.event_codec import RefusedEvent, encode
from services.domain.events.catalog import BED_EVENTS, DEMAND_EVENTS, SHORT_NAMES, VERSIONED_NAMES, Event
from tests.played import WIRE
from tests.schemas.validation import ROOT, SCHEMAS, STANDARD, STRICT, read, short_name

NAMES = sorted(SCHEMAS)
EXAMPLES = [(name, which) for name in NAMES for which in ("minimal", "full")]
REFUSED = sorted(path.stem for path in (ROOT / "examples" / "refused").glob("*.json"))


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_is_a_schema(name: str) -> None:
    """Each schema keeps the rules of JSON Schema 2020-12, and closes `data`."""
    schema = SCHEMAS[name]
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == Draft202012Validator.META_SCHEMA["$id"]
    assert schema["properties"]["data"]["additionalProperties"] is False
    short, _, version = name.partition(".")
    assert schema["$id"] == f"urn:plek:schema:{short}:{version or 'v1'}"


@pytest.mark.parametrize(("name", "which"), EXAMPLES)
def test_an_example_is_accepted(name: str, which: str) -> None:
    """Each golden example keeps its schema, by any validator, and survives the wire both ways."""
    event = read(f"examples/{name}.json")[which]
    assert list(STANDARD[name].iter_errors(event)) == []
    decoded = WIRE.decode_object(event)
    assert isinstance(decoded, Event)
    assert json.loads(encode(decoded)) == event


@pytest.mark.parametrize("shape", [*BED_EVENTS, *DEMAND_EVENTS], ids=VERSIONED_NAMES.get)
def test_examples_show_every_member(shape: type) -> None:
    """The full example has every member there is, but that a correction of demand has one key; the minimal one what is required."""
    name = VERSIONED_NAMES[shape].removesuffix(".v1")
    schema, examples = SCHEMAS[name]["properties"]["data"], read(f"examples/{name}.json")
    left_out = {"search", "entry"} if SHORT_NAMES[shape] == "demand-correction" else set()
    assert examples["full"]["data"].keys() == schema["properties"].keys() - left_out
    kept = {"fallback"} if left_out else set()
    assert examples["minimal"]["data"].keys() == set(schema["required"]) | kept


@pytest.mark.parametrize("name", REFUSED)
def test_a_refused_example_gives_its_problems(name: str) -> None:
    """Each spoiled example is refused by the wire with exactly its problems, and by its schema where a schema can tell."""
    example = read(f"examples/refused/{name}.json")
    refused = WIRE.decode_object(example["event"])
    assert isinstance(refused, RefusedEvent)
    assert [{"pointer": problem.pointer, "code": problem.code} for problem in refused.problems] == example["problems"]
    claimed = short_name(example["event"])
    if claimed:
        assert STANDARD[claimed].is_valid(example["event"]) is not example["schema_refuses"]
    else:
        assert not any(validator.is_valid(example["event"]) for validator in STRICT.values())


def test_a_fraction_is_refused_by_the_strict_validator() -> None:
    """2.0 passes JSON Schema and says so in its comment; told how an integer is written, the same schema refuses it."""
    event = read("examples/refused/fraction-as-number.json")["event"]
    assert type(event["data"]["adults"]) is float
    assert not STRICT["admission"].is_valid(event)
    assert "2.0" in SCHEMAS["admission"]["$comment"]


@pytest.mark.parametrize(
    ("attribute", "value"), [("dataschema", None), ("traceparent", 1), ("Any_Thing", {"a": []}), ("dataschema", "urn:x"), ("", True)]
)
def test_extension_attributes_are_allowed(attribute: str, value: Any) -> None:
    """Section 1: extension attributes are allowed and ignored, whatever they hold."""
    event = read("examples/admission.json")["full"] | {attribute: value}
    assert STANDARD["admission"].is_valid(event)
    assert isinstance(WIRE.decode_object(event), Event)
