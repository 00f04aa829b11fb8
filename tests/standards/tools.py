"""The tools of others that the tests of this folder run: npm packages, and a generator of Python clients in an environment of its own.

`make standards` installs them, from a lock. Without them the tests are left out and say so; CI has npm, and there they must be there.
"""

import asyncio
import json
import os
import shutil
from pathlib import Path
from typing import Any, Final

import pytest

from tests.standards.merged import ROOT

FOLDER: Final = Path(__file__).parent
PACKAGES: Final = FOLDER / "node_modules"
PYTHON: Final = ROOT / ".venv-standards" / "bin" / "python"
# Two cores, with other tests on them
_PATIENCE_S: Final = 240.0


def require_tools() -> None:
    """Leave the test out where the tools are not installed; fail where CI could have installed them."""
    missing = "npm is not installed" if not shutil.which("npm") else "" if PACKAGES.is_dir() and PYTHON.exists() else "run: make standards"
    if missing and os.environ.get("CI") and shutil.which("npm"):
        pytest.fail(missing)
    if missing:
        pytest.skip(missing)


async def run(*command: str | Path, folder: Path = FOLDER, given: str = "", **variables: str) -> tuple[int, str, str]:
    """Run a program, with what is given to it; return its exit code and what it printed. No tool may report its use to anybody."""
    environment = os.environ | {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true", "NO_COLOR": "1"} | variables
    process = await asyncio.create_subprocess_exec(
        *map(str, command),
        cwd=folder,
        env=environment,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(_PATIENCE_S):
        out, err = await process.communicate(given.encode())
    return process.returncode or 0, out.decode(), err.decode()


async def node(script: str, *arguments: str | Path) -> Any:
    """Run a script of this folder; return the JSON value that it printed."""
    code, out, err = await run("node", FOLDER / script, *arguments)
    assert code == 0, err
    return json.loads(out)


async def package(name: str, *arguments: str | Path, folder: Path = FOLDER) -> tuple[int, str, str]:
    """Run the program of a package."""
    return await run(PACKAGES / ".bin" / name, *arguments, folder=folder)
