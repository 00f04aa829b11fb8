"""The SQL files: each statement has a name, and is used by the module beside it."""

from importlib import import_module
from importlib.resources import files
from pathlib import Path

import pytest

from services.monitor import sql_files
from services.monitor.sql_files import statements

ROOT = Path(str(files("services.monitor")))
MODULES = sorted(".".join(path.relative_to(ROOT).with_suffix("").parts) for path in ROOT.rglob("*.sql"))


@pytest.mark.parametrize("name", MODULES)
def test_each_statement_is_used(name: str) -> None:
    """Every statement of a .sql file is named in the Python module beside it, or is a table that an analyst is shown."""
    module = import_module(f"services.monitor.{name}")
    source = Path(str(module.__file__)).read_text("utf-8")
    found = statements(module.__name__)
    assert found
    assert [each for each in found if f'"{each}"' not in source] == []


def test_a_name_stands_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file in which two statements have the same name is refused when it is read."""
    (tmp_path / "twice.sql").write_text("-- name: one\nSELECT 1\n\n-- name: one\nSELECT 2\n")
    monkeypatch.setattr(sql_files, "files", lambda _: tmp_path)
    with pytest.raises(ValueError, match="twice"):
        statements("anywhere.twice")


def test_statements_keep_their_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A statement is the text from its name to the next name, without the lines that introduce the file."""
    (tmp_path / "two.sql").write_text("-- What this is.\n\n-- name: one\nSELECT 1\n\n-- name: two\nSELECT $a\n")
    monkeypatch.setattr(sql_files, "files", lambda _: tmp_path)
    assert statements("anywhere.two") == {"one": "SELECT 1", "two": "SELECT $a"}
