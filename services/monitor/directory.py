"""Where the monitor keeps what it has of one world: the archive of each truth topic, and the interval tables made of them."""

from dataclasses import dataclass
from pathlib import Path

from services.monitor.question import Topic


@dataclass(frozen=True, slots=True)
class Directory:
    """The monitor's own directory of one world."""

    root: Path

    def archive(self, topic: Topic) -> Path:
        """Return where the archive of a topic is; it alone can't be made again once the log has forgotten."""
        return self.root / "archive" / topic

    @property
    def tables(self) -> Path:
        """Return where the interval tables are; thrown away, they are built again."""
        return self.root / "tables"
