"""A real browser, headless, without a network: it records the requests of a page and the lines on its console."""

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
# Set by .ci/run: there a browser that is missing is a fault, on a developer's machine it is none
_REQUIRED = os.environ.get("BROWSER_TESTS") == "required"
_QUIET = ("--headless", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--host-resolver-rules=MAP * ~NOTFOUND")
# What Chromium asks for its own sake (updates, the time) has no page that began it
_ITS_OWN = "not an origin"
_PATIENCE_S = 120


@dataclass(frozen=True)
class Seen:
    """What a browser made of a page: the document when all is done, the lines on its console, and the addresses the page asked for."""

    dom: str
    console: list[str]
    asked: list[str]


@dataclass(frozen=True)
class Browser:
    """Chromium of this machine, with a home of its own."""

    program: str
    home: Path

    def open(self, page: Path) -> Seen:
        """Open a file and let it do what it does."""
        log = self.home.with_suffix(".netlog")
        done = self._run(f"--log-net-log={log}", "--enable-logging=stderr", "--virtual-time-budget=5000", "--dump-dom", page.as_uri())
        return Seen(done.stdout, [line for line in done.stderr.splitlines() if "CONSOLE" in line], _asked(log))

    def print(self, page: Path, to: Path) -> bytes:
        """Print a file on paper, as PDF."""
        self._run(f"--print-to-pdf={to}", "--no-pdf-header-footer", page.as_uri())
        return to.read_bytes()

    def _run(self, *words: str) -> subprocess.CompletedProcess[str]:
        root = ("--no-sandbox",) if os.geteuid() == 0 else ()
        command = (self.program, *_QUIET, *root, f"--user-data-dir={self.home}", *words)
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=_PATIENCE_S)


def _asked(log: Path) -> list[str]:
    """List the addresses that pages asked for, from Chromium's own log of the network."""
    written = json.loads(log.read_text("utf-8"))
    begins = written["constants"]["logEventTypes"]["URL_REQUEST_START_JOB"]
    asked = [event["params"] for event in written["events"] if event["type"] == begins and "params" in event]
    return [each["url"] for each in asked if each.get("initiator", _ITS_OWN) != _ITS_OWN]


def find(home: Path) -> Browser:
    """Find the browser of this machine, with a home of its own."""
    return Browser(program(), home)


def program() -> str:
    """Return the path of the browser of this machine; without one the test is skipped, or fails where one is required."""
    for name in _NAMES:
        if found := shutil.which(name):
            return found
    sentence = "no Chromium on this machine: on Debian or Ubuntu, apt-get install chromium"
    return pytest.fail(sentence) if _REQUIRED else pytest.skip(sentence)
