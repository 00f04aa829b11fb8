"""Published documents stay as they are: the first value of a key counts, on disk and in memory."""

from pathlib import Path

import pytest

from services.monitor.publication.published_store import PublishedStore
from tests.monitor.memory_publications import MemoryPublications


def test_the_first_value_of_a_key_counts(tmp_path: Path) -> None:
    """A second value of a key changes nothing."""
    store = PublishedStore(tmp_path / "published")
    store.put("release/2023/1", b"one", 7)
    store.put("release/2023/1", b"two", 8)
    assert (store.get("release/2023/1"), list(store.keys)) == (b"one", ["release/2023/1"])
    assert (store.published_at("release/2023/1"), store.published_at("release/2023/2")) == (7, None)
    assert store.get("release/2023/2") is None


def test_a_store_is_as_the_topic_and_not_as_its_files(tmp_path: Path) -> None:
    """A file that was changed is corrected when the topic is read again."""
    PublishedStore(tmp_path).put("snapshot/2023-03-26T02:00:00Z/1-0a", b"true", 7)
    [file] = tmp_path.glob("*.json")
    file.write_bytes(b"changed")
    again = PublishedStore(tmp_path)
    assert again.get("snapshot/2023-03-26T02:00:00Z/1-0a") is None
    again.put("snapshot/2023-03-26T02:00:00Z/1-0a", b"true", 7)
    assert again.get("snapshot/2023-03-26T02:00:00Z/1-0a") == b"true"


@pytest.mark.parametrize("key", ["../outside", "release/" + "9" * 300])
def test_no_key_leaves_the_folder(tmp_path: Path, key: str) -> None:
    """No file is written outside the folder, whatever key stands in the topic."""
    folder = tmp_path / "published"
    PublishedStore(folder).put(key, b"x", 7)
    assert [path.parent for path in tmp_path.rglob("*.json")] in ([], [folder])


async def test_the_fake_keeps_the_first_value_too() -> None:
    """The documents in memory return the first value of a key, as those in Kafka do."""
    fake = MemoryPublications()
    assert await fake.publish("k", b"one") == b"one"
    assert await fake.publish("k", b"two") == b"one"
