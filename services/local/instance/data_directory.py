"""One data directory is one instance. The process that runs it holds its lock; `status.json` says what runs, for other commands to read."""

import fcntl
import json
import os
import pwd
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from secrets import token_hex
from typing import IO, TYPE_CHECKING, Any, Final

from services.adapters.datasets import COUNTRY
from services.local.user_error import UserError

if TYPE_CHECKING:
    from services.local.identity.signing_keys import SigningKeys
    from services.simulator.resume_state import ResumeState

# Below the data directory of an instance: those of the data sets beside it
DATASETS = "worlds"
# What lies where in a data directory; raised when an older program would misread a newer one's files
LAYOUT_VERSION: Final = 1
_VERSION = "version"
# `plek status` holds the lock for a moment when it tries whether it is held
_TRIES = 3
_TRY_S = 0.05


@dataclass(frozen=True, slots=True)
class ComponentStatus:
    """One server or service; `started` (seconds since 1970) distinguishes its process from a later one with the same id."""

    name: str
    state: str
    address: str
    pid: int | None
    started: float | None
    restarts: int


@dataclass(frozen=True, slots=True)
class Status:
    """What runs in an instance, where, and with which settings."""

    pid: int
    settings: dict[str, Any]
    parts: tuple[ComponentStatus, ...]


class DataDirectory:
    """The files of one data directory."""

    def __init__(self, data: Path) -> None:
        self.data = data.absolute()

    @property
    def home(self) -> Path:
        """Where its servers, keys and secret are: a data set beside the real country has those of the instance it belongs to."""
        return self.data.parents[1] if self.data.parent.name == DATASETS else self.data

    @property
    def keys(self) -> "SigningKeys":
        """The signing keys of its issuer."""
        from services.local.identity.signing_keys import SigningKeys  # noqa: PLC0415  few commands that look for an instance sign a token

        return SigningKeys(self.home / "issuer")

    @property
    def pseudonym_key(self) -> Path:
        """The file of its secret, made on first use: persons keep their pseudonyms from one start to the next."""
        return self._secret_file("pseudonym.key")

    @property
    def audit_head_key(self) -> Path:
        """The file of the key that signs heads of its audit log, made on first use."""
        return self._secret_file("audit-head.key")

    @property
    def need_key(self) -> Path:
        """The file of the secret that wraps the keys of sealed needs, made on first use."""
        return self._secret_file("need.key")

    @property
    def logs(self) -> Path:
        """The folder of the logs of all components."""
        return self.data / "logs"

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the instance; the kernel releases it however the process ends. Raises UserError when another process holds it.

        What this process and its children write meanwhile is for their owner alone.
        """
        with self._lock("lock", "Plek already runs in {}: see it with `plek status`, end it with `plek down`, or choose another --data"):
            try:
                self._check_version()
            except OSError as error:
                raise UserError(f"{self.data} can't be written in: {error.strerror}") from error
            yield

    @contextmanager
    def simulation_lock(self) -> Iterator[None]:
        """Hold its simulated country, which one process only can send. Raises UserError when another process holds it."""
        with self._lock("country.lock", "A simulated country lives in {} already: see it with `plek watch`"):
            yield

    def is_running(self) -> bool:
        """Return whether a process holds the lock."""
        lock = self.data / "lock"
        if not lock.exists():
            return False
        with lock.open("a") as file:
            return not _try_lock(file.fileno())

    @property
    def ports(self) -> dict[str, int]:
        """The ports of the last start."""
        return dict(self._read_json("ports.json") or {})

    @ports.setter
    def ports(self, ports: dict[str, int]) -> None:
        self._write_json("ports.json", ports)

    @property
    def resume_state(self) -> "ResumeState | None":
        """How far the simulated country that lives here has been sent; None where none lives."""
        from services.simulator.resume_state import ResumeState  # noqa: PLC0415  few commands that look for an instance simulate a country

        document = self._read_json(COUNTRY)
        return None if document is None else ResumeState.read(document)

    @resume_state.setter
    def resume_state(self, state: "ResumeState") -> None:
        self._write_json(COUNTRY, asdict(state))

    def write_status(self, status: Status) -> None:
        """Write what runs, whole or not at all."""
        self._write_json("status.json", asdict(status))

    def read_status(self) -> Status | None:
        """Return what the last process that held the lock wrote; it may have ended since. None where none ever did."""
        document = self._read_json("status.json")
        if document is None:
            return None
        return Status(document["pid"], document["settings"], tuple(ComponentStatus(**part) for part in document["parts"]))

    def _check_owner(self) -> None:
        """Check that its files are this user's: what another user's process writes into them, their owner can't read or replace.

        Raises UserError.
        """
        with suppress(OSError):  # not there yet, or not to be looked at: said where it is opened
            owner = self.data.stat().st_uid
            if owner != os.getuid():
                raise UserError(f"{self.data} belongs to {user_name(owner)}: run Plek as {user_name(owner)}, or choose another --data")

    def _check_version(self) -> None:
        """Write of which version its files are. Raises UserError where a newer Plek wrote them."""
        found = version_of(self.data)
        if found is not None and found > LAYOUT_VERSION:
            raise UserError(
                f"{self.data} is a data directory of version {found}, and this Plek knows {LAYOUT_VERSION}: upgrade Plek, or choose another"
                " --data"
            )
        if found != LAYOUT_VERSION:
            (self.data / _VERSION).write_text(f"{LAYOUT_VERSION}\n")

    def _secret_file(self, name: str) -> Path:
        """Return a file with 32 random bytes in hexadecimal digits, made with its mode where there is none."""
        file = self.home / name
        if not file.exists():
            file.touch(mode=0o600)
            file.write_text(token_hex(32))
        return file

    @contextmanager
    def _lock(self, name: str, refusal: str) -> Iterator[None]:
        with _private_files():
            self._check_owner()
            try:
                self.data.mkdir(parents=True, exist_ok=True, mode=0o700)
                # An older version let others read the files that it made
                self.data.chmod(0o700)
                file = (self.data / name).open("w")
            except OSError as error:
                raise UserError(f"{self.data} can't be used as data directory: {error.strerror}") from error
            with self._held(file, refusal):
                yield

    @contextmanager
    def _held(self, file: IO[str], refusal: str) -> Iterator[None]:
        with file:
            if not any(_try_lock(file.fileno()) for _ in range(_TRIES)):
                raise UserError(refusal.format(self.data))
            yield

    def _read_json(self, name: str) -> Any:
        try:
            return json.loads((self.data / name).read_text())
        except (FileNotFoundError, ValueError):
            return None

    def _write_json(self, name: str, value: object) -> None:
        aside = self.data / f"{name}.new"
        aside.write_text(json.dumps(value, indent=2) + "\n")
        aside.replace(self.data / name)


def user_name(number: int) -> str:
    """Return the name of a user of this machine, else the number."""
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"user {number}"


def version_of(data: Path) -> int | None:
    """Return of which version the files of a data directory are; None where it is new, or older than that is written down."""
    try:
        return int((data / _VERSION).read_text())
    except (FileNotFoundError, ValueError):
        return None


@contextmanager
def _private_files() -> Iterator[None]:
    """Create files and folders for their owner alone, in this process and in those that it starts."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        time.sleep(_TRY_S)
        return False
    return True
