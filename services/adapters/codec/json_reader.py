"""Reads JSON as RFC 8259 defines it, up to 500 levels deep (ADR 5)."""

import json
import re
from typing import Any

import orjson


def read_json(raw: bytes) -> Any:
    """Read JSON of RFC 8259: UTF-8, no NaN, of a repeated member the last; ValueError for anything else.

    The fast reader refuses three things that the RFC allows (an unpaired surrogate, a number too large for a float, deep nesting). They
    may be in an extension attribute, which is ignored whatever it holds, so the slow reader decides.
    """
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        return _read_slowly(raw)


# The nesting up to which both readers agree on every machine; RFC 8259, section 9, lets a reader set a limit.
_DEEPEST = 500


def _read_slowly(raw: bytes) -> Any:
    text = raw.decode("utf-8")
    if _depth(text) > _DEEPEST:
        raise ValueError("nested too deeply")
    return json.loads(text, parse_constant=_no_constant, parse_int=_whole_number)


# Matches whole strings, closed or not, so that the brackets in them don't count. Possessive, and it never fails once it has begun: it reads
# each byte once, whatever they are, or one bad record would stop its partition for hours.
_TOKENS = re.compile(r'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)|[\[{\]}]', re.DOTALL)


def _depth(text: str) -> int:
    """Return the deepest nesting, strings left aside."""
    depth = deepest = 0
    for token in _TOKENS.finditer(text):
        first = text[token.start()]
        depth += 1 if first in "[{" else -1 if first in "]}" else 0
        deepest = max(deepest, depth)
    return deepest


# A sign and the digits of 2**64.
_MOST_DIGITS = 21


def _no_constant(_: str) -> None:
    raise ValueError("NaN and Infinity are not JSON")


def _whole_number(digits: str) -> int | float:
    """Read an integer of 64 bits as an int and a longer one as a float, like the fast reader; int() refuses thousands of digits."""
    number = int(digits) if len(digits) <= _MOST_DIGITS else None
    return number if number is not None and -(2**63) <= number < 2**64 else float(digits)
