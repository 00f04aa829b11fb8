"""The plek command says what is wrong in one line, and imports only the verb that is called."""

import subprocess
import sys
from pathlib import Path

import pytest
import typer

from services.cli.main import VERBS, find_verb
from tests.cli.typed import typed


def _plek(*words: str) -> subprocess.CompletedProcess[str]:
    command = (sys.executable, "-m", "services.cli", *words)
    return subprocess.run(
        command, capture_output=True, text=True, check=False, env={"PATH": "/usr/bin:/bin", "HOME": "/", "COLUMNS": "120"}
    )


@pytest.mark.e2e
def test_alone_it_shows_the_verbs() -> None:
    """`plek` is its own help, with a line for every verb."""
    shown = _plek().stdout
    assert all(verb in shown and summary in shown for verb, summary in VERBS.items())


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_explains_itself(verb: str) -> None:
    """A verb is a documented function, or a group of such functions; tests/cli/test_start.py has its page of help."""
    found = find_verb(verb)
    runs = [command.callback for command in found.registered_commands] if isinstance(found, typer.Typer) else [found]
    assert runs
    assert all(run.__doc__ for run in runs)


@pytest.mark.parametrize(
    ("words", "environment", "code", "line"),
    [
        (("status",), {}, 1, "plek: Plek does not run in "),
        (("down",), {}, 1, "plek: Plek does not run in "),
        (("token", "worker"), {}, 1, "plek: Plek never ran in "),
        (
            ("simulate", "--year", "1900"),
            {},
            2,
            "plek: Invalid value for '--year': Input should be greater than or equal to 2000: see `plek simulate",
        ),
        (("simulate", "--into"), {}, 2, "plek: Option '--into' requires an argument: see `plek simulate --help`"),
        (("watch", "--wrold", "sim-1"), {}, 2, "plek: No such option"),
        (("fallback", "hotel", "1+2"), {}, 2, "plek: Missing option '--reason': see `plek fallback hotel --help`"),
        (("fly",), {}, 2, "plek: No such command"),
        (("fallback", "palace", "1+2"), {}, 2, "plek: No such command"),
        (("up", "--workers", "13"), {}, 2, "plek: 13 workers can't share 12 partitions"),
        (("up",), {"PLEK_API_PORT": "many"}, 2, "plek: PLEK_API_PORT: "),
        (("up",), {"PLEK_DATA": "/proc/nowhere"}, 1, "plek: /proc/nowhere can't be used as data directory"),
    ],
)
def test_an_error_is_one_clear_line(tmp_path: Path, words: tuple[str, ...], environment: dict[str, str], code: int, line: str) -> None:
    """An error is one line on standard error, and an exit code."""
    done = typed(*words, environment={"PLEK_DATA": str(tmp_path), **environment})
    assert (done.returncode, done.stdout) == (code, "")
    assert done.stderr.startswith(line)
    assert len(done.stderr.splitlines()) == 1
