"""Ways to spoil a record, each against one rule of sections 1 to 3 or R13."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

from tests.reference.bad_values import BAD, BAD_ATTRIBUTES, MARK, RAW_NUMBERS, RAWS
from tests.reference.maker import NO_OCCURRED_AT

if TYPE_CHECKING:
    from random import Random

Json = dict[str, Any]


def spoil(rng: Random, line: Json) -> Json:
    """Break one rule of this record, whichever."""
    way = rng.choice((_value, _value, _value, _attribute, _attribute, _missing, _another_member, _type, _name_of, _bytes, _nested))
    return way(rng, copy.deepcopy(line)) | {"dead": True}


def _value(rng: Random, line: Json) -> Json:
    """Write a value that is not allowed."""
    data = line["event"]["data"]
    known = [member for member in data if member in BAD]
    if not known:
        return _attribute(rng, line)
    member = rng.choice(known)
    data[member] = rng.choice(BAD[member])
    if {"adults", "children"} <= data.keys() and rng.random() < 0.1:
        data["adults"] = data["children"] = 0
    return as_written(line)


def _attribute(rng: Random, line: Json) -> Json:
    """Write an attribute that is not allowed."""
    attribute = rng.choice(list(BAD_ATTRIBUTES))
    line["event"][attribute] = rng.choice(BAD_ATTRIBUTES[attribute])
    return as_written(line)


def _missing(rng: Random, line: Json) -> Json:
    """Leave out a member that is required."""
    optional = ("occurred_at", "hold", "unit_ready", "free", "expected_until", "again_of")
    event, data = line["event"], line["event"]["data"]
    inside = [member for member in data if member not in optional]
    if rng.random() < 0.5:
        del data[rng.choice(inside)]
    else:
        del event[rng.choice(("specversion", "id", "source", "type", "subject", "time", "data"))]
    return line


def _another_member(rng: Random, line: Json) -> Json:
    """Add a member that the type does not have."""
    event = line["event"]
    no_moment = event["type"].split(".")[2] in NO_OCCURRED_AT
    extra = (
        ("occurred_at", event["time"])
        if no_moment and rng.random() < 0.7
        else rng.choice((("name_of_person", "x"), ("", 1), ("Shelter", "x")))
    )
    event["data"][extra[0]] = extra[1]
    return line


def _type(rng: Random, line: Json) -> Json:
    """Name a type that is unknown, or of the other topic in whatever version."""
    name = line["event"]["type"].split(".")[2]
    other = "search-made" if "shelter" in line["event"]["data"] else "admission"
    line["event"]["type"] = rng.choice(
        (
            f"nl.plek.{name}",
            f"nl.plek.{name}.v0",
            f"nl.plek.{name}.v01",
            f"nl.plek.{name}.v02",
            f"nl.plek.{name}.v-1",
            f"nl.plek.{name}.v",
            f"nl.plek.{name}.V2",
            f"nl.plek.{name}.v2 ",
            f"nl.plek.{name}.v2\n",
            f"nl.plek.{name}.v٢",
            f"nl.plek.{name.title()}.v1",
            f"nl.plek.{other}.v1",
            f"nl.plek.{other}.v2",
            "nl.plek.unit-painted.v1",
            "nl.plek.unit-painted.v2",
            "com.plek.admission.v2",
            None,
            7,
            "",
        ),
    )
    return line


def _name_of(rng: Random, line: Json) -> Json:
    """Say three times who it is about, and not the same."""
    event, data = line["event"], line["event"]["data"]
    own = "shelter" if "shelter" in data else next(member for member in ("search", "fallback", "entry") if member in data)
    way = rng.randrange(7)
    if way == 0:
        line["key"] = None
    elif way == 1:
        line["key"] = rng.choice(("", "not-this-one", f"{line['key']}\n", line["key"].upper() + "X"))
    elif way == 2:
        del line["key"]
        line["key_hex"] = rng.choice(("ff", "c3", "eda080", "00"))
    elif way == 3:
        event["subject"] = rng.choice((None, 7, "", "not-this-one", "R36", ["x"]))
    elif way == 4:
        data[own] = rng.choice((None, 7, "", "not-this-one", [line["key"]]))
    elif way == 5 and own == "shelter":
        line["key"] = event["subject"] = data[own] = line["key"] + "-" + "x" * 41
    else:
        line["key"] = event["subject"] = "not-this-one"
    return line


def _bytes(rng: Random, line: Json) -> Json:
    """Write bytes that are no JSON object in UTF-8."""
    good = json.dumps(line.pop("event"), separators=(",", ":")).encode()
    text = good.decode()
    return line | rng.choice(
        (
            {"raw": rng.choice(RAWS)},
            {"raw": None},
            {"raw": f"[{text}]"},
            {"raw": f"{text}{text}"},
            {"raw": f"{text},"},
            {"raw": text[: rng.randrange(len(text))]},
            {"raw": "\ufeff" + text},
            {"raw": text[:-1] + ',"x":NaN}'},
            {"raw": text[:-1] + ',"x":-Infinity}'},
            {"raw": text[:-1] + ',"x":01}'},
            {"raw": text[:-1] + ',"x":+1}'},
            {"raw": text[:-1] + ',"x":.5}'},
            {"raw": text[:-1] + ',"x":1.}'},
            {"raw": text[:-1] + ',"x":"a\tb"}'},
            {"raw": text[:-1] + ',"x":"\\x41"}'},
            {"raw": text[:-1] + ",'x':1}"},
            {"raw": text[:-1] + ",}"},
            {"raw": text[:-1] + "/* */}"},
            {"raw_hex": (good[:-1] + b',"x":"\xff"}').hex()},
            {"raw_hex": (good[:-1] + b',"x":"\xed\xa0\x80"}').hex()},
            {"raw_hex": (good[:-1] + b',"x":"\xc0\xaf"}').hex()},
            {"raw_hex": text.encode("utf-16").hex()},
            {"raw_hex": text.encode("utf-16-le").hex()},
        ),
    )


def _nested(rng: Random, line: Json) -> Json:
    """Break a rule of an object inside the data, or of a household."""
    data = line["event"]["data"]
    if "evidence" in data and rng.random() < 0.5:
        data["evidence"] |= rng.choice(
            ({"status": "unavailable", "view": {"0": 1}}, {"status": "unavailable", "unknown_units": 1}, {"x": 1})
        )
    elif "need" in data:
        data["need"] |= rng.choice(({"men": None}, {"men": -1}, {"oldest_son_age": 19}, {"security": None}, {"kinds": None}, {"x": 1}))
    elif "sealed" in data:
        data["sealed"] |= rng.choice(({"key": "2026-03-02"}, {"key": None}, {"text": ""}, {"text": "=" * 60}, {"x": 1}))
    elif "corrects" in data:
        data["corrects"] = data["corrects"] | {"x": 1}
    elif "adults" in data:
        data["adults"] = data["children"] = 0
    else:
        return _attribute(rng, line)
    return line


def as_written(line: Json) -> Json:
    """Put text that Python would write otherwise (1e0, a thousand digits) into the bytes."""
    text = json.dumps(line["event"], separators=(",", ":"))
    if MARK not in text:
        return line
    for number in (*RAW_NUMBERS, "12.0"):
        text = text.replace(f'"{MARK}{number}"', number)
    return {member: value for member, value in line.items() if member != "event"} | {"raw": text}
