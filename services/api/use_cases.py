"""Composes the use cases of the API, each from its connections and from those it stands on, and adds their routes."""

from random import SystemRandom
from typing import Any, Protocol

from fastapi import FastAPI

from services.adapters.clock import now_ms, seconds
from services.adapters.http.sealed_tokens import SealedTokens
from services.adapters.kafka.compacted_topic import CompactedTopic
from services.adapters.kafka.log_reader import Log
from services.adapters.kafka.topics import Topics
from services.adapters.view.last_checks import RedisLastChecks
from services.api.areas.export_routes import add_area_exports
from services.api.areas.grouping import Areas
from services.api.areas.published_counts import PublishedCounts
from services.api.areas.routes import add_areas, add_regions
from services.api.areas.waiting_regions import WaitingLists
from services.api.codes_route import add_codes
from services.api.connections import Connections, Task
from services.api.demand.case_access import Cases
from services.api.demand.case_publisher import CasePublisher
from services.api.demand.fitting_now import CurrentFit
from services.api.demand.log_fallback import Fallbacks
from services.api.demand.recent_cases import MemoryRecentCases, RedisRecentCases
from services.api.demand.routes import add_demand
from services.api.demand.waiting_list import WaitingList
from services.api.duty.disk_copy import DutyCopy
from services.api.duty.duty_list import DutyList
from services.api.duty.number_store import RedisDutyNumbers
from services.api.duty.phone_changes import PhoneChanges
from services.api.duty.routes import add_duty_list
from services.api.holds.composition import compose_holds
from services.api.holds.owner_store import RedisHoldOwners
from services.api.holds.redis_pending_requests import RedisPendingHolds
from services.api.holds.routes import add_holds
from services.api.limits.abuse_alerts import Alerts
from services.api.limits.alert_log import AlertLog
from services.api.limits.request_quota import RequestQuota
from services.api.limits.routes import add_alarms
from services.api.live.change_feed import ChangeFeed
from services.api.live.routes import LiveRoutes, add_live
from services.api.logout_route import Logout, add_logout
from services.api.me_route import Me, add_me
from services.api.notices.notice_services import NoticeServices
from services.api.notices.routes import add_notices
from services.api.operator.asyncapi_route import add_documents
from services.api.operator.audit_route import add_audit
from services.api.operator.audit_search_route import AuditSearch, add_audit_search
from services.api.operator.auditor_view import AuditorView
from services.api.operator.dead_letter_route import DeadLetterLog, add_dead_letters
from services.api.operator.openings import KEPT_MS, Openings
from services.api.operator.openings_route import AuditOpenings, add_audit_openings
from services.api.operator.partition_route import Partitions, add_partitions
from services.api.operator.state_route import add_operator
from services.api.publishing.need_sealing import KeyDestruction
from services.api.read_model.country_cache import CountryCache
from services.api.read_model.disclosure_level import Announcer, Disclosure
from services.api.searches.auto_close import AutoClose
from services.api.searches.handlers import Searches
from services.api.searches.offer_budget import MemoryOfferBudget, RedisOfferBudget
from services.api.searches.routes import add_searches
from services.api.searches.search_answers import SearchAnswers
from services.api.shelters.import_key import add_import_key
from services.api.shelters.routes import add_shelters
from services.api.shelters.waiting_holds import add_waiting_holds
from services.api.trail_route import Trail, add_trail
from services.domain.durations import HOUR_MS, MINUTE_MS


class RunsForever(Protocol):
    """What runs for as long as the API does."""

    async def run_forever(self) -> None:
        """Run, until cancelled."""


class UseCases:
    """The use cases of one API process."""

    def __init__(self, to: Connections) -> None:
        self._to, self._at = to, (to.settings.redis, to.settings.prefix)
        self.mirror = CountryCache(reading=to.reading)
        disclosure, heard_days = Disclosure.of(to.settings), to.settings.area_heard_days
        self.areas = Areas(rows=to.regions, disclosure=disclosure, heard_days=heard_days, wall=now_ms)
        self.published = PublishedCounts(
            reading=to.reading,
            areas=self.areas,
            metrics=to.metrics,
            quarter_ms=round(to.settings.areas_minutes * MINUTE_MS),
            waiting=WaitingLists(to.demand, to.settings.partitions).open,
        )
        self.quota = self._request_quota()
        self.searches = self._searches()
        self._checks = RedisLastChecks(*self._at)
        self._openings_topic, self.openings = self._audit_openings()
        self._owners, self._pending = RedisHoldOwners(*self._at), RedisPendingHolds(*self._at)
        self.holds = compose_holds(self.searches, self._pending, self._owners, seconds)
        self.fallbacks, self.waiting_list = self._demand()
        self.duty = self._duty_list()
        self.feed = ChangeFeed(
            reading=to.reading,
            demand=to.demand,
            of_demand=to.demand_moves,
            board=self.published,
            owners=self._owners,
            seals=SealedTokens(to.pseudonyms.sealing_key("live")),
        )
        self.notices = NoticeServices(to, self.mirror)
        self.quota.alerts.log.notify = self.feed.send_alerts
        to.proposals.watch(self.feed.send_proposal)

    def _audit_openings(self) -> tuple[CompactedTopic, Openings]:
        to, settings, name = self._to, self._to.settings, Topics(self._to.settings.prefix).audit_openings
        topic = CompactedTopic(settings.brokers, name, now_ms, KEPT_MS)
        return topic, Openings(topic, to.producer, name, now_ms, round(settings.audit_opening_hours * HOUR_MS))

    def _request_quota(self) -> RequestQuota:
        to, settings = self._to, self._to.settings
        alerts = Alerts(
            audit=to.guard.audit,
            metrics=to.metrics,
            pseudonyms=to.pseudonyms,
            rates=to.rates,
            wall=now_ms,
            searches_at=settings.searches_unheld,
            holds_at=settings.holds_given_back,
            desk_at=settings.desk_searches,
            call_lists_at=settings.call_lists_flagged,
            take_overs_at=settings.take_overs_flagged,
            fallbacks_over=settings.fallbacks_flagged,
            log=AlertLog(topic=to.alerts_topic, sender=to.alert_sender, now=now_ms),
        )
        share = self.areas.disclosure.rate_share
        return RequestQuota(rates=to.rates, pseudonyms=to.pseudonyms, alerts=alerts, now=now_ms, rate_share=share)

    def _searches(self) -> Searches:
        to = self._to
        answers = SearchAnswers(
            regions=to.regions,
            areas=self.areas,
            seals=SealedTokens(to.pseudonyms.sealing_key("offers")),
            chance=SystemRandom(),
            budget=RedisOfferBudget(to.rates.joined, to.settings.prefix, to.pseudonyms, MemoryOfferBudget(seconds)),
        )
        return Searches(
            reading=to.reading,
            mirror=self.mirror,
            demand=to.demand,
            durable=to.durable,
            answers=answers,
            alerts=self.quota.alerts,
            quota=self.quota,
            metrics=to.metrics,
        )

    def _demand(self) -> tuple[Fallbacks, WaitingList]:
        to = self._to
        cases = Cases(reading=to.reading, demand=to.demand, posting=CasePublisher(reading=to.reading, durable=to.durable))
        fitting = CurrentFit(
            reading=to.reading, mirror=self.mirror, sending=to.durable.sending, quota=self.quota, opened=self.searches.decrypt
        )
        recent = RedisRecentCases(*self._at, MemoryRecentCases(seconds))
        return Fallbacks(cases=cases, fitting=fitting, recent=recent, alerts=self.quota.alerts, needs=to.needs), WaitingList(cases=cases)

    def _duty_list(self) -> DutyList:
        to = self._to
        return DutyList(
            reading=to.reading,
            mirror=self.mirror,
            numbers=RedisDutyNumbers(*self._at),
            copy=DutyCopy(to.disk / f"{to.settings.prefix}.duty-list", to.pseudonyms.sealing_key("duty-list")),
            regions=to.regions,
            alerts=self.quota.alerts,
        )

    def _dead_letters(self) -> DeadLetterLog:
        settings, topics = self._to.settings, Topics(self._to.settings.prefix)
        return DeadLetterLog(topics=topics, partitions=settings.partitions, open=lambda: Log(settings.brokers, topics.dead_letters))

    def _partitions(self) -> Partitions:
        to, settings, topics = self._to, self._to.settings, Topics(self._to.settings.prefix)
        return Partitions(
            views={"beds": to.view, "demand": to.demand},
            open=lambda sort: Log(settings.brokers, topics.truth(sort)),
            partitions=settings.partitions,
            checks=self._checks,
            now=now_ms,
        )

    def add_routes(self, app: FastAPI) -> None:
        """Add every route."""
        to = self._to
        auditors = AuditorView(to.pseudonyms, self.openings.opened)
        add_shelters(app, to.reading, self.mirror)
        add_import_key(app, to.reading, self.mirror, to.pseudonyms)
        add_waiting_holds(app, self.mirror)
        add_areas(app, self.published)
        add_area_exports(app, self.published)
        add_regions(app, to.regions)
        add_searches(app, self.searches)
        add_holds(app, self.holds)
        add_demand(app, self.fallbacks, self.waiting_list)
        add_duty_list(app, self.duty)
        add_live(app, LiveRoutes(to.reading, self.feed, to.pseudonyms))
        add_logout(app, Logout(Topics(to.settings.prefix), to.durable_log))
        add_alarms(app, self.quota.alerts.log)
        add_me(app, Me(regions=to.regions, quota=self.quota, disclosure=self.areas.disclosure))
        seals = SealedTokens(to.pseudonyms.sealing_key("trail"))
        add_trail(app, Trail(log=to.audit_log, seals=seals, now=now_ms, seconds=seconds, view=auditors))
        add_notices(app, self.notices.browsers)
        add_codes(app)
        add_operator(app, to.reading, self.mirror)
        add_audit(app, to.audit_log, auditors)
        add_audit_search(app, AuditSearch(log=to.audit_log, checks=self._checks, seconds=seconds, view=auditors))
        add_audit_openings(app, AuditOpenings(self.openings))
        add_dead_letters(app, self._dead_letters())
        add_partitions(app, self._partitions())
        add_documents(app)

    def tasks(self) -> list[Task]:
        """Return what runs for as long as the API does; a data set that is not live has no searches to end."""
        to = self._to
        announcer = Announcer(self.areas.disclosure, now_ms, to.metrics)
        running: list[RunsForever] = [
            self.mirror,
            announcer,
            self.published,
            self.holds.abandoned,
            self.feed,
            self.duty,
            self._openings_topic,
        ]
        if to.dataset is None:
            running += [self.holds.expired, PhoneChanges(mirror=self.mirror, alerts=self.quota.alerts)]
            settings, sending = to.settings, to.durable.sending
            running.append(KeyDestruction(needs=to.needs, log=sending.log))
            running.append(
                AutoClose(demand=to.demand, partitions=settings.partitions, sending=sending, now=to.reading.now, metrics=to.metrics)
            )
        notices = self.notices.tasks() if to.dataset is None else []
        return [*(part.run_forever for part in running), *notices]

    async def close(self) -> None:
        """Close the connections that use cases have of their own."""
        stores: tuple[Any, ...] = (
            self._pending,
            self._owners,
            self._checks,
            self.duty.numbers,
            self.fallbacks.recent,
            self.notices,
        )
        for store in stores:
            await store.close()
