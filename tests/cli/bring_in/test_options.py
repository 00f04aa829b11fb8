"""The command line of `plek bring-in`: what is wrong is said before anything is read or sent."""

from pathlib import Path

import pytest

from services.adapters.spreadsheets.column_names import KINDS
from tests.cli.typed import typed
from tests.spreadsheets import brought


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "plek bring-in FILE"),
        (("x.csv", "--map", "Kamer=nothing"), "no field is called nothing; they are"),
        (("x.csv", "--map", "Kamer"), "two parts with = between them"),
        (("x.csv", "--set", "=berk"), "two parts with = between them"),
        (("x.csv", "--what", "stays", "--set", "region=R07"), "no field is called region"),
        (("x.csv", "--what", "guests"), "is not one of"),
    ],
)
def test_a_wrong_command_line_ends_with_one_line(words: tuple[str, ...], message: str) -> None:
    """Each with exit code 2, and without a value of a file."""
    done = typed("bring-in", *words)
    assert done.returncode == 2
    assert message in done.stderr


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("suffix", [".xlsx", ".csv"])
def test_a_template_is_written_where_no_file_is(tmp_path: Path, kind: str, suffix: str) -> None:
    """A template of each kind in both forms; a file that exists is left as it is."""
    file = tmp_path / f"empty{suffix}"
    done = typed("bring-in", "--template", kind, str(file))
    assert (done.returncode, f"plek bring-in {file}" in done.stdout) == (0, True)
    before = file.read_bytes()
    assert [table.kind for table in brought(before).tables] == [kind]
    assert typed("bring-in", "--template", kind, str(file)).returncode == 2
    assert file.read_bytes() == before
