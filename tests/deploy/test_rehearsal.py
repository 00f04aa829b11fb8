"""Upgrade, going back, rebuild, restore and move as the runbook has them: its commands as they stand, and what it says they print."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from tests.deploy.composed import ROOT

_RUNBOOK: Final = (ROOT / "deploy" / "runbook.md").read_text("utf-8")
_BLOCK: Final = re.compile(r"^```sh\n(.*?)^```\n(?:\n```text\n(.*?)^```\n)?", re.MULTILINE | re.DOTALL)
_REHEARSED: Final = ("Rehearse", "Upgrade", "Go back", "Rebuild", "Restore", "Move")
_WEEK: Final = ROOT / "tests" / "recorded" / "week.jsonl"
# One block at most: it starts everything, on two cores that others use too
_BLOCK_S: Final = 420.0


@dataclass(frozen=True)
class Block:
    """Commands of the runbook, and what they print; None where it says nothing of it."""

    commands: str
    printed: str | None

    @property
    def code(self) -> int:
        """The exit code that the runbook announces."""
        return 1 if (self.printed or "").endswith("exit code 1\n") else 0

    @property
    def pattern(self) -> str:
        """What the output must match: `…` stands for a part of a line, alone for any number of lines."""
        lines = (self.printed or "…\n").removesuffix("exit code 1\n").splitlines()
        return "".join(r"(?:.*\n)*" if line == "…" else re.escape(line).replace("…", ".*") + "\n" for line in lines)


def _blocks(section: str) -> list[Block]:
    text = _RUNBOOK.partition(f"\n## {section}\n")[2].partition("\n## ")[0]
    return [Block(commands, printed or None) for commands, printed in _BLOCK.findall(text)]


def test_the_runbook_has_what_is_rehearsed() -> None:
    """Each section has commands, and no block of commands stands in a section that is not rehearsed."""
    counted = [len(_blocks(section)) for section in _REHEARSED]
    assert all(counted)
    assert sum(counted) == _RUNBOOK.count("```sh\n")


@dataclass(frozen=True)
class Machine:
    """A machine with two versions of Plek, on which the commands are typed."""

    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        """What the runbook takes as given."""
        own = {name: value for name, value in os.environ.items() if not name.startswith("PLEK_")}
        given = {"OLD": "old", "NEW": "new", "ELSEWHERE": str(self.folder / "elsewhere"), "PLEK_DATA": str(self.folder / "data")}
        return own | given | {"PATH": f"{self.folder / 'current' / 'bin'}:{os.environ['PATH']}"}

    def type(self, commands: str) -> tuple[int, str, str]:
        """Run commands as a shell does; return the exit code, what was printed, and what went to standard error: progress and mistakes."""
        done = subprocess.run(
            ("/bin/bash", "-e", "-c", commands),
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=_BLOCK_S,
        )
        return done.returncode, done.stdout, done.stderr

    def install(self, name: str, source: Path) -> None:
        """Put a version into a folder of its own."""
        script = self.folder / name / "bin" / "plek"
        script.parent.mkdir(parents=True)
        script.write_text(f'#!/bin/sh\nPYTHONPATH="{source}" exec {sys.executable} -m services.cli "$@"\n')
        script.chmod(0o755)


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    """Install this version, and a newer one that folds in another way; end what runs at the end."""
    made = Machine(tmp_path)
    newer = tmp_path / "source"
    shutil.copytree(ROOT / "services", newer / "services", ignore=shutil.ignore_patterns("__pycache__"))
    ports = newer / "services" / "adapters" / "view" / "ports.py"
    raised = re.sub(
        r"^(FOLD_VERSION\b.*= )(\d+)$", lambda found: f"{found[1]}{int(found[2]) + 1}", ports.read_text("utf-8"), flags=re.MULTILINE
    )
    assert raised != ports.read_text("utf-8")
    ports.write_text(raised, "utf-8")
    made.install("old", ROOT)
    made.install("new", newer)
    (tmp_path / "current").symlink_to("old")
    yield made
    made.type('plek down; PLEK_DATA="$ELSEWHERE" plek down')


def _send(machine: Machine) -> None:
    code, _, wrong = machine.type(f"plek emit {_WEEK}")
    assert code == 0, wrong


def _check_that_it_is_newer(machine: Machine) -> None:
    """Check that the newer version has folded the view: the older one says so."""
    code, printed, _ = machine.type("old/bin/plek verify")
    assert code == 1
    assert "folded by version" in printed


def _log_more(machine: Machine) -> None:
    """Log events that the copy lacks: they are lost with the log."""
    code, _, wrong = machine.type("plek close berk-1 u2 --why cleaning; plek close eik-1 u1 --why cleaning")
    assert code == 0, wrong


# What happens between two sections that is no command of the runbook
_MEANWHILE: Final[dict[str, Callable[[Machine], None]]] = {"Rehearse": _send, "Upgrade": _check_that_it_is_newer, "Rebuild": _log_more}


@pytest.mark.e2e
@pytest.mark.long
@pytest.mark.timeout(2_400)
def test_the_runbook_works_as_it_is_written(machine: Machine) -> None:
    """Every block of the rehearsed sections, one at a time and in order: its exit code and all it prints are as the runbook says."""
    for section in _REHEARSED:
        for number, block in enumerate(_blocks(section), 1):
            code, printed, wrong = machine.type(block.commands)
            where = f"{section}, block {number}:\n{block.commands}\nprinted (exit code {code}):\n{printed}\nand:\n{wrong}"
            assert code == block.code, where
            assert re.fullmatch(block.pattern, printed), where
        if meanwhile := _MEANWHILE.get(section):
            meanwhile(machine)
