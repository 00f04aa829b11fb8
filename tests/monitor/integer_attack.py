"""An attack on published releases in whole numbers: every cell a variable, every sum an equation."""

from collections.abc import Iterable, Mapping

import highspy

from services.monitor.publication.release_grid import Key, groups


class IntegerAttack:
    """Published releases as equations and limits. Shares no code with attacker_bounds.py but the list of sums, which is public."""

    def __init__(self, published: Iterable[Mapping[Key, int | None]], months: tuple[str, ...], never_more: Mapping[str, str]) -> None:
        releases = list(published)
        self._solver = highspy.Highs()  # type: ignore[no-untyped-call]
        self._solver.setOptionValue("log_to_console", False)
        self._solver.setOptionValue("output_flag", False)
        keys = sorted({key for release in releases for key in release})
        self._of = {key: self._solver.addVariable(lb=0, type=highspy.HighsVarType.kInteger) for key in keys}
        for release in releases:
            for key, value in release.items():
                if value is not None:
                    self._solver.addConstr(self._of[key] >= value - 2)
                    self._solver.addConstr(self._of[key] <= value + 2)
        for figure in {key.figure for key in keys}:
            for whole, parts in groups(figure, months):
                self._solver.addConstr(self._of[whole] == sum(self._of[part] for part in parts))
        for key in keys:
            if key.figure in never_more:
                self._solver.addConstr(self._of[key] <= self._of[key._replace(figure=never_more[key.figure])])

    def narrows_to(self, key: Key) -> tuple[float, float]:
        """Return the least and the most a cell can be."""
        bounds = []
        for ask in (self._solver.minimize, self._solver.maximize):
            ask(self._of[key])
            optimal = self._solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
            bounds.append(self._solver.getObjectiveValue() if optimal else float("inf"))
        return bounds[0], bounds[1]
