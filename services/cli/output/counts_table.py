"""The counts as a table: first their age and what is wrong with them, then the numbers, and no number that may be wrong."""

from collections.abc import Iterable, Mapping

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from services.adapters import datasets
from services.adapters.config.settings import Settings
from services.adapters.datasets import World, dataset_label
from services.adapters.regions import RegionRow
from services.cli.output.counts_model import STATES, CountsModel, Numbers
from services.cli.output.screen import Screen
from services.cli.output.tables import plain_table


def counts_screen(counts: CountsModel, settings: Settings, regions: Mapping[str, RegionRow]) -> Screen:
    """Return the counts as a screen; the head is their age, the warnings, the headings and the nation."""
    head = [*dataset_lines(counts), age_line(counts), *warning_lines(counts, settings)]
    complete = may_show_numbers(counts, settings)
    body: list[RenderableType] = [_table(counts, regions), *silent_shelters(counts)] if complete else []
    return Screen(Group(*head, *body), len(head) + 2, complete)


def dataset_lines(counts: CountsModel) -> list[Text]:
    """Return the line that says that this is not the real country, with its clock where it has events; none for the real country."""
    if counts.world == "live":
        return []
    clock = "" if counts.as_of is None else f", at {counts.document()['now']}"
    return [Text(f"{dataset_label(counts.world.upper())}{clock}", style="bold magenta")]


def kind_of_instance(settings: Settings, *, elsewhere: bool) -> World:
    """Return the kind of data in the live topics of an instance: a demo has a simulated country there. `elsewhere`: not known here."""
    return "live" if elsewhere else datasets.demo_kind(settings.data)


def may_show_numbers(counts: CountsModel, settings: Settings) -> bool:
    """Return whether numbers may be shown: not while the log is folded anew, nor when they are too old."""
    age = counts.age_s
    return not counts.rebuilding and age is not None and age <= settings.unavailable_after_s


def age_line(counts: CountsModel) -> Text:
    """Return the age of the numbers."""
    if counts.age_s is None:
        return Text("It is not known when this was true", style="bold")
    return Text(f"True {counts.age_s:.1f} s ago, of {counts.shelters} shelters", style="bold")


def warning_lines(counts: CountsModel, settings: Settings) -> list[Text]:
    """Return what is wrong with the numbers, the worst first."""
    warnings = [f"HALTED: partition {number} stands still: {reason}" for number, reason in counts.halted.items()]
    if counts.rebuilding:
        warnings.insert(0, "REBUILDING: the counts are worked out again from the log. Phone, or look again in a moment")
    elif not may_show_numbers(counts, settings):
        warnings.insert(0, f"UNAVAILABLE: no counts older than {settings.unavailable_after_s:.0f} s are shown. Phone")
    elif (counts.age_s or 0) > settings.degraded_after_s:
        warnings.insert(0, f"DEGRADED: older than {settings.degraded_after_s:.0f} s")
    return [Text(line, style="bold red") for line in warnings]


def silent_shelters(counts: CountsModel) -> list[Text]:
    """Return the line with the number of shelters that have not reported for too long; none where all have."""
    if not counts.silent:
        return []
    shelters = "1 shelter" if counts.silent == 1 else f"{counts.silent} shelters"
    units = "its units" if counts.silent == 1 else "their units"
    return [Text(f"{shelters} not heard of for too long: {units} are unknown, which is neither free nor full", "yellow")]


def _table(counts: CountsModel, regions: Mapping[str, RegionRow]) -> Table:
    table = plain_table()
    table.add_column("", overflow="fold")
    for state in STATES:
        table.add_column(state, justify="right")
    table.add_row("Nation", *count_cells(counts.national), style="bold")
    for code in sorted(counts.regions):
        centre = f" {regions[code].centre}" if code in regions else ""
        table.add_row(f"{code}{centre}", *count_cells(counts.regions[code]))
    return table


def count_cells(numbers: Numbers, states: Iterable[str] = STATES) -> list[Text]:
    """Return the cells of a row of the table; 0 is dim."""
    styles = {"free": "bold green", "unknown": "yellow"}
    return [Text(f"{numbers[state]:,}", style=styles.get(state, "") if numbers[state] else "dim") for state in states]
