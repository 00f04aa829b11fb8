"""docker-compose.yml as docker-compose itself understands it, with secrets that deploy/secrets.sh made."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

ROOT: Final = Path(__file__).parents[2]
ISSUER: Final = "https://login.example"
# Where a service of the image listens (deploy/Dockerfile)
IMAGE_HOST: Final = "0.0.0.0"  # noqa: S104 - it is the container's


def program(name: str) -> str:
    """Find a program of Debian's; where CI runs it must be there (.ci/run installs it), elsewhere its tests are left out and say so."""
    found = shutil.which(name)
    if not found:
        missing = f"{name} is not installed: apt-get install {name}"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    return found


def compose(**variables: str) -> subprocess.CompletedProcess[str]:
    """Run `docker-compose config` with these variables and none of ours."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("PLEK_") and name not in {"SECRETS", "PUBLISH"}}
    command = [program("docker-compose"), "-f", str(ROOT / "docker-compose.yml"), "config"]
    return subprocess.run(command, env=own | variables, capture_output=True, text=True, check=False, timeout=60)


def make_secrets(folder: Path, *organisations: str) -> Path:
    """Make secrets as an operator does."""
    subprocess.run((str(ROOT / "deploy" / "secrets.sh"), str(folder), *organisations), check=True, timeout=60)
    return folder


def composed(secrets: Path) -> dict[str, Any]:
    """Return what docker-compose would start."""
    done = compose(SECRETS=str(secrets), PLEK_ISSUER=ISSUER)
    assert done.returncode == 0, done.stderr
    read: dict[str, Any] = yaml.safe_load(done.stdout)
    return read
