"""The directory of what the monitor keeps of one data set: the archive of each truth topic, and the interval tables built from them."""

from dataclasses import dataclass
from pathlib import Path

from services.monitor.query import Topic


@dataclass(frozen=True, slots=True)
class MonitorPaths:
    """The monitor's directory of one data set."""

    root: Path

    def archive(self, topic: Topic) -> Path:
        """Return the directory of a topic's archive: it can't be made again once the log has deleted its records."""
        return self.root / "archive" / topic

    @property
    def fits(self) -> Path:
        """The file of what was worked out of needs before they were forgotten: it can't be made again once their keys are destroyed."""
        return self.root / "fits.json"

    @property
    def tables(self) -> Path:
        """The directory of the interval tables: deleted, they are built again."""
        return self.root / "tables"
