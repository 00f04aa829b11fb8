"""The counts as a person reads them: first how old and how whole they are, then the numbers, and none where they would be wrong."""

from collections.abc import Iterable, Mapping

from rich.console import Group
from rich.table import Table
from rich.text import Text

from services.adapters import worlds
from services.adapters.regions import RegionRow
from services.adapters.settings import Settings
from services.adapters.worlds import World, told
from services.commands.counting import STATES, Counted, Numbers


def drawn(counted: Counted, settings: Settings, regions: Mapping[str, RegionRow]) -> Group:
    """Draw all of it."""
    warnings = [Text(line, style="bold red") for line in doubts(counted, settings)]
    if not tellable(counted, settings):
        return Group(*named(counted), aged(counted), *warnings)
    return Group(*named(counted), aged(counted), *warnings, _table(counted, regions), *silence(counted))


def named(counted: Counted) -> list[Text]:
    """Say before anything else that this is no real country, and what its clock says; one without events has none."""
    if counted.world == "live":
        return []
    clock = "" if counted.as_of is None else f", at {counted.document()['now']}"
    return [Text(f"{told(counted.world.upper())}{clock}", style="bold magenta")]


def lived_in(settings: Settings, *, elsewhere: bool) -> World:
    """Tell what lives in the instance of these settings: a simulated country may, beside the front door; `elsewhere` nobody knows."""
    return "live" if elsewhere else worlds.lived_in(settings.data)


def tellable(counted: Counted, settings: Settings) -> bool:
    """Say whether any number may be told: not while the log is folded anew, nor when what is known is too old."""
    age = counted.age_s
    return not counted.rebuilding and age is not None and age <= settings.unavailable_after_s


def aged(counted: Counted) -> Text:
    """Say how old the numbers are."""
    if counted.age_s is None:
        return Text("It is not known when this was true", style="bold")
    return Text(f"True {counted.age_s:.1f} s ago, of {counted.shelters} shelters", style="bold")


def doubts(counted: Counted, settings: Settings) -> list[str]:
    """Say what is wrong with the numbers, the worst first."""
    found = [f"HALTED: partition {number} stands still: {why}" for number, why in counted.halted.items()]
    if counted.rebuilding:
        return ["REBUILDING: the counts are worked out again from the log. Phone, or look again in a moment", *found]
    if not tellable(counted, settings):
        return [f"UNAVAILABLE: older than {settings.unavailable_after_s:.0f} s is not told. Phone", *found]
    if (counted.age_s or 0) > settings.degraded_after_s:
        return [f"DEGRADED: older than {settings.degraded_after_s:.0f} s", *found]
    return found


def silence(counted: Counted) -> list[Text]:
    """Say how many shelters nobody can tell anything of, if there are any."""
    if not counted.silent:
        return []
    whose = (
        "1 shelter not heard of for too long: its" if counted.silent == 1 else f"{counted.silent} shelters not heard of for too long: their"
    )
    return [Text(f"{whose} units are unknown, which is neither free nor full", "yellow")]


def _table(counted: Counted, regions: Mapping[str, RegionRow]) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("")
    for state in STATES:
        table.add_column(state, justify="right")
    table.add_row("Nation", *cells(counted.national), style="bold")
    for code in sorted(counted.regions):
        centre = f" {regions[code].centre}" if code in regions else ""
        table.add_row(f"{code}{centre}", *cells(counted.regions[code]))
    return table


def cells(numbers: Numbers, states: Iterable[str] = STATES) -> list[Text]:
    """Write numbers of these states, nought so that it is passed over."""
    styles = {"free": "bold green", "unknown": "yellow"}
    return [Text(f"{numbers[state]:,}", style=styles.get(state, "") if numbers[state] else "dim") for state in states]
