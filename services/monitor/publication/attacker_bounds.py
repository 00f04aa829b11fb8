"""What an attacker can infer: the least and the most that a hidden cell can have been, given every number that is published.

A linear program with one variable for each finest cell. The attacker knows that none is negative, that what is published as v was v-2 to
v+2, and which figure is never more than which other. Solving it in whole numbers finds nothing outside these bounds.
"""

import math
from collections.abc import Iterable, Mapping
from typing import Any, Final

import highspy
import numpy as np

# The solver itself: what highspy wraps around it prints a banner on standard output, where `plek monitor release` prints its answer
from highspy._core import _Highs as Solver

from services.monitor.publication.disclosure_rules import LEAST, ROUNDING
from services.monitor.publication.release_grid import Key, atoms

_SLACK: Final = ROUNDING // 2
# Smaller than any whole number the solver could mean
_EPSILON: Final = 1e-6


class Attacker:
    """Knows the published numbers."""

    def __init__(self, published: Mapping[Key, int], never_more: Mapping[str, str]) -> None:
        self._solver: Any = Solver()
        self._solver.setOptionValue("output_flag", False)
        self._columns: dict[Key, int] = {}
        self._rows: dict[int, Key] = {}
        self._row_of: dict[Key, int] = {}
        self._never_more = never_more
        for key, value in published.items():
            self._add_number(key, value)

    def _add_number(self, key: Key, value: int) -> None:
        row = self._add_row(dict.fromkeys(atoms(key), 1.0), value - _SLACK, value + _SLACK)
        self._rows[row], self._row_of[key] = key, row

    def _add_row(self, terms: Mapping[Key, float], least: float, most: float) -> int:
        columns = np.array([self._column(atom) for atom in terms], dtype=np.int32)
        self._solver.addRow(least, most, len(terms), columns, np.array(list(terms.values())))
        return int(self._solver.getNumRow()) - 1

    def _column(self, atom: Key) -> int:
        if atom not in self._columns:
            self._columns[atom] = len(self._columns)
            self._solver.addVar(0.0, highspy.kHighsInf)
            if atom.figure in self._never_more:
                self._add_row({atom: 1.0, atom._replace(figure=self._never_more[atom.figure]): -1.0}, -highspy.kHighsInf, 0.0)
        return self._columns[atom]

    def retract(self, key: Key) -> None:
        """Take back a number that was going to be published."""
        row = self._row_of.pop(key)
        del self._rows[row]
        self._solver.changeRowBounds(row, -highspy.kHighsInf, highspy.kHighsInf)

    def is_consistent(self) -> bool:
        """Return whether all the numbers can be true of one country."""
        self._solver.run()
        return bool(self._solver.getModelStatus() != highspy.HighsModelStatus.kInfeasible)

    def feasible_interval(self, keys: Iterable[Key]) -> tuple[float, float, set[Key]]:
        """Return the least and the most that the sum of some cells can be, in whole numbers, and the numbers that bind them."""
        columns = [self._column(atom) for key in keys for atom in atoms(key)]
        for column in columns:
            self._solver.changeColCost(column, 1.0)
        least, binding_least = self._extreme(highspy.ObjSense.kMinimize)
        most, binding_most = self._extreme(highspy.ObjSense.kMaximize)
        for column in columns:
            self._solver.changeColCost(column, 0.0)
        highest = math.floor(most + _EPSILON) if most < math.inf else math.inf
        return math.ceil(least - _EPSILON), highest, binding_least | binding_most

    def _extreme(self, sense: Any) -> tuple[float, set[Key]]:
        self._solver.changeObjectiveSense(sense)
        self._solver.run()
        if self._solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return math.inf, set()
        duals = self._solver.getSolution().row_dual
        binding = {key for row, key in self._rows.items() if abs(duals[row]) > _EPSILON}
        return float(self._solver.getObjectiveValue()), binding


def is_protected(least: float, most: float, value: int) -> bool:
    """Return whether a hidden number stays hidden: the bounds leave a doubt of at least ten, and of half of it."""
    return most - least >= max(LEAST, value / 2)
