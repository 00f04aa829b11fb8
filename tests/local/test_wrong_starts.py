"""Ways to start wrong, each tried as a user does: `plek up` ends with one line that holds the cause, and nothing is left running.

The permissions of files mean nothing to root, so each program here runs without the capability that passes them by.
"""

import ctypes
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import psutil
import pytest

from services.adapters.config.settings import Settings
from services.local.instance.data_directory import LAYOUT_VERSION

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]

_PLEK: Final = (sys.executable, "-m", "services.cli")
_PR_CAPBSET_DROP: Final = 24
# CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH of Linux
_PASSES_PERMISSIONS: Final = (1, 2)


def _as_any_user() -> Callable[[], None]:
    """Return what makes a program of root's heed the permissions of files; for another user it does nothing."""
    libc = ctypes.CDLL(None)

    def drop() -> None:
        for capability in _PASSES_PERMISSIONS:
            libc.prctl(_PR_CAPBSET_DROP, capability)

    return drop


def _environment(data: Path, **more: str) -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("PLEK_")}
    return own | {"PLEK_DATA": str(data), "PLEK_CACHE": str(Settings().cache)} | more


def _ended(data: Path, *command: str, **more: str) -> tuple[int, str]:
    """Run a start that must end by itself; return its exit code and its one line, and check that nothing is left running."""
    words = command or (*_PLEK, "up")
    done = subprocess.run(
        words,
        env=_environment(data, **more),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        preexec_fn=_as_any_user(),
    )
    assert _running(data) == []
    lines = done.stderr.splitlines()
    assert len(lines) == 1, done.stderr
    return done.returncode, lines[0]


def _running(data: Path) -> list[int]:
    """List the processes of a data directory."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.pid != os.getpid() and process.environ().get("PLEK_DATA") == str(data):
                found.append(process.pid)
    return found


@contextmanager
def _mode(folder: Path, mode: int) -> Iterator[None]:
    before = folder.stat().st_mode
    folder.chmod(mode)
    try:
        yield
    finally:
        folder.chmod(before)


def test_a_directory_that_can_not_be_written_in(tmp_path: Path) -> None:
    """A data directory that can't be made is named, with what the system said."""
    with _mode(tmp_path, 0o555):
        code, line = _ended(tmp_path / "data")
    assert (code, line) == (1, f"plek: {tmp_path / 'data'} can't be used as data directory: Permission denied")


def test_a_file_where_the_directory_should_be(tmp_path: Path) -> None:
    """A file in its place is named."""
    (tmp_path / "data").touch()
    assert _ended(tmp_path / "data") == (1, f"plek: {tmp_path / 'data'} can't be used as data directory: File exists")


def test_a_home_to_read_only(tmp_path: Path) -> None:
    """Where no download can be kept, the folder is named; the data directory may lie elsewhere."""
    home = tmp_path / "home"
    home.mkdir()
    with _mode(home, 0o555):
        environment = {"HOME": str(home), "PLEK_CACHE": "", "XDG_CACHE_HOME": ""}
        code, line = _ended(tmp_path / "data", **environment)
    assert (code, line) == (1, f"plek: Kafka's jars can't be kept in {home / '.cache' / 'plek' / 'jars'}: Permission denied")


def _on_disk_of(size: str, folder: Path, *, filled: bool) -> tuple[str, ...]:
    """Return the command of a start on a disk of a size of its own, which ends with it; skip where no disk can be mounted."""
    can_mount = (
        shutil.which("unshare")
        and not subprocess.run(
            ("/usr/bin/env", "unshare", "-m", "mount", "-t", "tmpfs", "tmpfs", str(folder)), capture_output=True, check=False
        ).returncode
    )
    if not can_mount:
        pytest.skip("this user can't mount a disk of its own")
    fill = f"cat /dev/zero > {folder}/fill 2>/dev/null;" if filled else ""
    return ("unshare", "-m", "sh", "-c", f"mount -t tmpfs -o size={size} tmpfs {folder}; {fill} exec {' '.join(_PLEK)} up")


@pytest.mark.parametrize(
    ("size", "filled", "says"),
    [("100m", False, "has 99 MB left, and Plek needs 500 MB: free some"), ("1m", True, "can't be written in: No space left on device")],
)
def test_a_full_disk(tmp_path: Path, size: str, says: str, *, filled: bool) -> None:
    """A disk with little room is said before anything starts; one without any too."""
    code, line = _ended(tmp_path / "data", *_on_disk_of(size, tmp_path, filled=filled))
    assert code == 1
    assert says in line


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a directory away")
def test_a_directory_of_another_user(tmp_path: Path) -> None:
    """Whose it is, is said, also to root, whose files its owner could not read; and the directory is left as it was."""
    data = tmp_path / "data"
    data.mkdir()
    os.chown(data, 65_534, -1)
    code, line = _ended(data)
    assert code == 1
    assert line.startswith(f"plek: {data} belongs to ")
    assert list(data.iterdir()) == []


def test_ports_of_another_instance(tmp_path: Path) -> None:
    """Of two users with the same settings the second is told which port, who has it as far as that can be known, and what to set."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        code, line = _ended(tmp_path / "data", PLEK_WEB_PORT=port)
    assert code == 1
    assert line.startswith(f"plek: Port {port} is in use by ")
    assert "and web needs it" in line
    assert "PLEK_WEB_PORT" in line


def test_a_directory_of_a_newer_version(tmp_path: Path) -> None:
    """What a newer Plek wrote is left as it is."""
    (tmp_path / "version").write_text(f"{LAYOUT_VERSION + 1}\n")
    code, line = _ended(tmp_path)
    assert code == 1
    assert line.endswith(f"of version {LAYOUT_VERSION + 1}, and this Plek knows {LAYOUT_VERSION}: upgrade Plek, or choose another --data")


def test_a_demo_among_shelters(tmp_path: Path) -> None:
    """A demo on a log with shelters of its own is refused before anything starts."""
    log = tmp_path / "kafka" / "log" / "plek.bed-events-0" / "00000000000000000000.log"
    log.parent.mkdir(parents=True)
    log.write_bytes(b"an event")
    code, line = _ended(tmp_path, *_PLEK, "up", "--demo")
    assert code == 2
    assert "has shelters of its own" in line


def test_a_registry_out_of_reach(tmp_path: Path) -> None:
    """Without Kafka's files, and without a way to the registry, the line says so."""
    away = dict.fromkeys(("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY"), "http://127.0.0.1:9")
    done = subprocess.run(
        (*_PLEK, "up"),
        env=_environment(tmp_path / "data", PLEK_CACHE=str(tmp_path / "cache"), HOME=str(tmp_path), **away),
        capture_output=True,
        text=True,
        check=False,
        timeout=150,
    )
    begun, line = done.stderr.splitlines()
    assert begun == "Kafka: downloading 46 jars, once"
    assert line.startswith("plek: Kafka's jars can't be downloaded: the registry is out of reach")
    assert (done.returncode, _running(tmp_path / "data")) == (1, [])


def _older_python() -> str | None:
    """Return a Python of this machine that Plek does not run on."""
    named = [path for minor in (10, 9, 8) if (path := shutil.which(f"python3.{minor}"))]
    kept = [str(path) for path in (Path.home() / ".pyenv" / "versions").glob("3.[89]*/bin/python3")]
    works = (subprocess.run((path, "-c", ""), capture_output=True, check=False).returncode == 0 for path in (*named, *kept))
    return next((path for path, does in zip((*named, *kept), works, strict=True) if does), None)


def test_a_python_that_is_too_old(tmp_path: Path) -> None:
    """An older Python ends with the version that is needed, not with the first line that it can't read."""
    if (old := _older_python()) is None:
        pytest.skip("no older Python is on this machine")
    code, line = _ended(tmp_path, old, "-m", "services.cli", "up")
    assert code == 1
    assert line.endswith("and Plek needs 3.11 or newer: make PYTHON=python3.12")


def test_a_directory_of_an_older_version_and_an_empty_path(tmp_path: Path) -> None:
    """A directory from before versions were written down starts as it is, and no program of the PATH is needed."""
    (tmp_path / "ports.json").write_text("{}\n")
    (tmp_path / "status.json").write_text('{"pid": 1, "settings": {"kafka": "127.0.0.1:1", "retired": true}, "parts": []}\n')
    command = (sys.executable, "-m", "tests.local.small_up")
    with subprocess.Popen(command, env=_environment(tmp_path, PATH=""), stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            assert any("Memory: " in line for line in process.stdout)
            assert (tmp_path / "version").read_text() == f"{LAYOUT_VERSION}\n"
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=60)
    assert _running(tmp_path) == []
