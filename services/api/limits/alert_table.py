"""The alerts of the last 90 days in memory, each once, in its latest state; and which of them subscribers were notified of."""

from collections import Counter
from dataclasses import dataclass, field
from heapq import nlargest
from typing import Final

from services.adapters.alerts.alert_record import KEPT_MS, Alert
from services.domain.durations import MINUTE_MS

MOST: Final = 1_000
"""More than a person reads of one region; older ones stand in the audit log."""
# A table of more is trimmed: a script that breaks the glass all day costs no memory without end, and hides no other region's alerts
_LARGEST: Final = 20_000
_NOTIFY_AGAIN_MS: Final = MINUTE_MS


@dataclass(slots=True)
class AlertTable:
    """Alerts by their id."""

    _alerts: dict[str, Alert] = field(default_factory=dict)
    _trim_at: int = _LARGEST

    def take(self, alert: Alert) -> bool:
        """Take in an alert, and return whether it is new or a later state of one that is here."""
        before = self._alerts.get(alert.id)
        if before and before.count >= alert.count:
            return False
        self._alerts.pop(alert.id, None)  # what happens again comes last
        self._alerts[alert.id] = alert
        if len(self._alerts) >= self._trim_at:
            self._trim()
        return True

    def newest(self, regions: frozenset[str] | None, now: int) -> list[Alert]:
        """Return the alerts of some regions, or all, the newest first, as they are at `now` (ms)."""
        listed = (alert for alert in reversed(self._alerts.values()) if now - alert.at < KEPT_MS and alert.concerns(regions))
        return nlargest(MOST, listed, key=_time)

    def _trim(self) -> None:
        """Drop what is older than it is kept, and of each region all but its newest."""
        newest_first = sorted(self._alerts.values(), key=_time, reverse=True)
        oldest, numbers, kept = newest_first[0].at - KEPT_MS, Counter[str](), list[Alert]()
        for alert in newest_first:
            if alert.at > oldest and any(numbers[region] < MOST for region in alert.regions or ("",)):
                kept.append(alert)
                numbers.update(alert.regions or ("",))
        self._alerts = {alert.id: alert for alert in reversed(kept)}
        # Where every region is full, trimming at each further alert would take all the time there is
        self._trim_at = max(_LARGEST, 2 * len(self._alerts))


@dataclass(slots=True)
class Notified:
    """Remembers which alerts subscribers were notified of, and when each had happened last then (ms)."""

    _at: dict[str, int] = field(default_factory=dict)

    def is_news(self, alert: Alert) -> bool:
        """Return whether to notify of an alert, and remember it: a new one, or one that goes on a minute later."""
        before = self._at.get(alert.id)
        if before is not None and alert.at < before + _NOTIFY_AGAIN_MS:
            return False
        self._at.pop(alert.id, None)
        self._at[alert.id] = alert.at
        if len(self._at) > 2 * MOST:
            del self._at[next(iter(self._at))]
        return True


def _time(alert: Alert) -> int:
    return alert.at
