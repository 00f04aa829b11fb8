"""What was measured, kept by row: a row measured again replaces what it said before, and the others stay as they were."""

import json
import os
import platform
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from services.adapters import rfc3339
from tests.bench.report import Result

_MS_NS = 1_000_000
_HEAD = """# What it costs

Written by `make bench`; one row, with this page: `.venv/bin/python -m tests.bench {row} --page docs/bench`. A ratio compares contestants
that took turns within one run. Times and rates depend on the machine and the moment. `load` is the number of processes that wanted to
compute in the last minute, this one included: if it is above the number of cores, the machine was shared, and only ratios mean
something.

"""


@dataclass(slots=True)
class Results:
    """By row: when and on which machine it was measured, and its lines."""

    rows: dict[str, dict[str, Any]] = field(default_factory=dict)

    @classmethod
    def read(cls, file: Path) -> "Results":
        """Read what was written; nothing where nothing was, or in the form of before."""
        rows = json.loads(file.read_text("utf-8"))["rows"] if file.exists() else {}
        return cls(rows if isinstance(rows, dict) else {})

    def put(self, row: str, now: int, results: list[Result], note: str = "") -> "Results":
        """Put down what a row has found."""
        self.rows[row] = {"at": rfc3339.show(now * _MS_NS), **machine(), "note": note, "lines": [result.as_json() for result in results]}
        return self

    def write(self, file: Path) -> None:
        """Write all of it."""
        file.write_text(json.dumps({"rows": self.rows}, indent=1, ensure_ascii=False) + "\n", "utf-8")

    def publish(self, folder: Path) -> None:
        """Keep it in a folder: for programs, and as a page."""
        folder.mkdir(parents=True, exist_ok=True)
        self.write(folder / "results.json")
        (folder / "README.md").write_text(self.page(), "utf-8")

    def page(self) -> str:
        """Write it as a page for people."""
        lines = ["| row | what | value | aim | reached | rounds | measured |", "|---|---|---|---|---|---|---|"]
        for name, row in self.rows.items():
            lines += [_line(name, line, row) for line in row["lines"]]
        machines = sorted({_machine(row) for row in self.rows.values()})
        return _HEAD.format(row=next(iter(self.rows), "")) + "\n".join([*machines, "", *lines]) + "\n"


def machine() -> dict[str, Any]:
    """Return what was measured on; `load` is that of the last minute when the row was done, its own included."""
    return {
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
    }


def _line(name: str, line: dict[str, Any], row: dict[str, Any]) -> str:
    reached = {True: "yes", False: "no", None: ""}[line["reached"]]
    cells = (name, line["what"], line["shown"], line["shown_aim"], reached, ", ".join(f"{value:g}" for value in line["rounds"]))
    return "| " + " | ".join((*cells, _when(row))) + " |"


def _when(row: dict[str, Any]) -> str:
    return f"{row['at'][:16]}Z, load {row['load']}" + (f": {row['note']}" if row["note"] else "")


def _machine(row: dict[str, Any]) -> str:
    return f"{row['system']}, {row['cores']} cores, Python {row['python']}."
