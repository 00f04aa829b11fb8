"""Reads the facts that the view, or a checkpoint, stores: canonical events by their offset."""

from collections import defaultdict
from collections.abc import Iterator, Mapping

from services.adapters.codec.event_codec import EventCodec, Topic, key_of
from services.adapters.codec.json_reader import read_json
from services.domain.events.catalog import Event


def stored_events(codec: EventCodec, topic: Topic, facts: Mapping[int, bytes]) -> Iterator[tuple[int, Event]]:
    """Yield the facts of a topic with their offsets; ValueError for one that is no event of it."""
    for offset, raw in facts.items():
        event = codec.decode_object(read_json(raw), topic)
        if not isinstance(event, Event):
            # Not a TypeError: the type is right, what it says is not.
            raise ValueError("a stored fact is no event of the contract: was a region code removed?")  # noqa: TRY004
        yield offset, event


def events_by_key(codec: EventCodec, topic: Topic, facts: Mapping[int, bytes]) -> defaultdict[str, list[tuple[int, Event]]]:
    """Return the facts of a topic with their offsets, by shelter or case; ValueError as above."""
    by_key: defaultdict[str, list[tuple[int, Event]]] = defaultdict(list)
    for offset, event in stored_events(codec, topic, facts):
        by_key[key_of(event)].append((offset, event))
    return by_key
