"""Answers about rate limits and alerts. Times are RFC 3339 in UTC."""

from typing import Literal, Self

from services.adapters.alerts.alert_record import Alert, AlertKind
from services.adapters.rfc3339 import show_ms
from services.api.read_model.answer_models import AnswerModel

Limit = Literal["call", "search", "refinement", "hold", "request"]


class LimitLeft(AnswerModel):
    """A rate limit: so many an hour and so many at once; how many are left now, and when there is one more."""

    name: Limit
    quota: int
    at_once: int
    window_seconds: int
    left: int | None
    again_at: str | None


class Reason(AnswerModel):
    """A reason for which a rate limit is passed, in words."""

    code: str
    nl: str
    en: str


class AlarmShape(AnswerModel):
    """What happened when, at which desk and in which region, at which count, and for which stated reason."""

    at: str
    what: AlertKind
    reason: str | None
    desk: str | None
    region: str | None
    count: int

    @classmethod
    def of(cls, alert: Alert, regions: frozenset[str] | None = None) -> Self:
        """Return an alert as a reader of these regions sees it, or of all with None: its `region` is one that is of both."""
        region = min((code for code in alert.regions if regions is None or code in regions), default=None)
        return cls(at=show_ms(alert.at), what=alert.what, reason=alert.reason, desk=alert.desk, region=region, count=alert.count)


class AlarmsAnswer(AnswerModel):
    """Alarms, the newest first; `complete` is false while what was kept before can't be read."""

    alarms: list[AlarmShape]
    complete: bool
