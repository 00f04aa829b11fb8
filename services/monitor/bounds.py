"""What a stranger can work out: the least and the most that a hidden cell can have been, given every number that is out.

A linear program with one variable for each finest cell. She knows that none is negative, that what is told as v was v-2 to v+2, and
which figure is never more than which other. Whoever solves it in whole numbers finds nothing outside these bounds.
"""

import ctypes
import math
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import highspy
import numpy as np

from services.monitor.disclosure import LEAST, ROUNDING
from services.monitor.grid import Key, atoms

_SLACK: Final = ROUNDING // 2
# Smaller than any whole number the solver could mean
_EPSILON: Final = 1e-6
_STANDARD_OUTPUT: Final = 1


class Stranger:
    """Knows what is told, and asks."""

    def __init__(self, told: Mapping[Key, int], never_more: Mapping[str, str]) -> None:
        self._solver = _solver()
        self._columns: dict[Key, int] = {}
        self._rows: dict[int, Key] = {}
        self._row_of: dict[Key, int] = {}
        self._never_more = never_more
        for key, value in told.items():
            self._state(key, value)

    def _state(self, key: Key, value: int) -> None:
        row = self._add(dict.fromkeys(atoms(key), 1.0), value - _SLACK, value + _SLACK)
        self._rows[row], self._row_of[key] = key, row

    def _add(self, terms: Mapping[Key, float], least: float, most: float) -> int:
        columns = np.array([self._column(atom) for atom in terms], dtype=np.int32)
        self._solver.addRow(least, most, len(terms), columns, np.array(list(terms.values())))
        return int(self._solver.getNumRow()) - 1

    def _column(self, atom: Key) -> int:
        if atom not in self._columns:
            self._columns[atom] = len(self._columns)
            self._solver.addVar(0.0, highspy.kHighsInf)
            if atom.figure in self._never_more:
                self._add({atom: 1.0, atom._replace(figure=self._never_more[atom.figure]): -1.0}, -highspy.kHighsInf, 0.0)
        return self._columns[atom]

    def forget(self, key: Key) -> None:
        """Take back a number that was going to be told."""
        row = self._row_of.pop(key)
        del self._rows[row]
        self._solver.changeRowBounds(row, -highspy.kHighsInf, highspy.kHighsInf)

    @property
    def consistent(self) -> bool:
        """Say whether all that is told can be true of one and the same country."""
        self._solver.run()
        return bool(self._solver.getModelStatus() != highspy.HighsModelStatus.kInfeasible)

    def bounds(self, keys: Iterable[Key]) -> tuple[float, float, set[Key]]:
        """Tell the least and the most that the sum of some cells can be, in whole numbers, and which told numbers make it so."""
        columns = [self._column(atom) for key in keys for atom in atoms(key)]
        for column in columns:
            self._solver.changeColCost(column, 1.0)
        least, because = self._extreme(highspy.ObjSense.kMinimize)
        most, also = self._extreme(highspy.ObjSense.kMaximize)
        for column in columns:
            self._solver.changeColCost(column, 0.0)
        return math.ceil(least - _EPSILON), math.floor(most + _EPSILON) if most < math.inf else math.inf, because | also

    def _extreme(self, sense: Any) -> tuple[float, set[Key]]:
        self._solver.changeObjectiveSense(sense)
        self._solver.run()
        if self._solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return math.inf, set()
        duals = self._solver.getSolution().row_dual
        because = {key for row, key in self._rows.items() if abs(duals[row]) > _EPSILON}
        return float(self._solver.getObjectiveValue()), because


def _solver() -> Any:
    """Make a solver that says nothing: its library greets on standard output, past Python, where the answer of a verb is to stand."""
    with Path(os.devnull).open("wb") as nowhere:
        kept = os.dup(_STANDARD_OUTPUT)
        os.dup2(nowhere.fileno(), _STANDARD_OUTPUT)
        try:
            made = highspy.Highs()  # type: ignore[no-untyped-call]
            ctypes.CDLL(None).fflush(None)  # what C keeps for later would come later
        finally:
            os.dup2(kept, _STANDARD_OUTPUT)
            os.close(kept)
    made.silent()
    return made


def safe(least: float, most: float, value: int) -> bool:
    """Say whether a hidden number stays hidden: nobody comes nearer to it than within ten, nor within half of it."""
    return most - least >= max(LEAST, value / 2)
