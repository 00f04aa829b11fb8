"""What is installed is all there is: a wheel that lacks a file starts, and fails where it is needed."""

import tomllib
from fnmatch import fnmatch
from pathlib import Path

_TOP = Path(__file__).parents[1]


def test_every_file_of_the_package_is_installed() -> None:
    """Scripts of Redis, templates and tables lie beside the modules that read them."""
    patterns = tomllib.loads((_TOP / "pyproject.toml").read_text())["tool"]["setuptools"]["package-data"]["*"]
    beside = [path.name for path in (_TOP / "services").rglob("*") if path.is_file() and path.suffix not in {".py", ".pyc"}]
    assert beside
    assert [name for name in beside if not any(fnmatch(name, pattern) for pattern in patterns)] == []
