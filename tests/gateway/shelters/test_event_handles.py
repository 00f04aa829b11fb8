"""Handles of events: each names one event of one shelter, alike each time, and nothing can be read in it or made up."""

from services.adapters.auth.pseudonyms import Pseudonyms
from services.gateway.shelters.event_handles import EventHandles, NamedEvent

HANDLES = EventHandles(Pseudonyms("a key"))
NAMED = NamedEvent("berk", "urn:plek:shelter:berk:desk-1", "e1", "admission")


def test_a_handle_names_one_event() -> None:
    """What was written is read again, and the same event has the same handle each time; another event has another one."""
    handle = HANDLES.write(NAMED)
    assert (HANDLES.read(handle), HANDLES.write(NAMED)) == (NAMED, handle)
    assert HANDLES.write(NamedEvent("den", NAMED.source, NAMED.id, NAMED.type)) != handle


def test_a_handle_can_not_be_made_up() -> None:
    """A changed handle, one of another key and any other text name nothing."""
    handle = HANDLES.write(NAMED)
    spoiled = ("A" if handle[20] != "A" else "B").join((handle[:20], handle[21:]))
    assert [HANDLES.read(text) for text in (spoiled, "", "x", handle[:-1])] == [None] * 4
    assert EventHandles(Pseudonyms("another")).read(handle) is None
