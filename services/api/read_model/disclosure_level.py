"""How much an answer discloses before a hold: `guarded`, or `strict` in a time of threat, which has an end date of its own.

Law: strict ends by itself, after the last second of its date in the Netherlands, and says so seven days before.
"""

import asyncio
import logging
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal, Self, get_args

from services.adapters.clock import Clock
from services.adapters.config.settings import Settings
from services.adapters.dutch_time import ZONE
from services.adapters.observability.metrics import Metrics

Name = Literal["guarded", "strict"]

_log = logging.getLogger(__name__)

# Time enough to extend it, or to inform those who work with it.
_ANNOUNCED: Final = timedelta(days=7)
_TICK_S: Final = 60.0
# Issue 11: areas of ten shelters and three organisations, half the rates; never finer than what guarded is set to
_STRICT_SHELTERS: Final = 10
_STRICT_ORGANISATIONS: Final = 3
_STRICT_SHARE: Final = 0.5


@dataclass(frozen=True, slots=True)
class Level:
    """What an area has at least, and which share of the usual rates a person has."""

    name: Name
    area_shelters: int
    area_organisations: int
    rate_share: float = 1.0


GUARDED: Final = Level("guarded", 5, 2)
"""What holds where nothing else is set."""


@dataclass(frozen=True, slots=True)
class Disclosure:
    """The levels, and until when strict holds (that day included); None: it does not hold."""

    guarded: Level = GUARDED
    strict_until: date | None = None

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Read it from the settings."""
        return cls(Level("guarded", settings.area_shelters, settings.area_organisations), settings.strict_until)

    @property
    def strict(self) -> Level:
        """What holds while it is strict."""
        shelters = max(_STRICT_SHELTERS, self.guarded.area_shelters)
        return Level("strict", shelters, max(_STRICT_ORGANISATIONS, self.guarded.area_organisations), _STRICT_SHARE)

    @property
    def ends(self) -> int | None:
        """When strict ends (ms since 1970): at midnight in the Netherlands, after its last day."""
        if self.strict_until is None:
            return None
        after = self.strict_until + timedelta(days=1)
        return round(datetime(after.year, after.month, after.day, tzinfo=ZONE).timestamp() * 1_000)

    def at(self, now_ms: int) -> Level:
        """Return the level that holds at an instant of the real clock."""
        return self.guarded if self.ends is None or now_ms >= self.ends else self.strict

    def rate_share(self, now_ms: int) -> float:
        """Return the share of every rate limit that holds at an instant."""
        return self.at(now_ms).rate_share

    def announcement(self, now_ms: int) -> str | None:
        """Return a sentence on the end of strict, in the seven days before it; None at any other time."""
        if self.ends is None or self.strict_until is None or not 0 < self.ends - now_ms <= _ANNOUNCED.total_seconds() * 1_000:
            return None
        return f"Strict disclosure ends after {self.strict_until.isoformat()}; from then on it is guarded, unless a new date is set"


@dataclass(slots=True)
class Announcer:
    """Writes the level and its end to the metrics and, once each, to the log."""

    disclosure: Disclosure
    wall: Clock
    metrics: Metrics
    _last: tuple[Name, str | None] | None = None

    async def run_forever(self) -> None:
        """Look every minute, until cancelled."""
        while True:
            self.look()
            await asyncio.sleep(_TICK_S)

    def look(self) -> None:
        """Set the metrics; log a level that has changed, and an end that is near."""
        now = self.wall()
        level, announced = self.disclosure.at(now).name, self.disclosure.announcement(now)
        for name in get_args(Name):
            self.metrics.set("plek_disclosure", float(name == level), level=name)
        self.metrics.set("plek_disclosure_ends_seconds", max(0, (self.disclosure.ends or now) - now) / 1_000)
        if (level, announced) != self._last:
            self._last = (level, announced)
            if announced:
                _log.warning("strict disclosure ends within seven days", extra={"what": level})
            else:
                _log.info("level of disclosure", extra={"what": level})
