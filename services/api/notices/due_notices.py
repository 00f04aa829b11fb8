"""Computes which notices are due now, from the country as it stands: no record of what was noticed before is needed, or kept.

A notice has the same id in every process and at every time: what is sent twice is recognised by its receiver. It is due for as long as it
is true: an answered hold is of no use to a pager.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from services.adapters.auth.pseudonyms import Pseudonyms
from services.adapters.problem_details import ProblemError
from services.api.read_model.country_cache import CountrySnapshot
from services.api.read_model.data_age import AgeLimits
from services.domain.beds.shelter_snapshot import ShelterSnapshot
from services.domain.durations import DAY_MS

NoticeKind = Literal["hold_waits", "silent"]
# A pager that was away for a day has learnt of the silence elsewhere: the shelter is unknown by then, and its coordinator sees it
_SILENT_MS: Final = DAY_MS


@dataclass(frozen=True, slots=True, kw_only=True)
class DueNotice:
    """One notice: `id`, `kind` and `at` (ms, since when it is true) may leave, the shelter and its organisation choose the receiver."""

    id: str
    kind: NoticeKind
    at: int
    until: int
    """From when on it is of no use (ms)."""
    shelter: str
    organisation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DueNotices:
    """What makes notices of a country: the ids, and after how long a silent shelter gets one (ms)."""

    pseudonyms: Pseudonyms
    nudge_ms: int
    age_limits: AgeLimits

    def of(self, country: CountrySnapshot) -> list[DueNotice]:
        """Return every notice that is due, those that are of use for the shortest time first."""
        return sorted([*self._of_holds(country), *self._of_silence(country)], key=lambda notice: (notice.until, notice.id))

    def _of_holds(self, country: CountrySnapshot) -> Iterator[DueNotice]:
        for snapshot in country.snapshots:
            for shelter in snapshot.shelters.values():
                for unit in shelter.units.values():  # what waits is named on its unit: old holds cost nothing here
                    hold = snapshot.holds.get((shelter.shelter, unit.held.hold)) if unit.held else None
                    if hold and hold.live(country.now) and not hold.accepted and shelter.registration:
                        organisation = shelter.registration.organisation
                        yield self._notice("hold_waits", shelter, organisation, hold.hold, hold.requested_at, hold.until)

    def _of_silence(self, country: CountrySnapshot) -> Iterator[DueNotice]:
        if country.age.away or not _is_fresh(country, self.age_limits):
            return  # what a shelter sends does not arrive, or not here: the silence is ours
        for shelter, now in country.shelters():
            since = None if shelter.heard_at is None else shelter.heard_at + self.nudge_ms
            if since is not None and since <= now < since + _SILENT_MS and shelter.registration and _is_in_use(shelter):
                until = since + _SILENT_MS
                yield self._notice("silent", shelter, shelter.registration.organisation, str(shelter.heard_at), since, until)

    def _notice(self, kind: NoticeKind, shelter: ShelterSnapshot, organisation: str, about: str, at: int, until: int) -> DueNotice:
        name = self.pseudonyms.notice(kind, shelter.shelter, about)
        return DueNotice(id=f"msg_{name}", kind=kind, at=at, until=until, shelter=shelter.shelter, organisation=organisation)


def _is_in_use(shelter: ShelterSnapshot) -> bool:
    return any(unit.declared for unit in shelter.units.values())


def _is_fresh(country: CountrySnapshot, limits: AgeLimits) -> bool:
    try:
        country.age.require_fresh(country.now, limits)
    except ProblemError:
        return False
    return True
