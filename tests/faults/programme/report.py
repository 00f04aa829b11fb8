"""The report of a run: what was acknowledged, broken, compared and found, and how long it took until all was well again.

It never says "always": of n comparisons without a violation, 3/n is the upper bound of their rate (95 % confidence).
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from tests.faults.checker.checks import Verdict
from tests.faults.programme.faults import Injected
from tests.faults.programme.recorder import Failed
from tests.faults.programme.schedule import family

AIMS_S: Final = {"processor": 10.0, "redis": 5.0, "api": 5.0, "gateway": 5.0, "broker": 15.0}
_MOST_ERRORS: Final = 0.001
# After a fault so much time is still its own
AFTER_MS: Final = 10_000
_SHOWN: Final = 12


@dataclass(frozen=True, slots=True)
class Recovery:
    """A fault alone, and how many seconds it took until all was well again; None where it never was within the calm."""

    injected: Injected
    seconds: float | None


@dataclass(slots=True)
class Report:
    """All that a run came to."""

    seed: int
    minutes: float
    verdict: Verdict
    acknowledged: int
    injected: Sequence[Injected]
    not_made: Counter[str]
    resent: int
    recoveries: Sequence[Recovery]
    answered: dict[str, list[int]]
    failed: Sequence[Failed]
    ended: Counter[str]
    about: dict[str, Any] = field(default_factory=dict)

    @property
    def right(self) -> bool:
        """Whether no violation was found, and something was compared."""
        return not self.verdict.violations and bool(self.verdict.comparisons)

    def calm_errors(self) -> tuple[list[Failed], int]:
        """Return which requests failed outside of faults and ten seconds after them, and how many there were."""
        spans = [(each.began, each.ended + AFTER_MS) for each in self.injected]
        failed = [each for each in self.failed if _outside(spans, each.at)]
        answered = sum(_outside(spans, at) for times in self.answered.values() for at in times)
        return failed, len(failed) + answered

    def text(self) -> str:
        """Return the report as text."""
        return "\n".join([*self._head(), *self._faults(), *self._comparisons(), *self._recovery(), *self._end()])

    def _head(self) -> list[str]:
        seconds = f"seed {self.seed}, {self.minutes:g} minutes"
        counted = f"{self.acknowledged:,} events acknowledged, {len(self.injected):,} faults injected"
        again = f"{self.verdict.repeated:,} records in the log again, {self.resent:,} requests sent again"
        return [
            f"Faults: {seconds}",
            f"  {counted}",
            f"  redeliveries: {again}",
            *(f"  {name}: {text}" for name, text in self.about.items()),
        ]

    def _faults(self) -> list[str]:
        by_kind = Counter(each.fault.name for each in self.injected)
        rows = [f"  {count:5}  {name}" for name, count in sorted(by_kind.items())]
        return ["", "Faults by kind", *rows, *(f"  {count:5}  {name}: could not be made" for name, count in self.not_made.items())]

    def _comparisons(self) -> list[str]:
        wrong = Counter(each.kind for each in self.verdict.violations)
        rows = [f"  {count:9,}  {kind}: {wrong[kind]} found" for kind, count in sorted(self.verdict.comparisons.items())]
        total = sum(self.verdict.comparisons.values())
        found = len(self.verdict.violations)
        bound = f"{total:,} comparisons, {found} violations" + (f"; at most {3 / total:.1e} of them (3/n, 95 %)" if self.right else "")
        return [
            "",
            "Comparisons by what was looked for",
            *rows,
            f"  {bound}",
            *(f"  VIOLATION {each.kind}: {each.where}" for each in self._some()),
        ]

    def _some(self) -> Iterable[Any]:
        return self.verdict.violations[:_SHOWN]

    def _recovery(self) -> list[str]:
        rows = ["", f"{'Recovery':24}{'times':>6}{'median':>9}{'longest':>9}{'aim':>7}"]
        named: dict[str, list[Recovery]] = {}
        for each in self.recoveries:
            named.setdefault(f"{each.injected.fault.kind} {family(each.injected.part)}", []).append(each)
        for name, found in sorted(named.items()):
            seconds = sorted(each.seconds for each in found if each.seconds is not None)
            aim = AIMS_S[family(found[0].injected.part)]
            reached = len(seconds) == len(found) and seconds[-1] <= aim
            middle, longest = (f"{seconds[len(seconds) // 2]:.1f}", f"{seconds[-1]:.1f}") if seconds else ("never", "never")
            rows.append(f"{name:24}{len(found):6}{middle:>9}{longest:>9}{f'≤ {aim:g}':>7}  {'yes' if reached else 'no'}")
        return rows

    def _end(self) -> list[str]:
        failed, asked = self.calm_errors()
        share = f"{len(failed) / asked:.2%}" if asked else "none asked"
        reached = "yes" if asked and len(failed) / asked < _MOST_ERRORS else "no"
        ended = ", ".join(f"{name} {count} times" for name, count in sorted(self.ended.items())) or "none"
        calm = f"Errors outside fault + 10 s: {len(failed)} of {asked:,} requests ({share}; aim < {_MOST_ERRORS:.1%}: {reached})"
        kinds = [f"  {count:5}  {what}" for what, count in Counter(f"{each.what} at {each.service}" for each in failed).most_common(_SHOWN)]
        return ["", calm, *kinds, f"Parts that ended unkilled (and were started again): {ended}"]


def _outside(spans: Sequence[tuple[int, int]], at: int) -> bool:
    return not any(first <= at <= last for first, last in spans)
