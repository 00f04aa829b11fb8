"""The golden examples of invalid events, each with its code: that of the gateway's answer, and the reason of a dead letter."""

import json
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from services.adapters.codec.event_codec import encode
from services.adapters.codec.validation import Code
from services.adapters.schemas.examples import example
from services.domain.events import catalog as e

Json = dict[str, Any]
LEFT_OUT = object()
_UNPAIRED = json.loads('"Berk \\ud83c"')
_EMPTY = {"shelter": "berk", "stay": "0b7ad7c2-6c1f-4f0e-9a4e-3d2c1b0a9f81", "adults": 0, "children": 0}
_OF_VERSION_1 = "0b7ad7c2-6c1f-11ee-9a4e-3d2c1b0a9f81"


@dataclass(frozen=True, slots=True)
class Refusal:
    """An example event with one error: at the JSON pointer `at` it has `value` (LEFT_OUT: nothing).

    `schema_refuses` is whether a JSON Schema alone refuses it (`json_schema.UNSAID`).
    """

    says: str
    shape: type
    at: str
    value: Any
    code: Code
    points_at: str | None = None
    schema_refuses: bool = True

    @property
    def event(self) -> Json:
        """The invalid event."""
        event: Json = json.loads(encode(example(self.shape)))
        *path, last = self.at.removeprefix("/").split("/")
        place = event
        for step in path:
            place = place[step]
        if self.value is LEFT_OUT:
            del place[last]
        else:
            place[last] = deepcopy(self.value)
        return event

    @property
    def document(self) -> Json:
        """The example as it is published."""
        pointer = self.at if self.points_at is None else self.points_at
        return {
            "says": self.says,
            "problems": [{"pointer": pointer, "code": self.code}],
            "schema_refuses": self.schema_refuses,
            "event": self.event,
        }


REFUSALS: dict[str, Refusal] = {
    "empty-household": Refusal("a household has at least one person", e.StayChanged, "/data", _EMPTY, "no_household"),
    "boolean-as-number": Refusal("true is no number", e.Admission, "/data/adults", True, "wrong_type"),
    "fraction-as-number": Refusal("2.0 is no integer", e.Admission, "/data/adults", 2.0, "wrong_type", schema_refuses=False),
    "text-as-number": Refusal("a number in quotes is none", e.CountConfirmed, "/data/free", "2", "wrong_type"),
    "too-many-adults": Refusal("adults are at most 20", e.Admission, "/data/adults", 21, "out_of_range"),
    "null-where-it-may-be-left-out": Refusal("null is no way to leave something out", e.Admission, "/data/hold", None, "wrong_type"),
    "another-member": Refusal("no other members, whatever they are called", e.Admission, "/data/note", "", "unknown_member", "/data"),
    "member-missing": Refusal("a required member is missing", e.Admission, "/data/unit", LEFT_OUT, "missing"),
    "data-as-text": Refusal("data is a JSON object", e.UnitWithdrawn, "/data", "{}", "not_an_object"),
    "data-base64": Refusal("data_base64 is refused", e.Admission, "/data_base64", "e30=", "data_base64"),
    "other-content-type": Refusal("data are JSON", e.Admission, "/datacontenttype", "application/xml", "bad_format"),
    "other-specversion": Refusal("CloudEvents 1.0", e.Admission, "/specversion", "0.3", "bad_format"),
    "unknown-type": Refusal("not a type of the contract", e.Admission, "/type", "nl.plek.unit-painted.v1", "unknown_type"),
    "version-too-new": Refusal("a version that is not known yet", e.Admission, "/type", "nl.plek.admission.v2", "version_too_new"),
    "id-with-a-space": Refusal("an id is of a few characters", e.Admission, "/id", "9b2f 8a1e", "bad_format"),
    "source-without-urn": Refusal("a source is a name of Plek", e.Admission, "/source", "desk-1", "bad_format"),
    "shelter-in-upper-case": Refusal("ids are lower case", e.Admission, "/data/shelter", "Berk", "bad_format"),
    "subject-of-another": Refusal(
        "subject and data.shelter are the same", e.Admission, "/subject", "eik", "mismatch", schema_refuses=False
    ),
    "uuid-made-of-a-time": Refusal(
        "version 4 only: an id must not reveal a time or a machine", e.Admission, "/data/stay", _OF_VERSION_1, "bad_format"
    ),
    "uuid-in-upper-case": Refusal("UUIDs are lower case", e.Transfer, "/data/stay", "0B7AD7C2-6C1F-4F0E-9A4E-3D2C1B0A9F81", "bad_format"),
    "no-such-day": Refusal("2026 has no 29 February", e.Admission, "/time", "2026-02-29T10:00:00Z", "bad_format"),
    "no-such-century-leap-day": Refusal("2100 has no 29 February", e.Admission, "/time", "2100-02-29T10:00:00Z", "bad_format"),
    "leap-second": Refusal("no leap second", e.Admission, "/time", "2016-12-31T23:59:60Z", "bad_format"),
    "time-without-zone": Refusal("a time has Z or an offset", e.Admission, "/data/occurred_at", "2026-03-02T10:00:00", "bad_format"),
    "time-in-lower-case": Refusal("T and Z are upper case", e.Admission, "/data/occurred_at", "2026-03-02t10:00:00z", "bad_format"),
    "ten-decimals": Refusal("at most nine decimals", e.Admission, "/data/occurred_at", "2026-03-02T10:00:00.0123456789Z", "bad_format"),
    "too-far-from-utc": Refusal("offsets of at most 14 hours", e.Admission, "/data/occurred_at", "2026-03-02T10:00:00+14:01", "bad_format"),
    "may-not-say-when": Refusal(
        "this type has no occurred_at",
        e.UnitWithdrawn,
        "/data/occurred_at",
        "2026-03-02T10:00:00Z",
        "unknown_member",
        "/data",
    ),
    "value-twice": Refusal("no value twice in a list", e.UnitDeclared, "/data/features", ["cot", "cot"], "repeated_value"),
    "not-a-code": Refusal(
        "codes are those of the contract", e.UnitDeclared, "/data/features", ["garden"], "not_in_list", "/data/features/0"
    ),
    "no-beds": Refusal("a unit has a bed", e.UnitDeclared, "/data/beds", 0, "out_of_range"),
    "name-of-81": Refusal("a name has at most 80 code points", e.ShelterRegistered, "/data/name", "x" * 81, "bad_format"),
    "unpaired-surrogate": Refusal("a name is text", e.ShelterRegistered, "/data/name", _UNPAIRED, "bad_format"),
    "phone-with-letters": Refusal("a phone number has no letters", e.ShelterRegistered, "/data/intake_phone", "0800-PLEK", "bad_format"),
    "unknown-region": Refusal("codes are those of the region file", e.ShelterRegistered, "/data/region", "R99", "unknown_region"),
    "age-of-nineteen": Refusal("an age is at most 18", e.ShelterRegistered, "/data/max_son_age", 19, "out_of_range"),
    "hold-of-59-seconds": Refusal("a hold is for a minute at least", e.HoldRequested, "/data/ttl_seconds", 59, "out_of_range"),
    "pseudonym-too-short": Refusal("a pseudonym is a keyed hash", e.HoldRequested, "/data/asked_by", "3fa9c1d2", "bad_format"),
    "correction-with-more": Refusal(
        "source and id, nothing else", e.Correction, "/data/corrects/type", "", "unknown_member", "/data/corrects"
    ),
    "eleven-regions": Refusal(
        "at most ten regions", e.SearchMade, "/data/exclude_regions", [f"R{number:02}" for number in range(1, 12)], "too_many"
    ),
    "partition-with-a-leading-nought": Refusal("partitions are decimal", e.SearchMade, "/data/view", {"07": 1}, "bad_format"),
    "offset-too-far": Refusal("an offset is exact in every reader of JSON", e.SearchMade, "/data/view", {"7": 2**53}, "out_of_range"),
    "unavailable-with-counts": Refusal(
        "unavailable evidence has no counts",
        e.FallbackStarted,
        "/data/evidence/status",
        "unavailable",
        "inconsistent_evidence",
        "/data/evidence",
    ),
    "region-of-another": Refusal(
        "subject and data.region are the same", e.WaitingListJoined, "/data/region", "R17", "mismatch", "/subject", schema_refuses=False
    ),
    "correction-of-two": Refusal(
        "exactly one key", e.DemandCorrection, "/data/search", "c3a1b2d4-1e2f-4a3b-8c4d-5e6f7a8b9c0d", "not_exactly_one_key", "/data"
    ),
    "correction-of-nothing": Refusal("exactly one key", e.DemandCorrection, "/data/fallback", LEFT_OUT, "not_exactly_one_key", "/data"),
}
