"""What an auditor sees of a record: pseudonyms in place of shelters, in every member, until two auditors opened one."""

from typing import Any

import orjson
import pytest

from services.adapters.audit.records import Entry, Link, encode_record
from services.adapters.auth.pseudonyms import Pseudonyms
from services.api.operator.auditor_view import AuditorView

PSEUDONYMS = Pseudonyms("a key")
HOLD = "5bc5a1b0-0000-4000-8000-000000000001"
CLOSED = AuditorView(PSEUDONYMS, frozenset)


def _record(entry: Entry) -> dict[str, Any]:
    record: dict[str, Any] = orjson.loads(encode_record(entry, "a-chain", 1, Link("a-chain", 0, "f" * 64), "plek.api"))
    return record


def _entry(*objects: tuple[str, str], behalf: tuple[str, ...] = ()) -> Entry:
    return Entry(at=0, happening="hold-answered", user="a" * 32, role="shelter", on_behalf_of=behalf, objects=objects, what=("held",))


@pytest.mark.parametrize(
    ("objects", "behalf"),
    [
        ((("shelter", "berk"),), ()),
        ((), ("shelter:berk",)),
        ((("hold", f"berk/{HOLD}"),), ()),
        ((("organisation", "berk"),), ()),
        ((("region", "berk"),), ("region:berk",)),
        ((("demand", "berk-7"), ("proposal", "berk"), ("hold", "berk-1")), ()),
        ((("a kind of later", "berk"),), ("a-kind:berk",)),
    ],
)
def test_no_member_of_a_record_names_a_shelter(objects: tuple[tuple[str, str], ...], behalf: tuple[str, ...]) -> None:
    """Neither an object of any kind, nor for whom somebody acted, also where an id was made from the shelter's name."""
    shown = orjson.dumps(CLOSED.show(_record(_entry(*objects, behalf=behalf))))
    assert b"berk" not in shown
    assert b"held" in shown


def test_what_names_no_shelter_is_shown_as_it_is() -> None:
    """Person, event, desk, hold and search stay what they are: an auditor follows them."""
    record = _record(_entry(("hold", f"berk/{HOLD}"), ("search", HOLD), ("user", "b" * 32), behalf=("desk:crisis-oost",)))
    shown = CLOSED.show(record)
    assert shown is not None
    assert [(each["type"], each["id"]) for each in shown["objects"]] == [("hold", HOLD), ("search", HOLD), ("user", "b" * 32)]
    assert shown["on_behalf_of"] == ["desk:crisis-oost"]
    same = ("at", "event", "action", "outcome", "user", "role", "purpose", "what", "chain", "number", "source")
    assert {name: shown[name] for name in same} == {name: record[name] for name in same}


def test_no_hash_and_no_salt_is_shown() -> None:
    """By the hash of a record, of which all else is known, each shelter of the country could be tried."""
    shown = CLOSED.show(_record(_entry(("shelter", "berk"))))
    assert shown is not None
    assert shown["before"] == {"chain": "a-chain", "number": 0}
    assert "salt" not in shown


def test_records_that_say_the_same_have_other_hashes() -> None:
    """So that a signed head, which an auditor keeps, is no hash to try shelters on either."""
    entry = _entry(("shelter", "berk"))
    assert _record(entry)["salt"] != _record(entry)["salt"]


def test_a_pseudonym_stays_and_is_of_one_kind_and_key() -> None:
    """A shelter has the same one in each record; a region of the same name, and another instance, have others."""
    first, again = (CLOSED.show(_record(_entry(("shelter", "berk"), ("region", "berk")))) for _ in range(2))
    assert first
    assert again
    assert first["objects"] == again["objects"]
    others = AuditorView(Pseudonyms("another"), frozenset).show(_record(_entry(("shelter", "berk"))))
    assert others
    assert len({each["id"] for each in (*first["objects"], *others["objects"])}) == 3


def test_an_open_pseudonym_is_named_and_no_other() -> None:
    """In the objects, and for whom somebody acted."""
    berk = PSEUDONYMS.shown_to_auditors("shelter", "berk")
    shown = AuditorView(PSEUDONYMS, lambda: {berk}).show(_record(_entry(("shelter", "berk"), ("shelter", "den"), behalf=("shelter:berk",))))
    assert shown is not None
    assert shown["objects"][0] == {"type": "shelter", "id": "berk", "pseudonym": berk}
    assert shown["on_behalf_of"] == ["shelter:berk"]
    assert "den" not in orjson.dumps(shown["objects"]).decode().split('"')


@pytest.mark.parametrize(
    "record", [{}, {"objects": "berk"}, {"objects": ["berk"], "on_behalf_of": "berk"}, {"before": "berk", "x": "berk"}]
)
def test_a_record_of_another_form_names_none_either(record: dict[str, Any]) -> None:
    """What was appended to the log in another form is shown without what can't be read."""
    assert b"berk" not in orjson.dumps(CLOSED.show(record))
