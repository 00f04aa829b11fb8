"""What `plek doctor` says of a data directory: whose it is, who can read it, its version, and the secrets in it and beside it."""

import os
from pathlib import Path

import pytest

from services.adapters.config.settings import Settings
from services.local.checkup.directory import check_directory
from services.local.checkup.finding import Finding
from services.local.instance.data_directory import LAYOUT_VERSION, DataDirectory


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Return a data directory as an instance leaves it."""
    instance = DataDirectory(tmp_path / "data")
    with instance.lock():
        for made in (instance.pseudonym_key, instance.audit_head_key, instance.need_key):
            assert made.exists()
    return instance.data


def found(data: Path, user: int | None = None, **settings: object) -> dict[str, Finding]:
    """Return the findings by their names."""
    return {each.name: each for each in check_directory(Settings.model_validate({"data": data, **settings}), user)}


def bad(data: Path, user: int | None = None, **settings: object) -> dict[str, str]:
    """Return the causes of what is not ok, with the state before them."""
    return {name: f"{each.state}: {each.cause}" for name, each in found(data, user, **settings).items() if each.state != "ok"}


def test_a_directory_as_it_is_left_is_right(data: Path) -> None:
    """Nothing is wrong with a directory that an instance has made; one that is still to be made is right too."""
    assert bad(data) == {}
    assert found(data)["its version"].cause == str(LAYOUT_VERSION)
    assert bad(data / "a" / "b") == {}


def test_a_directory_of_another_user_is_wrong(data: Path) -> None:
    """Whose it is, is said, and nothing in it is looked at."""
    assert "belongs to" in bad(data, os.getuid() + 1)["data directory"]
    assert "need.key" not in found(data, os.getuid() + 1)


def test_files_that_others_can_read_are_a_warning(data: Path) -> None:
    """A key and a file that others can read: both are named, with the command that closes them."""
    (data / "need.key").chmod(0o644)
    assert set(bad(data)) == {"who can read it", "need.key"}
    assert found(data)["need.key"].advice == f"chmod 600 {data / 'need.key'}"


@pytest.mark.parametrize("name", ["pseudonym.key", "audit-head.key", "need.key"])
def test_a_secret_that_is_none_is_wrong(data: Path, name: str) -> None:
    """It is named, and no byte of it is shown."""
    (data / name).write_text("broken-secret")
    finding = found(data)[name]
    assert finding.state == "wrong"
    assert "broken-secret" not in f"{finding}"


def test_a_newer_version_is_wrong_and_an_older_one_is_right(data: Path) -> None:
    """What a newer Plek wrote is not read; what an older one wrote is."""
    (data / "version").write_text(f"{LAYOUT_VERSION + 1}\n")
    assert "upgrade Plek" in found(data)["its version"].advice
    (data / "version").unlink()
    assert found(data)["its version"].state == "ok"


def test_what_was_set_aside_is_said(data: Path) -> None:
    """Broken files of Redis and of the outbox wait for a person."""
    (data / "valkey" / "appendonlydir.broken-1").mkdir(parents=True, mode=0o700)
    (data / "valkey").chmod(0o700)
    spoiled = data / "outbox" / "plek" / "outbox.sqlite.spoiled"
    spoiled.parent.mkdir(parents=True)
    spoiled.touch()
    assert {"files set aside", "outbox"} <= set(bad(data))


def test_a_named_secret_must_be_there_and_private(data: Path, tmp_path: Path) -> None:
    """A file that a setting names is wrong when it can't be read, and a warning when others can."""
    secret = tmp_path / "push.key"
    secret.touch(mode=0o644)
    key = {"push_key": "A" * 42 + "E", "push_key_file": secret}
    settings = Settings.model_construct(**{**Settings(data=data).__dict__, **key})
    assert {each.name: each.state for each in check_directory(settings)}["PLEK_PUSH_KEY_FILE"] == "warning"
    secret.unlink()
    assert {each.name: each.state for each in check_directory(settings)}["PLEK_PUSH_KEY_FILE"] == "wrong"


def test_nothing_is_changed(data: Path) -> None:
    """No file of the directory is written, made or removed by a look."""
    before = {path: (path.stat().st_mtime_ns, path.stat().st_mode) for path in (data, *data.rglob("*"))}
    found(data)
    assert {path: (path.stat().st_mtime_ns, path.stat().st_mode) for path in (data, *data.rglob("*"))} == before
