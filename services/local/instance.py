"""Law: one data directory is one instance. Whoever runs it holds its lock; what others may know of it stands in status.json."""

import fcntl
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from secrets import token_hex
from typing import Any

from services.adapters.worlds import COUNTRY
from services.local.keys import SigningKeys
from services.local.trouble import Trouble
from services.simulator.diary import Diary

# `plek status` holds the lock for a moment when it looks whether somebody else does
_TRIES = 3
# Below the data directory of an instance: those of the worlds beside it
WORLDS = "worlds"
_TRY_S = 0.05


@dataclass(frozen=True, slots=True)
class PartStatus:
    """One server or service as others see it; `started` (seconds since the epoch, of the process) tells a process id used again."""

    name: str
    state: str
    address: str
    pid: int | None
    started: float | None
    restarts: int


@dataclass(frozen=True, slots=True)
class Status:
    """An instance as others see it: what runs, where, and with which settings."""

    pid: int
    settings: dict[str, Any]
    parts: tuple[PartStatus, ...]


class Instance:
    """The files of one data directory."""

    def __init__(self, data: Path) -> None:
        self.data = data.absolute()

    @property
    def home(self) -> Path:
        """Where its servers, keys and secret are: a world beside the real one has those of the instance it belongs to."""
        return self.data.parents[1] if self.data.parent.name == WORLDS else self.data

    @property
    def keys(self) -> SigningKeys:
        """The signing keys of its issuer."""
        return SigningKeys(self.home / "issuer")

    @property
    def pseudonym_key(self) -> Path:
        """The file of its secret, made when it is first asked for: persons keep their pseudonyms from one start to the next."""
        file = self.home / "pseudonym.key"
        if not file.exists():
            file.touch(mode=0o600)
            file.write_text(token_hex(32))
        return file

    @property
    def logs(self) -> Path:
        """Where every part writes what it has to say."""
        return self.data / "logs"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the instance: released by the kernel however the holder ends. Raises Trouble when another one holds it."""
        with self._held("lock", "Plek already runs in {}: see it with `plek status`, end it with `plek down`, or choose another --data"):
            yield

    @contextmanager
    def living(self) -> Iterator[None]:
        """Hold its simulated country, which can be lived by one only. Raises Trouble when another one holds it."""
        with self._held("country.lock", "A simulated country lives in {} already: see it with `plek watch`"):
            yield

    def is_running(self) -> bool:
        """Whether somebody holds the lock."""
        lock = self.data / "lock"
        if not lock.exists():
            return False
        with lock.open("a") as file:
            return not _take(file.fileno())

    @property
    def ports(self) -> dict[str, int]:
        """The ports of the last start."""
        return dict(self._load("ports.json") or {})

    @ports.setter
    def ports(self, ports: dict[str, int]) -> None:
        self._save("ports.json", ports)

    @property
    def diary(self) -> Diary | None:
        """What was written down of the simulated country that lives here."""
        kept = self._load(COUNTRY)
        return None if kept is None else Diary.read(kept)

    @diary.setter
    def diary(self, diary: Diary) -> None:
        self._save(COUNTRY, asdict(diary))

    def publish(self, status: Status) -> None:
        """Write what others may know, whole or not at all."""
        self._save("status.json", asdict(status))

    def status(self) -> Status | None:
        """Return what the last holder wrote; it may be gone by now."""
        found = self._load("status.json")
        if found is None:
            return None
        return Status(found["pid"], found["settings"], tuple(PartStatus(**part) for part in found["parts"]))

    @contextmanager
    def _held(self, name: str, refusal: str) -> Iterator[None]:
        try:
            self.data.mkdir(parents=True, exist_ok=True, mode=0o700)
            lock = (self.data / name).open("w")
        except OSError as error:
            raise Trouble(f"{self.data} can't be used as data directory: {error.strerror}") from error
        with lock:
            if not any(_take(lock.fileno()) for _ in range(_TRIES)):
                raise Trouble(refusal.format(self.data))
            yield

    def _load(self, name: str) -> Any:
        try:
            return json.loads((self.data / name).read_text())
        except (FileNotFoundError, ValueError):
            return None

    def _save(self, name: str, value: object) -> None:
        aside = self.data / f"{name}.new"
        aside.write_text(json.dumps(value, indent=2) + "\n")
        aside.replace(self.data / name)


def _take(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        time.sleep(_TRY_S)
        return False
    return True
