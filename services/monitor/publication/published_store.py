"""The published documents: each under its key, the first value for ever. A snapshot or a release is never changed once it is published."""

from collections.abc import Collection
from pathlib import Path
from typing import Final, Protocol

_LONGEST: Final = 200


class PublishedDocuments(Protocol):
    """The documents that the monitor has published, and a way to publish more."""

    @property
    def keys(self) -> Collection[str]:
        """Every key, the oldest first."""

    def get(self, key: str) -> bytes | None:
        """Return the value that was published under a key."""

    def published_at(self, key: str) -> int | None:
        """Return when (ms) a key was published; None when it was not."""

    async def refresh(self) -> None:
        """Read what others have published. LogUnavailableError."""

    async def publish(self, key: str, value: bytes) -> bytes:
        """Publish a value unless its key has one already; return the value that the key has then. LogUnavailableError."""


class PublishedStore:
    """A folder with a file for each document, as they stand in the topic: ten years of them need no memory."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[str, Path] = {}
        self._times: dict[str, int] = {}

    @property
    def keys(self) -> Collection[str]:
        """Every key, in the order of the topic."""
        return self._files.keys()

    def get(self, key: str) -> bytes | None:
        """Read the value of a key."""
        file = self._files.get(key)
        return file.read_bytes() if file else None

    def published_at(self, key: str) -> int | None:
        """Return when (ms) the record of a key was appended."""
        return self._times.get(key)

    def put(self, key: str, value: bytes, at: int) -> None:
        """Write a value that was appended at an instant (ms) whole, unless its key has one already."""
        if key in self._files or len(key) > _LONGEST:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        file = self._folder / f"{key.replace('/', '_').replace(':', '')}.json"
        if not file.exists() or file.read_bytes() != value:
            half = file.with_suffix(".part")
            half.write_bytes(value)
            half.replace(file)
        self._files[key] = file
        self._times[key] = at
