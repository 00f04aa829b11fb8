"""What came out, as a table for people and as JSON for programs."""

from dataclasses import asdict, dataclass, field
from typing import Any, Final, Literal

from rich.table import Table

from tests.bench.contest import Contest

Unit = Literal["times", "times as long", "/s", "ms", "µs", "s", "MiB", "KiB", "bytes", "writes", "partitions"]
LESS_IS_BETTER: Final = frozenset({"times as long", "ms", "µs", "s", "MiB", "KiB", "bytes", "writes", "partitions"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One line: what was measured, in which unit, what it ought to be (at least, or at most where less is better), each round."""

    row: str
    what: str
    unit: Unit
    value: float
    aim: float | None
    rounds: list[float] = field(default_factory=list)
    rates: dict[str, list[float]] = field(default_factory=dict)

    @property
    def reached(self) -> bool | None:
        """Return whether it reaches its aim; None where there is none."""
        if self.aim is None:
            return None
        return self.value <= self.aim if self.unit in LESS_IS_BETTER else self.value >= self.aim

    @property
    def shown(self) -> str:
        """Write the value with its unit."""
        return _shown(self.value, self.unit)

    @property
    def shown_aim(self) -> str:
        """Write what it ought to be."""
        return "" if self.aim is None else f"{'≤' if self.unit in LESS_IS_BETTER else '≥'} {_shown(self.aim, self.unit)}"

    def as_json(self) -> dict[str, Any]:
        """Write it for a program."""
        return {**asdict(self), "reached": self.reached, "shown": self.shown, "shown_aim": self.shown_aim}


def ratios(contest: Contest) -> list[Result]:
    """Make a result of each rival."""
    return [
        Result(
            row=contest.row,
            what=f"{contest.first.name} ÷ {rival.contestant.name}",
            unit="times",
            value=round(contest.ratio(rival), 2),
            aim=rival.aim,
            rounds=[round(ratio, 2) for ratio in contest.ratios(rival)],
            rates={name: [round(rate) for rate in contest.rates[name]] for name in (contest.first.name, rival.contestant.name)},
        )
        for rival in contest.rivals
    ]


def table(results: list[Result]) -> Table:
    """Draw the table."""
    drawn = Table(title="Plek on this machine")
    for name in ("row", "what", "value", "aim", "", "rounds", "events a second (best round)"):
        drawn.add_column(name, justify="right" if name in ("value", "aim") else "left")
    for result in results:
        drawn.add_row(
            result.row,
            result.what,
            result.shown,
            result.shown_aim,
            _REACHED[result.reached],
            ", ".join(f"{value:g}" for value in result.rounds),
            ", ".join(f"{name} {max(rates):,}" for name, rates in result.rates.items()),
        )
    return drawn


_REACHED = {True: "[green]yes[/]", False: "[red]no[/]", None: ""}


def _shown(value: float, unit: Unit) -> str:
    match unit:
        case "times" | "times as long":
            return f"{value:.2f} x"
        case "/s":
            return f"{value:,.0f} /s"
        case _:
            return f"{value:,.1f} {unit}"
