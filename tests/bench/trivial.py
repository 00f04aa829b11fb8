"""The trivial fold that every contestant of a row does alike: count events a shelter, one script a batch behind a position.

Imports nothing of Plek: it also runs in the environment of the peers.
"""

import json
from collections.abc import Iterable
from typing import Any
from uuid import uuid4

import orjson

POSITIONS, COUNTS = "bench:positions", "bench:counts"

# As in the fence of the view: compare the position, then count and move on, or nothing.
SCRIPT = """
if tonumber(redis.call('HGET', KEYS[1], ARGV[1]) or '-1') + 1 ~= tonumber(ARGV[2]) then return 0 end
for i = 4, #ARGV, 2 do redis.call('HINCRBY', KEYS[2], ARGV[i], ARGV[i + 1]) end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
return 1"""


def counted(values: Iterable[bytes]) -> dict[str, int]:
    """Count events by shelter."""
    counts: dict[str, int] = {}
    for value in values:
        shelter = orjson.loads(value)["subject"]
        counts[shelter] = counts.get(shelter, 0) + 1
    return counts


def arguments(partition: int, first: int, last: int, counts: dict[str, int]) -> dict[str, list[Any]]:
    """Make the keys and arguments of the script for the records `first` to `last` of a partition."""
    return {"keys": [POSITIONS, COUNTS], "args": [partition, first, last, *(part for pair in counts.items() for part in pair)]}


def options(text: str) -> dict[str, str]:
    """Read the command line of a contestant: kafka, redis, topic, commit_s; add a new group, since an old one would go on where it was."""
    return {"group": f"bench-{uuid4()}", **json.loads(text)}
