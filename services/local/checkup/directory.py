"""The data directory: which user owns it, who else can read it, of which version it is, and the secrets in it and beside it."""

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from services.adapters.config.secret_forms import check_hexadecimal, check_length
from services.adapters.config.settings import Settings
from services.local.checkup.finding import Finding, ok, warning, wrong
from services.local.instance.data_directory import LAYOUT_VERSION, DataDirectory, user_name, version_of

_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
_READ_BY_OTHERS: Final = stat.S_IRGRP | stat.S_IROTH
_MADE_HERE: Final = {"pseudonym.key": check_length, "audit-head.key": check_hexadecimal, "need.key": check_hexadecimal}
_BROKEN: Final = "appendonlydir.broken-*"
# A file of certificates is no secret
_PUBLIC: Final = frozenset({"kafka_ca_file"})
_HERE: Final = "data directory"


def check_directory(settings: Settings, user: int | None = None) -> Iterator[Finding]:
    """Yield what is found of the data directory and of the files that settings name; `user` is who looks, by default this process."""
    instance = DataDirectory(settings.data)
    yield (owned := _owner(instance.data, os.getuid() if user is None else user))
    if owned.state == "ok" and instance.data.exists():
        yield _version(instance.data)
        yield _modes(instance.data)
        yield from _secrets(instance.home)
        yield from _set_aside(instance)
    yield from _named_files(settings)
    yield from _unset(settings)


def _owner(data: Path, user: int) -> Finding:
    if not data.exists():
        nearest = next(folder for folder in data.parents if folder.exists())
        if not os.access(nearest, os.W_OK | os.X_OK):
            return wrong(_HERE, f"{data} does not exist, and {nearest} can't be written in", "choose another with --data")
        return ok(_HERE, f"{data} does not exist yet: `plek up` makes it")
    try:
        owner = data.stat().st_uid
    except OSError as error:
        return wrong(_HERE, f"{data} can't be looked at: {error.strerror}", "run this as its owner, or choose another with --data")
    if owner != user:
        return wrong(_HERE, f"{data} belongs to {user_name(owner)}", f"run Plek as {user_name(owner)}, or choose another with --data")
    if not os.access(data, os.R_OK | os.W_OK | os.X_OK):
        return wrong(_HERE, f"{data} can't be written in", f"chmod u+rwx {data}, or the disk is mounted to read only")
    return ok(_HERE, str(data))


def _version(data: Path) -> Finding:
    found = version_of(data)
    if found is None:
        return ok("its version", "older than 1: it is read as it is, and the view is folded anew where it must be")
    if found > LAYOUT_VERSION:
        return wrong("its version", f"{found}, and this Plek knows {LAYOUT_VERSION}", "upgrade Plek, or choose another with --data")
    return ok("its version", str(found))


def _modes(data: Path) -> Finding:
    open_to_others: list[Path] = []
    for path in (data, *data.rglob("*")):
        with suppress(OSError):  # a file that a server removes meanwhile
            if path.lstat().st_mode & _OTHERS and not path.is_symlink():
                open_to_others.append(path)
    if open_to_others:
        cause = f"{len(open_to_others)} files or folders are open to other users, such as {open_to_others[0]}"
        return warning("who can read it", cause, f"chmod -R go-rwx {data}")
    return ok("who can read it", "its owner alone")


def _secrets(home: Path) -> Iterator[Finding]:
    for name, check in _MADE_HERE.items():
        file = home / name
        if not file.exists():
            continue
        try:
            check(file.read_text("utf-8").strip())
        except (OSError, ValueError):
            yield wrong(name, f"{file} can't be read, or is no key", "put it back from a copy: what it protects can't be read without it")
        else:
            yield _private(name, file)


def _private(name: str, file: Path) -> Finding:
    if file.stat().st_mode & _READ_BY_OTHERS:
        return warning(name, f"other users can read {file}", f"chmod 600 {file}")
    return ok(name, "there, and private")


def _set_aside(instance: DataDirectory) -> Iterator[Finding]:
    broken = sorted((instance.data / "valkey").glob(_BROKEN))
    if broken:
        cause = f"{len(broken)} broken files of Redis were set aside, such as {broken[0].name}"
        yield warning("files set aside", cause, f"look why the disk broke them; then delete {broken[0].parent}/{_BROKEN}")
    spoiled = sorted((instance.data / "outbox").rglob("*.spoiled"))
    if spoiled:
        yield warning(
            "outbox", f"{spoiled[0]} was damaged by the disk", "keep it for who can read it: see the runbook, PlekKeepsHotelsOnDisk"
        )


def _named_files(settings: Settings) -> Iterator[Finding]:
    """Yield what is found of the files that hold secrets or certificates."""
    for name in sorted(type(settings).model_fields):
        file = getattr(settings, name)
        if not name.endswith("_file") or file is None:
            continue
        variable = f"PLEK_{name.upper()}"
        if not file.is_file() or not os.access(file, os.R_OK):
            yield wrong(variable, f"{file} can't be read", "name a file that this user can read")
        elif name in _PUBLIC:
            yield ok(variable, "there")
        elif file.name not in _MADE_HERE:
            yield _private(variable, file)


def _unset(settings: Settings) -> Iterator[Finding]:
    """Yield which secrets are not set, where something is left out without them."""
    if settings.push_key is None:
        yield ok("PLEK_PUSH_KEY", "not set: browsers get no notices")
