"""Values that sections 1 and 3 of the contract do not allow, by the name of the member or attribute."""

from __future__ import annotations

from typing import Any, Final

# Text that is put into the record as it is, where Python writes no value that way.
MARK: Final = "@raw@"
BAD_UUIDS: Final[tuple[Any, ...]] = (
    "",
    None,
    7,
    [],
    "dfb2f3cc4ddb4fc0b05b63a9ee55e7d2",
    "DFB2F3CC-4DDB-4FC0-B05B-63A9EE55E7D2",
    "dfb2f3cc-4ddb-1fc0-b05b-63a9ee55e7d2",
    "dfb2f3cc-4ddb-4fc0-c05b-63a9ee55e7d2",
    "dfb2f3cc-4ddb-4fc0-b05b-63a9ee55e7d2\n",
    "urn:uuid:dfb2f3cc-4ddb-4fc0-b05b-63a9ee55e7d2",
)
BAD_IDS: Final[tuple[Any, ...]] = ("", None, 4, "U1", "u 1", "u_1", "u1\n", "x" * 41, "é", "u/1", ["u1"])
BAD_TIMES: Final[tuple[Any, ...]] = (
    None,
    1772400000,
    "",
    "yesterday",
    "2026-03-02",
    "2026-03-02T10:00:00",
    "2026-03-02 10:00:00Z",
    "2026-03-02t10:00:00Z",
    "2026-03-02T10:00:00z",
    "2026-03-02T10:00Z",
    "2026-03-02T24:00:00Z",
    "2026-03-02T23:60:00Z",
    "2016-12-31T23:59:60Z",
    "2026-02-29T10:00:00Z",
    "2026-13-01T10:00:00Z",
    "2026-00-01T10:00:00Z",
    "2026-03-00T10:00:00Z",
    "1969-12-31T23:59:59Z",
    "0000-01-01T00:00:00Z",
    "12026-03-02T10:00:00Z",
    "2026-03-02T10:00:00.Z",
    "2026-03-02T10:00:00,5Z",
    "2026-03-02T10:00:00.1234567890Z",
    "2026-03-02T10:00:00+0100",
    "2026-03-02T10:00:00+01",
    "2026-03-02T10:00:00+14:01",
    "2026-03-02T10:00:00-14:30",
    "2026-03-02T10:00:00+01:60",
    "2026-03-02T10:00:00Z\n",
    " 2026-03-02T10:00:00Z",
    "2026-3-2T10:00:00Z",
    "\u0662\u0660\u0662\u0666-03-02T10:00:00Z",
    "20260302T100000Z",
)
RAW_NUMBERS: Final = ("1e0", "1E0", "1.0", "10e-1", "0.1e1", "1" * 5_000)


def _numbers(low: int, high: int) -> tuple[Any, ...]:
    return (None, True, False, "1", [], {}, low - 1, high + 1, *(MARK + text for text in RAW_NUMBERS))


def _list(bad: Any, good: str) -> tuple[Any, ...]:
    return (None, "", good, {}, [bad], [None], [[good]], [good, good], [1])


# Values that the contract does not allow, by the name of the member.
BAD: Final[dict[str, tuple[Any, ...]]] = {
    "unit": BAD_IDS,
    "to_unit": BAD_IDS,
    "organisation": BAD_IDS,
    "desk": BAD_IDS,
    "stay": BAD_UUIDS,
    "hold": BAD_UUIDS,
    "again_of": BAD_UUIDS,
    "adults": (-1, *_numbers(0, 20)),
    "children": _numbers(0, 20),
    "max_adults": _numbers(1, 20),
    "max_children": _numbers(0, 20),
    "beds": _numbers(1, 40),
    "free": _numbers(0, 1_000),
    "ttl_seconds": _numbers(60, 7_200),
    "fitting_units": _numbers(0, 1_000_000),
    "offers": _numbers(0, 1_000_000),
    "max_son_age": (-1, 19, "", "12", False, MARK + "12.0"),
    "region": ("", None, "R00", "R36", "r01", "R1", "R01 ", 1),
    "security": ("", None, "Open", "closed", 1),
    "kind": ("", None, "Crisis", "hotel", ["crisis"]),
    "overflow": (None, 0, 1, "false", []),
    "unit_ready": (None, 0, 1, "true"),
    "name": ("", None, 5, "x" * 81, "a\ud800", "\udc00", []),
    "intake_phone": ("", None, "0" * 31, "0800/1", "(0800)", 800, "\u0660"),
    "asked_by": ("", None, "0" * 15, "0" * 65, "0123456789ABCDEF", "0123456789abcdeg"),
    "languages": _list("NL", "nl"),
    "audience": _list("all", "women"),
    "services": _list("legal", "psychiatric"),
    "features": _list("garden", "cot"),
    "kinds": _list("hotel", "crisis"),
    "exclude_regions": (*_list("R36", "R01"), [f"R{number:02}" for number in range(1, 12)]),
    "reason": ("", None, "because", 1, ["mistake"]),
    "destination": ("", None, "moon", 1),
    "outcome": ("", None, "moon", 1),
    "accommodation": ("", None, "tent", 1),
    "occurred_at": BAD_TIMES,
    "expected_at": BAD_TIMES,
    "expected_until": BAD_TIMES,
    "view": (None, [], {"00": 1}, {"01": 1}, {"": 1}, {"-1": 1}, {"a": 1}, {"0": -1}, {"0": 2**53}, {"0": None}, {"0": "1"}, {"0": True}),
    "corrects": (
        None,
        "x",
        [],
        {},
        {"id": "x"},
        {"source": "urn:plek:worker"},
        {"source": "urn:plek:", "id": "x"},
        {"source": "urn:plek:worker", "id": ""},
        {"source": "urn:plek:worker", "id": None},
        {"source": "urn:plek:worker", "id": "x", "type": "x"},
    ),
    "need": (None, {}, []),
    "evidence": (None, {}, []),
}
BAD_ATTRIBUTES: Final[dict[str, tuple[Any, ...]]] = {
    "specversion": (None, "", "0.3", "1", "1.1", 1, MARK + "1.0", "1.0 "),
    "id": (None, "", 7, "x" * 65, "a b", "é", "a/b", "a\n", ["x"]),
    "source": (
        None,
        "",
        "urn:plek:",
        "URN:PLEK:x",
        "urn:plek:X",
        "urn:plek:" + "x" * 81,
        "https://plek.nl",
        " urn:plek:x",
        "urn:plek:a_b",
        "urn:plek:x\n",
    ),
    "time": BAD_TIMES,
    "datacontenttype": (None, "", "text/plain", "application/json; charset=utf-8", "Application/JSON", 1),
    "data": (None, [], "", "{}", 1, {}),
    "data_base64": (None, "", "AAAA", 1),
}
RAWS: Final = ("", " ", "null", "NaN", "1", '"x"', "{", "[]", "[{}]", "{}", "true", "\x00\x01", '{"specversion":"1.0"}')
