"""Peers live in an environment of their own, pinned with hashes: what Plek is held against is no part of it."""

import hashlib
import sys
import venv
from pathlib import Path
from subprocess import run

_REQUIREMENTS = Path("requirements/bench.txt")


def interpreter(folder: Path) -> str:
    """Return a Python that has the peers, made on first need and whenever the lock has changed."""
    python, stamp = folder / "bin" / "python", folder / "installed"
    lock = hashlib.sha256(_REQUIREMENTS.read_bytes()).hexdigest() + sys.version
    if not stamp.exists() or stamp.read_text() != lock:
        venv.create(folder, with_pip=True, clear=True)
        run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r", _REQUIREMENTS], check=True)
        stamp.write_text(lock)
    return str(python)
