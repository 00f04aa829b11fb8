"""The client is importable without the rest of Plek, under both of its names."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Final

import pytest

pytestmark = pytest.mark.e2e

_CLIENT: Final = Path(__file__).parents[2] / "services" / "client"
# Any other module of Plek is an error, wherever it lies
_ALONE: Final = """
import sys
class Finder:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == "services":
            raise ImportError("Plek is not here")
sys.meta_path.insert(0, Finder())
sys.path.insert(0, sys.argv[1])
import plek_client
with plek_client.PlekOutbox(sys.argv[2], "http://127.0.0.1:9", lambda: "t") as outbox:
    print(outbox.admit("berk", "u1", adults=1).source, outbox.pending())
"""


def _run(*command: str | Path, folder: Path) -> str:
    elsewhere = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(command, cwd=folder, env=elsewhere, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr[-2_000:]
    return done.stdout


def test_importing_it_imports_nothing_else_of_plek() -> None:
    """As `services.client` it brings none of the other packages of `services` along."""
    code = "import sys, services.client; print(*sorted(name for name in sys.modules if name.startswith('services.')))"
    imported = _run(sys.executable, "-c", code, folder=_CLIENT.parents[1]).split()
    assert {name.split(".")[1] for name in imported} == {"client"}


def test_its_wheel_needs_nothing_of_plek(tmp_path: Path) -> None:
    """The wheel holds the package alone, names httpx, and stores an event where no other module of Plek can be imported."""
    source = tmp_path / "source"  # a build leaves folders behind
    shutil.copytree(_CLIENT, source, ignore=shutil.ignore_patterns("__pycache__"))
    build = (sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", tmp_path, source)
    _run(*build, folder=tmp_path)
    [wheel] = tmp_path.glob("plek_client-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "installed")
        names = {name for name in archive.namelist() if not name.startswith("plek_client-")}
        [metadata] = [archive.read(name).decode() for name in archive.namelist() if name.endswith("METADATA")]
    assert names == {f"plek_client/{file.name}" for file in _CLIENT.iterdir() if file.suffix in {".py", ".typed"}}
    assert [line for line in metadata.splitlines() if line.startswith("Requires-Dist")] == ["Requires-Dist: httpx>=0.27"]
    said = _run(sys.executable, "-I", "-c", _ALONE, tmp_path / "installed", tmp_path / "plek.sqlite", folder=tmp_path)
    assert said == "urn:plek:shelter:berk:system 1\n"
