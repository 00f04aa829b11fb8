"""An end that was sent a second time: what stands is shown."""

import pytest

from tests.cli.door import open_door
from tests.cli.typed import typed
from tests.sent import uuid


@pytest.mark.parametrize(
    ("words", "path", "noun", "stands"),
    [
        (("fallback", "end", uuid(1), "home"), f"/v1/fallbacks/{uuid(1)}/end", "fallback", "placed in a shelter"),
        (("waiting-list", "leave", uuid(1), "withdrawn"), f"/v1/waiting-list/{uuid(1)}/leave", "entry", "placed"),
    ],
)
def test_a_second_end_shows_the_first(words: tuple[str, ...], path: str, noun: str, stands: str) -> None:
    """The outcome and the time of the end that counts are shown, not those that were typed."""
    with open_door() as door:
        door.answer(
            "POST",
            path,
            {noun: uuid(1), "status": "unchanged", "visible": True, "outcome": "placed", "occurred_at": "2026-03-14T02:00:00Z"},
        )
        done = typed(*words, "--api", door.url, "--token", "t")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"Nothing has changed, what stands is: {stands}, ")
    assert done.stdout.endswith(f": {noun} {uuid(1)}\n")
