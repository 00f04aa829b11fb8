"""What has been published: each under its key, the first that came, for ever. A snapshot or a release that is out is never changed."""

from collections.abc import Collection
from pathlib import Path
from typing import Final, Protocol

_LONGEST: Final = 200


class Publications(Protocol):
    """What the monitor publishes to, and what it has published."""

    @property
    def keys(self) -> Collection[str]:
        """Every key, the oldest first."""

    def get(self, key: str) -> bytes | None:
        """Return what was published under a key."""

    async def refresh(self) -> None:
        """Take in what others have published. LogUnavailableError."""

    async def publish(self, key: str, value: bytes) -> bytes:
        """Publish under a key, and return what stands there then: what was there before is kept. LogUnavailableError."""


class Shelf:
    """A folder with a file for each publication, as they stand in the topic: so that ten years of them need no memory."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[str, Path] = {}

    @property
    def keys(self) -> Collection[str]:
        """Every key, in the order of the topic."""
        return self._files.keys()

    def get(self, key: str) -> bytes | None:
        """Read what is under a key."""
        file = self._files.get(key)
        return file.read_bytes() if file else None

    def put(self, key: str, value: bytes) -> None:
        """Put something on the shelf, unless there is something under its key; nothing is half written."""
        if key in self._files or len(key) > _LONGEST:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        file = self._folder / f"{key.replace('/', '_').replace(':', '')}.json"
        if not file.exists() or file.read_bytes() != value:
            half = file.with_suffix(".part")
            half.write_bytes(value)
            half.replace(file)
        self._files[key] = file


class MemoryPublications:
    """The twin in memory, for tests: the same promises. `away = True` is a Kafka that does not answer."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    @property
    def keys(self) -> Collection[str]:
        """Every key."""
        return self._kept.keys()

    def get(self, key: str) -> bytes | None:
        """Return what is under a key."""
        return self._kept.get(key)

    async def refresh(self) -> None:
        """Nobody else publishes here."""

    async def publish(self, key: str, value: bytes) -> bytes:
        """Publish."""
        return self._kept.setdefault(key, value)
