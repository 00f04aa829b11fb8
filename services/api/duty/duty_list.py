"""The duty list: one number per organisation and region, whatever else is down (design, section 5).

Guarantees: it is answered from this process's memory, and that from the disk after a restart; Redis, Kafka and the processor are not
waited for. A number that a coordinator of the region entered stands before one chosen of the shelters. Nothing in it names a shelter.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, Final

from services.adapters.audit.records import Object
from services.adapters.http.call import Call
from services.adapters.http.request_body import wrong
from services.adapters.problem_details import ProblemError
from services.adapters.proposals.table import PhoneChange
from services.adapters.regions import RegionRow
from services.adapters.rfc3339 import show_ms
from services.api.duty.disk_copy import DutyCopy, DutyNumbersAsOf
from services.api.duty.models import DutyForm, DutyListAnswer, DutyNumber, TakenBack
from services.api.duty.number_store import DutyNumbers, Kind, NumbersAwayError
from services.api.limits.abuse_alerts import Alerts
from services.api.read_model.answer_models import NamedRegion
from services.api.read_model.country_cache import CountryCache, CountrySnapshot
from services.api.read_model.data_age import format_ms
from services.api.read_model.view_reader import ViewReader
from services.domain.durations import MINUTE_MS
from services.domain.events.catalog import ShelterRegistered
from services.domain.search.duty_numbers import Number, OrganisationInRegion, choose, dated, digits, merged, places

# What a coordinator entered through another process is shown after this at the latest.
_LOOK_S: Final = 5.0
# The file's `as_of` is no further behind what is answered.
_WRITE_MS: Final = 5 * MINUTE_MS


ShownNumber = tuple[OrganisationInRegion, str]
"""A number of the list: of which organisation in which region, and which."""


@dataclass(slots=True, kw_only=True)
class DutyList:
    """The list in this process, kept up with the shelters, with other processes and with its copy on the disk."""

    reading: ViewReader
    mirror: CountryCache
    numbers: DutyNumbers
    copy: DutyCopy
    regions: Mapping[str, RegionRow]
    alerts: Alerts
    _list: DutyNumbersAsOf | None = None
    _written: DutyNumbersAsOf | None = None
    _writing: asyncio.Lock = field(default_factory=asyncio.Lock)
    _places: frozenset[OrganisationInRegion] = frozenset()
    """Where organisations have shelters, `high_secure` ones included; empty until the whole view was seen."""
    _changed: Mapping[ShownNumber, PhoneChange] = field(default_factory=dict)
    """Of a number that was changed lately: the one before."""

    async def run_forever(self) -> None:
        """Follow the shelters and what other processes enter, until cancelled."""
        while True:
            await self.refresh()
            await asyncio.sleep(_LOOK_S)

    async def refresh(self) -> None:
        """Read the shelters and the shared numbers, as far as they can be reached, and write the copy where it is due."""
        before = await self._current()
        numbers = replace(before, duty=await self._entered(before))
        with suppress(ProblemError):
            numbers = await self._chosen(numbers, await self.mirror.follow())
        await self._keep(numbers)

    async def _current(self) -> DutyNumbersAsOf:
        if self._list is None:
            self._list = self._written = await asyncio.to_thread(self.copy.read) or DutyNumbersAsOf()
        return self._list

    async def _entered(self, before: DutyNumbersAsOf) -> dict[OrganisationInRegion, Number]:
        """Return what was entered, here or elsewhere; what the shared numbers lack of it is written back to them."""
        try:
            shared = (await self.numbers.read())["duty"]
            found = merged(before.duty, shared)
            await self.numbers.merge({"duty": {place: number for place, number in found.items() if shared.get(place) != number}})
        except NumbersAwayError:
            return before.duty
        return found

    async def _chosen(self, before: DutyNumbersAsOf, country: CountrySnapshot) -> DutyNumbersAsOf:
        """Return the list with the numbers of the shelters as they are registered now; of half a view, only those that were not known."""
        registered = list(_registered(country))
        if country.age.rebuilding:
            found = dated(choose(registered), {}, country.now) | before.intake
            return replace(before, intake=found)
        self._places = places(registered)
        self._changed = phones_before(registered, self.reading.phones.change)
        return replace(before, as_of=country.age.as_of, intake=await self._dated(choose(registered), before, country.now))

    async def _dated(
        self, chosen: Mapping[OrganisationInRegion, str], before: DutyNumbersAsOf, now: int
    ) -> dict[OrganisationInRegion, Number]:
        """Date the chosen numbers; every process gives a number the date it first had in one of them."""
        try:
            shared = (await self.numbers.read())["intake"]
            found = dated(chosen, before.intake | shared, now)
            await self.numbers.merge({"intake": {place: number for place, number in found.items() if shared.get(place) != number}})
        except NumbersAwayError:
            return dated(chosen, before.intake, now)
        return found

    async def _keep(self, found: DutyNumbersAsOf) -> None:
        # What was entered meanwhile is not lost to a look that began before it
        self._list = replace(found, duty=merged(self._list.duty if self._list else {}, found.duty))
        async with self._writing:
            latest, written = self._list, self._written
            if written is None or latest.known() != written.known() or (latest.as_of or 0) - (written.as_of or 0) >= _WRITE_MS:
                await asyncio.to_thread(self.copy.write, latest)
                self._written = latest

    async def show(self, call: Call[None], region: str | None) -> DutyListAnswer:
        """Return the numbers, of one region or of all; ProblemError 400 where there is no such region."""
        if region is not None and region not in self.regions:
            raise ProblemError("invalid", errors=[wrong("region", "unknown_region")])
        numbers = await self._current()
        entries = [number for number in self._entries(numbers) if region in {None, number.region.code}]
        # Also where it can't be recorded: a household without a place must not wait for the audit log (ADR 35)
        await call.record_if_possible(*((("region", region),) if region else ()))
        return DutyListAnswer(**self.reading.dataset_head(self.reading.now()), as_of=format_ms(numbers.as_of), entries=entries)

    def _entries(self, numbers: DutyNumbersAsOf) -> list[DutyNumber]:
        entered = {place: number for place, number in numbers.duty.items() if number.phone is not None}
        known = {place: number for place, number in (numbers.intake | entered).items() if place.region in self.regions}
        return [
            self._entry(place, known[place], "duty" if place in entered else "intake")
            for place in sorted(known, key=lambda place: (self.regions[place.region].centre, place.organisation))
        ]

    def _entry(self, place: OrganisationInRegion, number: Number, kind: Kind) -> DutyNumber:
        region = NamedRegion(code=place.region, name=self.regions[place.region].centre)
        changed = self._changed.get((place, number.phone or "")) if kind == "intake" else None
        before = {"phone_before": changed.before, "phone_changed_at": show_ms(changed.changed_at)} if changed else {}
        return DutyNumber(
            organisation=place.organisation, region=region, phone=number.phone or "", kind=kind, since=show_ms(number.at), **before
        )

    async def enter(self, call: Call[DutyForm], place: OrganisationInRegion) -> DutyNumber:
        """Keep the number that a coordinator enters, and return it as the list shows it."""
        await self._require_place(call, place)
        return self._entry(place, await self._change(call, place, call.body.phone), "duty")

    async def take_back(self, call: Call[None], place: OrganisationInRegion) -> TakenBack:
        """Take back the number that a coordinator entered: then one of the shelters stands, where there is one."""
        await self._require_place(call, place)
        before = (await self._current()).duty.get(place)
        if before is None or before.phone is None:
            await call.record(*_objects(place), what=("unchanged",))
            return TakenBack(status="unchanged")
        await self._change(call, place, None)
        return TakenBack(status="taken-back")

    async def _require_place(self, call: Call[Any], place: OrganisationInRegion) -> None:
        """Raise a ProblemError unless the organisation has a shelter in a region of the caller, or has a number there."""
        if place.region not in call.caller.regions:
            await call.refuse()
        await self.refresh()
        if place in self._places or place in (await self._current()).duty:
            return
        if not self._places:
            raise ProblemError("duty-away")
        await call.refuse()

    async def _change(self, call: Call[Any], place: OrganisationInRegion, phone: str | None) -> Number:
        await call.record(*_objects(place), what=("entered" if phone else "taken-back",))
        try:
            changed = await self.numbers.enter(place, Number(self.reading.now(), phone))
        except NumbersAwayError as away:
            raise ProblemError("duty-away") from away
        numbers = await self._current()
        await self._keep(replace(numbers, duty=merged(numbers.duty, {place: changed})))
        await self.alerts.number_changed(call.caller, place.organisation, place.region)
        return changed


def _objects(place: OrganisationInRegion) -> tuple[Object, ...]:
    return (("organisation", place.organisation), ("region", place.region))


def phones_before(
    registered: Iterable[ShelterRegistered], change_of: Callable[[ShelterRegistered], PhoneChange | None]
) -> dict[ShownNumber, PhoneChange]:
    """Return the number before of each that was changed lately; none that a `high_secure` shelter gives too."""
    shelters = list(registered)
    hidden = {digits(shelter.intake_phone) for shelter in shelters if shelter.security == "high_secure"}
    changes = [(shelter, change) for shelter in shelters if shelter.security != "high_secure" and (change := change_of(shelter))]
    return {
        (OrganisationInRegion(shelter.organisation, shelter.region), shelter.intake_phone): change
        for shelter, change in changes
        if digits(change.before) not in hidden
    }


def _registered(country: CountrySnapshot) -> Iterable[ShelterRegistered]:
    # Of halted partitions as well: whom to phone does not grow old with what is free
    return (shelter.registration for shelter in country.registered() if shelter.registration)
