"""A checkpoint of one partition of a truth topic as bytes: what was folded of the records that are deleted (contract, section 5).

It holds facts as events, so any later fold can begin with it; equal checkpoints, equal bytes.
"""

import zlib
from dataclasses import dataclass, field
from typing import Final

import orjson

from services.adapters.codec.event_codec import Topic
from services.adapters.view.ports import Position, Saved

# Another form of the document gets another number; a program refuses one that it does not know
_FORM: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """The state of a partition before the record at `offset`, the first that is kept; `limit` (ms): no kept record has an earlier clock.

    `mark` is the fingerprint of that record, empty where there was none yet. `state` has no units, cases and counts: they follow from its
    facts. `last_happened` says of each shelter or case the latest time (ns) at which anything that was logged happened.
    """

    topic: Topic
    partition: int
    limit: int
    mark: str
    state: Saved
    last_happened: dict[str, int] = field(default_factory=dict)

    @property
    def offset(self) -> int:
        """The offset of the first record that is kept."""
        return self.state.position.offset + 1


def to_bytes(checkpoint: Checkpoint) -> bytes:
    """Write a checkpoint."""
    state = checkpoint.state
    document = {
        "form": _FORM,
        "topic": checkpoint.topic,
        "partition": checkpoint.partition,
        "limit": checkpoint.limit,
        "mark": checkpoint.mark,
        "offset": checkpoint.offset,
        "clock": state.position.clock,
        "dead_letters": state.position.dead_letters,
        "facts": {str(offset): raw.decode() for offset, raw in sorted(state.facts.items())},
        "seen": {name.hex(): clock for name, clock in state.seen.items()},
        "corrected": {name.hex(): clock for name, clock in state.corrected.items()},
        "holds": {name: raw.decode() for name, raw in sorted(state.holds.items())},
        "shelters": {name: raw.decode() for name, raw in sorted(state.shelters.items())},
        "last_happened": {name: str(at) for name, at in sorted(checkpoint.last_happened.items())},
    }
    return zlib.compress(orjson.dumps(document), level=9)


def from_bytes(raw: bytes) -> Checkpoint:
    """Read a checkpoint; ValueError when it is none, or of a form that this program does not know."""
    try:
        document = orjson.loads(zlib.decompress(raw))
        if document["form"] != _FORM:
            raise ValueError("a checkpoint of another form")
        offset, clock = document["offset"], document["clock"]
        position = Position(offset=offset - 1, clock=clock, dead_letters=document["dead_letters"], swept_at=clock, checkpoint=offset)
        state = Saved(
            position=position,
            facts={int(at): text.encode() for at, text in document["facts"].items()},
            seen={bytes.fromhex(name): clock for name, clock in document["seen"].items()},
            corrected={bytes.fromhex(name): clock for name, clock in document["corrected"].items()},
            holds={name: text.encode() for name, text in document["holds"].items()},
            shelters={name: text.encode() for name, text in document["shelters"].items()},
        )
        return Checkpoint(
            topic=document["topic"],
            partition=document["partition"],
            limit=document["limit"],
            mark=document["mark"],
            state=state,
            last_happened={name: int(at) for name, at in document["last_happened"].items()},
        )
    except (zlib.error, KeyError, TypeError, AttributeError) as unreadable:
        raise ValueError("no checkpoint") from unreadable
