"""What is out stays as it is: the first of a key counts, on the shelf and in memory alike."""

from pathlib import Path

import pytest

from services.monitor.shelf import MemoryPublications, Shelf


def test_the_first_of_a_key_counts(tmp_path: Path) -> None:
    """Whoever puts another one there changes nothing."""
    shelf = Shelf(tmp_path / "published")
    shelf.put("release/2023/1", b"one")
    shelf.put("release/2023/1", b"two")
    assert (shelf.get("release/2023/1"), list(shelf.keys)) == (b"one", ["release/2023/1"])
    assert shelf.get("release/2023/2") is None


def test_a_shelf_is_as_the_topic_and_not_as_its_files(tmp_path: Path) -> None:
    """What a file was changed to is mended when the topic is read again."""
    Shelf(tmp_path).put("snapshot/2023-03-26T02:00:00Z/1-0a", b"true")
    [file] = tmp_path.glob("*.json")
    file.write_bytes(b"changed")
    again = Shelf(tmp_path)
    assert again.get("snapshot/2023-03-26T02:00:00Z/1-0a") is None
    again.put("snapshot/2023-03-26T02:00:00Z/1-0a", b"true")
    assert again.get("snapshot/2023-03-26T02:00:00Z/1-0a") == b"true"


@pytest.mark.parametrize("key", ["../outside", "release/" + "9" * 300])
def test_no_key_leaves_the_folder(tmp_path: Path, key: str) -> None:
    """Whatever somebody wrote into the topic."""
    folder = tmp_path / "published"
    Shelf(folder).put(key, b"x")
    assert [path.parent for path in tmp_path.rglob("*.json")] in ([], [folder])


async def test_the_twin_keeps_the_first_too() -> None:
    """And answers with it."""
    twin = MemoryPublications()
    assert await twin.publish("k", b"one") == b"one"
    assert await twin.publish("k", b"two") == b"one"
