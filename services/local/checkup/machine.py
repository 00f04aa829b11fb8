"""The machine: Python, the packages, where downloads are kept, and free disk."""

import os
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib import metadata
from pathlib import Path
from typing import Final

from packaging.requirements import InvalidRequirement, Requirement

from services.adapters.config.settings import Settings
from services.local.checkup.finding import Finding, ok, warning, wrong
from services.local.servers.kafka_jars import Jar, locked_jars
from services.local.start_checks import LEAST_FREE

LEAST_PYTHON: Final = (3, 11)
_PINS: Final = Path(__file__).parents[3] / "requirements" / "run.txt"
_INSTALL: Final = "run `make setup` again (for a wheel: pipx reinstall plek)"
# Below this a machine is full within days
_LITTLE_FREE: Final = 4 * LEAST_FREE
_MIB: Final = 2**20
# Of many that differ the first say what is going on
_MOST_NAMED: Final = 5


def check_machine(settings: Settings) -> Iterator[Finding]:
    """Yield what is found of the machine itself."""
    yield check_python(sys.version_info[:3])
    yield check_packages(pins(), installed)
    yield check_home(settings.cache)
    yield check_jars(settings.cache, locked_jars())
    for name, folder in {"disk of the data": settings.data, "disk of the downloads": settings.cache}.items():
        yield check_disk(name, folder)


def check_python(version: tuple[int, ...]) -> Finding:
    """Return whether this Python can run Plek."""
    text = ".".join(map(str, version))
    if version < LEAST_PYTHON:
        return wrong("Python", f"{text}, and Plek needs 3.11 or newer", "make PYTHON=python3.12 setup")
    return ok("Python", text)


def pins(file: Path = _PINS) -> list[Requirement]:
    """Return the packages that belong to this version: those of the lock beside the code, else what the wheel asks for."""
    try:
        lines = [line.rstrip(" \\") for line in file.read_text("utf-8").splitlines() if line[:1].isalnum()]
    except OSError:
        try:
            lines = metadata.requires("plek") or []
        except metadata.PackageNotFoundError:
            lines = []
    return [wanted for wanted in map(_requirement, lines) if wanted and (not wanted.marker or wanted.marker.evaluate({"extra": ""}))]


def _requirement(line: str) -> Requirement | None:
    try:
        return Requirement(line)
    except InvalidRequirement:
        return None


def installed(name: str) -> str | None:
    """Return the version of a package that is installed; None where it is not."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def check_packages(wanted: Iterable[Requirement], find: Callable[[str], str | None]) -> Finding:
    """Return which packages are missing, or of another version than this version of Plek was tested with."""
    found: Mapping[str, tuple[Requirement, str | None]] = {each.name: (each, find(each.name)) for each in wanted}
    missing = [name for name, (_, version) in found.items() if version is None]
    others = [
        f"{name} {version} (tested: {str(each.specifier).removeprefix('==')})"
        for name, (each, version) in found.items()
        if version is not None and not each.specifier.contains(version, prereleases=True)
    ]
    if missing:
        return wrong("packages", f"missing: {_some(missing)}", _INSTALL)
    if others:
        return warning("packages", f"other versions than tested: {_some(others)}", _INSTALL)
    return ok("packages", f"{len(found)} as pinned")


def check_home(cache: Path) -> Finding:
    """Return whether downloads can be kept: in the folder, or in the nearest one above it that exists."""
    nearest = nearest_folder(cache)
    if not os.access(nearest, os.W_OK | os.X_OK):
        return wrong(
            "folder of downloads", f"{nearest} can't be written in", "give this user the right to, or set PLEK_CACHE to another folder"
        )
    return ok("folder of downloads", str(cache))


def nearest_folder(path: Path) -> Path:
    """Return a folder, or the nearest one above it that exists."""
    absolute = path.absolute()
    return next(folder for folder in (absolute, *absolute.parents) if folder.is_dir())


def check_jars(cache: Path, jars: Iterable[Jar]) -> Finding:
    """Return whether Kafka is there, so that no registry is needed for a start."""
    wanted = list(jars)
    missing = [jar for jar in wanted if not jar.is_at(cache / "jars" / jar.filename)]
    if missing:
        return warning(
            "Kafka's files",
            f"{len(missing)} of {len(wanted)} are not here yet, or are damaged",
            "the next start downloads them, and needs the package registry (Maven Central, or what jgo's settings name)",
        )
    return ok("Kafka's files", f"all {len(wanted)} here and unchanged")


def check_disk(name: str, folder: Path, free: Callable[[Path], int] | None = None) -> Finding:
    """Return whether a disk has room."""
    nearest = nearest_folder(folder)
    left = free(nearest) if free else shutil.disk_usage(nearest).free
    cause = f"{left // _MIB:,} MB free at {nearest}"
    if left < LEAST_FREE:
        return wrong(name, f"{cause}, and Plek needs {LEAST_FREE // _MIB} MB", "free some: Kafka stops in the middle when it is full")
    if left < _LITTLE_FREE:
        return warning(name, cause, "free some before it is full: Kafka stops then")
    return ok(name, cause)


def _some(names: list[str]) -> str:
    more = len(names) - _MOST_NAMED
    return ", ".join(names[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
