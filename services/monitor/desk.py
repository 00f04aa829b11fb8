"""Answers questions from the tables of one world. The database is loaded when the first one comes: most days nobody asks."""

from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Lock
from typing import Any

from services.adapters.regions import RegionRow
from services.domain.freshness import Limits
from services.monitor.answer import Answer
from services.monitor.question import Question


class Desk:
    """One question at a time, whoever asks: each uses all there is of a processor. What came to live here is `simulated` from then on."""

    def __init__(self, root: Path, regions: Mapping[str, RegionRow], *, simulated: Callable[[], bool], limits: Limits) -> None:
        self._root, self._regions, self._simulated, self._limits = root, regions, simulated, limits
        self._store: Any = None
        self._lock = Lock()

    def ask(self, question: Question) -> Answer:
        """Answer a question; UnanswerableError when it makes no sense."""
        from services.monitor.figures import answer  # noqa: PLC0415  DuckDB and Arrow are a hundred megabytes

        with self._lock:
            return answer(self._opened(), question)

    def refresh(self) -> int | None:
        """Use the tables there are now, and tell since when (ms) there is a log."""
        with self._lock:
            store = self._opened()
            store.simulated = self._simulated()
            store.refresh()
            return min((began for topic in ("beds", "demand") if (began := store.began(topic)) is not None), default=None)

    def close(self) -> None:
        """Let go of the tables."""
        if self._store is not None:
            self._store.close()

    def _opened(self) -> Any:
        from services.monitor.store import Store  # noqa: PLC0415  the same

        if self._store is None:
            self._store = Store(self._root, self._regions, simulated=self._simulated(), limits=self._limits)
        return self._store
