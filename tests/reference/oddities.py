"""Ways to write a valid event that a careless reader would refuse: sections 1 and RFC 8259 allow them all."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from random import Random

Json = dict[str, Any]

# Extension attributes are ignored, whatever they hold.
EXTENSIONS: Final = (
    '"x":null',
    '"Foo_Bar":[1]',
    '"x":1.5e400',
    '"x":-0.0',
    f'"x":{"9" * 5_000}',
    '"x":"\\ud800"',
    '"\\udfff":1',
    '"x":"\\u0000"',
    '"":{}',
    '"x":{"a":{"a":[[[[]]]]}}',
    '"dataschema":7',
    '"dataschema":null',
    '"traceparent":"00-ab-cd-01"',
    '"data_base65":"AAAA"',
    '"Specversion":"2.0"',
    '"x":"é😀"',
)


def oddity(rng: Random, line: Json) -> Json:
    """Write the same event in a way that a careless reader would refuse."""
    text = json.dumps(line["event"], separators=(",", ":"))
    data = json.dumps(line["event"]["data"], separators=(",", ":"))
    odd = rng.choice(
        (
            text[:-1] + "," + rng.choice(EXTENSIONS) + "}",
            "{" + rng.choice(EXTENSIONS) + "," + text[1:],
            '{"type":"nl.plek.admission.v9","id":"","data":[],"time":"yesterday",' + text[1:],
            text[:-1] + ',"\\u0064ata":' + data + "}",
            " \t\r\n" + json.dumps(line["event"], indent=1) + "\n",
            json.dumps(line["event"], ensure_ascii=False),
            text.replace("/", "\\/"),
            text.replace(',"datacontenttype":"application/json"', ""),
            text.replace('"children":0', '"children":-0'),
            text.replace('"children":0', '"children":7,"children":0'),
        ),
    )
    return {member: value for member, value in line.items() if member != "event"} | {"raw": odd}
