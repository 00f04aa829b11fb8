"""The interval tables of one world, in its directory: what there is to ask. Opened, they stand still; `refresh` looks for newer ones."""

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from services.adapters.regions import RegionRow
from services.monitor.question import Offsets


class Store:
    """One world's tables, at `root`. `simulated` says that its log is of no real country."""

    def __init__(self, root: Path, regions: Mapping[str, RegionRow], *, simulated: bool) -> None:
        self.root, self.regions, self.simulated = root, regions, simulated

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None) -> None:
        self.close()

    @property
    def offsets(self) -> Offsets:
        """Tell up to where the tables go."""
        raise NotImplementedError

    def refresh(self) -> None:
        """Look whether newer tables were built, and use them from now on."""
        raise NotImplementedError

    def close(self) -> None:
        """Let go of the files."""
