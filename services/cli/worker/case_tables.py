"""Open cases of demand, two lines each, after a line with the age of the list."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import typer

from services.adapters.clock import now_ms
from services.adapters.datasets import dataset_label
from services.cli.clients.api_client import open_in_region
from services.cli.options.api_options import DatasetWorkerOptions
from services.cli.options.region_names import RegionNames, region_names
from services.cli.output.clock_text import age, clock, minutes_since
from services.cli.output.wrapped_lines import join_parts, print_answer, wrap


def print_cases(
    options: DatasetWorkerOptions, region: str | None, path: str, member: str, columns: tuple[str, ...], *, as_json: bool
) -> None:
    """Print the open cases of the caller's regions, or of one; `member` is the list in the answer. Raises UserError."""
    with open_in_region(options.in_dataset(), region) as api:
        answer = api.request("GET", path).body
    if region:  # a token may be of more regions than the one that was asked for
        answer[member] = [case for case in answer[member] if case["region"] == region]
    print_answer(answer, case_lines(answer, member, columns, region_names(options.data)), as_json=as_json)


def case_lines(answer: dict[str, Any], member: str, columns: tuple[str, ...], names: RegionNames) -> Iterator[str]:
    """Yield the lines of the cases of an answer: the id, which is typed over, then the other columns and for how long it is open."""
    if world := answer.get("world"):
        yield typer.style(", at ".join(filter(None, (dataset_label(world.upper()), answer["clock"]))), fg="magenta", bold=True)
    as_of = f"as of {clock(answer['as_of'])}" if answer["as_of"] else "of unknown age"
    yield f"{len(answer[member])} open, {as_of}{', DEGRADED: this is older than it should be' if answer['degraded'] else ''}"
    for case in answer[member]:
        household = f"{case['adults']}+{case['children']}" if "adults" in case else ""
        cells = (_cell(column, case[column], names) for column in columns[1:] if column in case)
        yield typer.style(str(case[columns[0]]), bold=True)
        yield wrap(join_parts(household, *cells, _open_for(case, answer.get("clock"))), 2)


def _cell(column: str, value: Any, names: RegionNames) -> str:
    if column == "region":
        return names.name(value)
    return f"position {value}" if column == "position" else str(value).replace("_", " ")


def _open_for(case: dict[str, Any], clock_of_world: str | None) -> str:
    if case["occurred_at"] is None:
        return ""
    now = round(datetime.fromisoformat(clock_of_world).timestamp() * 1_000) if clock_of_world else now_ms()
    return age(minutes_since(case["occurred_at"], now))
