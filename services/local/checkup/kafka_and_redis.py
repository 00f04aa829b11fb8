"""What Kafka and Redis hold: how far the view is behind the log, what was found when they were compared, heads, keys and checkpoints.

Each look has a time limit of its own, and what can't be looked at is a finding too: of a half-dead instance the rest is still said.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, suppress
from typing import Final

from services.adapters.audit.reader import KafkaAuditLog
from services.adapters.audit.signed_heads import read_head
from services.adapters.checkpoints.truth_log import TruthLog
from services.adapters.clock import now_ms
from services.adapters.codec.event_codec import Topic
from services.adapters.config.settings import Settings
from services.adapters.kafka.compacted_topic import CompactedTopic
from services.adapters.kafka.ports import LogUnavailableError
from services.adapters.kafka.topic_admin import TopicsError
from services.adapters.kafka.topics import NEED_KEYS_KEPT_DAYS, Topics, check_topics
from services.adapters.needs.need_keys import destroyed_at
from services.adapters.rfc3339 import show_ms
from services.adapters.view.last_checks import AuditCheck, RedisLastChecks, ViewCheck
from services.adapters.view.ports import PartitionCheck, Position, ViewUnavailableError
from services.adapters.view.redis_reader import RedisReader, reader_of
from services.domain.durations import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS
from services.local.checkup.finding import AGAIN, Finding, ok, warning, wrong

_LIMIT_S: Final = 10.0
_POLL_S: Final = 0.05
# As the alert PlekFallsBehind has it
_MUCH_BEHIND: Final = 1_000
# A hold lasts an hour, and times are shown to the minute
_MOST_OFFSET_MS: Final = 2 * SECOND_MS
# Keys of needs are destroyed by the API within an hour of their time
_DESTROYED_WITHIN_MS: Final = 2 * HOUR_MS
_SEE_STATUS: Final = "see `plek status` and its log; nothing that was acknowledged is lost meanwhile"

Look = Callable[[], Awaitable[list[Finding]]]


async def check_records(settings: Settings) -> AsyncIterator[Finding]:
    """Yield what is found in Kafka and Redis, Redis and Kafka themselves first."""
    looks: dict[str, Look] = {
        "Redis": lambda: _redis(settings),
        "topics": lambda: _topics(settings),
        "view of beds": lambda: _view(settings, "beds"),
        "view of demand": lambda: _view(settings, "demand"),
        "last checks": lambda: _last_checks(settings),
        "audit heads": lambda: _heads(settings),
        "need keys": lambda: _need_keys(settings),
    }
    for findings in await asyncio.gather(*(_within(name, look) for name, look in looks.items())):
        for finding in findings:
            yield finding


async def _within(name: str, look: Look) -> list[Finding]:
    """Return what is found, or why that is not known."""
    try:
        async with asyncio.timeout(_LIMIT_S):
            return await look()
    except ViewUnavailableError:
        return [wrong(name, "Redis does not answer", _SEE_STATUS)]
    except (LogUnavailableError, TopicsError):
        return [wrong(name, "Kafka does not answer", _SEE_STATUS)]
    except TimeoutError:
        return [wrong(name, f"no answer within {_LIMIT_S:.0f} s", _SEE_STATUS)]
    except Exception as error:  # whatever it is, all the others are still looked at; its text could hold a value
        return [warning(name, f"could not be looked at ({type(error).__name__})", AGAIN)]


async def _redis(settings: Settings) -> list[Finding]:
    view = RedisReader(settings.redis, settings.prefix, settings.partitions)
    try:
        before = now_ms()
        faults, offset = await view.faults(), await view.clock() - before
    finally:
        await view.close()
    return [*redis_findings(faults, settings.redis_shown), clock_finding(offset, took=now_ms() - before)]


def redis_findings(faults: list[str], address: str) -> list[Finding]:
    """Return whether Redis is set up so that nothing of the view is evicted."""
    return [wrong("Redis", fault, "set it back: parts of the view would be missing") for fault in faults] or [
        ok("Redis", f"answers at {address}, and evicts nothing")
    ]


def clock_finding(offset: int, took: int) -> Finding:
    """Return whether the clocks of this machine and of Redis' agree, as far as an answer that took so long (ms) can show."""
    beyond = max(0, abs(offset) - took)
    if beyond > _MOST_OFFSET_MS:
        return warning("clock", f"this machine and that of Redis differ by {beyond / SECOND_MS:.0f} s or more", "let NTP set both clocks")
    return ok("clock", "as that of Redis")


async def _topics(settings: Settings) -> list[Finding]:
    faults = await check_topics(settings.brokers, settings.prefix, settings.partitions)
    return [wrong("topics", fault, "set it back at once: acknowledged records could be lost (`plek cluster`)") for fault in faults] or [
        ok("Kafka", f"answers at {settings.kafka}; its topics are set up as they must be")
    ]


async def _view(settings: Settings, topic: Topic) -> list[Finding]:
    names = Topics(settings.prefix)
    view = reader_of(topic, settings.redis, settings.prefix, settings.partitions)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(view.close)
        positions, halted, checks = await asyncio.gather(view.positions(), view.halted(), view.checks())
        log = await stack.enter_async_context(TruthLog(settings.brokers, names, topic))
        try:
            checkpoints = await log.checkpoints()
        except ValueError:
            return [wrong("checkpoints", "can't be read", "upgrade Plek, or run `plek forget` again")]
        ends = {number: end.end for number, end in (await log.ends(range(settings.partitions))).items()}
    return [
        *view_findings(topic, positions, halted, ends),
        *canary_findings(topic, checks, positions, now_ms() - _oldest_ms(settings)),
        ok(f"checkpoints of {topic}", f"{len(checkpoints)} of {settings.partitions} partitions begin with one"),
    ]


def view_findings(topic: Topic, positions: Mapping[int, Position], halted: Mapping[int, str], ends: Mapping[int, int]) -> Iterator[Finding]:
    """Yield how far the view of a topic is behind its log, and what stands still."""
    name = f"view of {topic}"
    for number, why in halted.items():
        yield wrong(name, f"partition {number} is halted: {why}", "see the runbook, PlekFallsBehind")
    behind = {number: end - (positions[number].offset + 1 if number in positions else 0) for number, end in ends.items()}
    ahead = [number for number, lag in behind.items() if lag < 0]
    if ahead:
        yield wrong(
            name, f"partition {ahead[0]} is beyond the end of its log: another log was put in its place", "see the runbook, Restore"
        )
    rebuilt = [number for number, position in positions.items() if position.rebuilding]
    if rebuilt:
        yield warning(name, f"{len(rebuilt)} partitions are rebuilt: no number of theirs is shown", "wait: it ends by itself")
    lag = sum(max(0, each) for each in behind.values())
    if lag > _MUCH_BEHIND:
        yield warning(name, f"{lag:,} records behind its log", "wait; where it grows: a processor is missing, or too slow")
    elif not halted and not ahead and not rebuilt:
        yield ok(name, f"{lag:,} records behind its log")


def _oldest_ms(settings: Settings) -> int:
    """Return how old a comparison of the canary may be, as the alert PlekCanaryIsSilent has it."""
    return max(10 * MINUTE_MS, round(3 * settings.canary_s * SECOND_MS))


def canary_findings(topic: Topic, checks: Mapping[int, PartitionCheck], positions: Mapping[int, Position], since: int) -> Iterator[Finding]:
    """Yield what the canary of the processor found when it compared the view with the log; before `since` (ms) is too long ago."""
    name = f"canary of {topic}"
    for number, check in checks.items():
        if check.differences:
            cause = f"partition {number} has {check.differences} members that are not as the log gives them"
            yield wrong(name, cause, f"plek verify --partition {number}; then plek rebuild --partition {number}")
    missing = [number for number in positions if number not in checks]
    oldest = min((checks[number].at for number in positions if number in checks), default=None)
    if missing:
        yield warning(
            name, f"{len(missing)} partitions were not compared yet", "wait a minute after the start; then see the processor's log"
        )
    elif oldest is not None and oldest < since:
        yield warning(name, f"compared last at {show_ms(oldest)}", "see the runbook, PlekCanaryIsSilent; `plek verify` compares now")
    elif not any(check.differences for check in checks.values()):
        yield ok(name, f"compared at {show_ms(oldest)}: no difference" if oldest else "nothing to compare")


async def _last_checks(settings: Settings) -> list[Finding]:
    # A page would go on without it; here only an answer says that Redis answers
    kept = RedisLastChecks(settings.redis, settings.prefix, _LIMIT_S)
    try:
        checks = await kept.read()
    finally:
        await kept.close()
    return [verify_finding(checks.view), audit_finding(checks.audit)]


def verify_finding(check: ViewCheck | None) -> Finding:
    """Return what the last `plek verify` found."""
    if check is None:
        return ok("last verify", "none since Redis was last emptied; `plek verify` makes one")
    if check.differences:
        return wrong(
            "last verify", f"{check.differences} differences at {show_ms(check.at)}", "run `plek verify` again, then `plek rebuild`"
        )
    return ok("last verify", f"no difference in {check.records:,} records at {show_ms(check.at)}")


def audit_finding(check: AuditCheck | None) -> Finding:
    """Return what the last `plek audit verify` found."""
    if check is None:
        return ok("last audit verify", "none since Redis was last emptied; `plek audit verify` makes one")
    if check.broken_at is not None:
        return wrong("last audit verify", f"broken at {check.broken_at}: {check.how}", "see the runbook, PlekAuditIsRewritten")
    return ok("last audit verify", f"{check.records:,} records intact at {show_ms(check.at)}")


async def _heads(settings: Settings) -> list[Finding]:
    link = await KafkaAuditLog(settings.brokers, Topics(settings.prefix).audit_heads).last()
    if settings.audit_head_key is None and link is None:
        return [warning("audit heads", "none is signed: no key is set", "set PLEK_AUDIT_HEAD_KEY_FILE for the monitor")]
    if link is None:
        return [heads_finding(None, now_ms(), settings.audit_head_minutes)]
    try:
        head = read_head(link.value)
    except ValueError:
        return [wrong("audit heads", "the newest record among them is no head", "see the runbook, PlekAuditIsRewritten")]
    return [heads_finding(head.at, now_ms(), settings.audit_head_minutes)]


def heads_finding(at: int | None, now: int, minutes: float) -> Finding:
    """Return how old the newest signed head of the audit log is."""
    if at is None:
        return warning("audit heads", "none is signed yet", f"wait {minutes:.0f} minutes after the first start; then see the monitor's log")
    if now - at > max(HOUR_MS, 3 * minutes * MINUTE_MS):
        return warning("audit heads", f"the newest was signed at {show_ms(at)}", "see the runbook, PlekAuditIsUnsigned")
    return ok("audit heads", f"the newest was signed at {show_ms(at)}")


async def _need_keys(settings: Settings) -> list[Finding]:
    topic = CompactedTopic(settings.brokers, Topics(settings.prefix).need_keys, now_ms, NEED_KEYS_KEPT_DAYS * DAY_MS)
    following = asyncio.create_task(topic.run_forever())
    try:
        while not topic.ready:  # noqa: ASYNC110 - a followed topic has no event for it, and this is asked once
            await asyncio.sleep(_POLL_S)
        return [need_key_finding([record.key for record in topic.records()], now_ms())]
    finally:
        following.cancel()
        with suppress(asyncio.CancelledError):
            await following


def need_key_finding(keys: list[str], now: int) -> Finding:
    """Return whether a key of needs is kept for longer than 30 days after its day."""
    overdue = [key for key in keys if now - destroyed_at(key) > _DESTROYED_WITHIN_MS]
    if overdue:
        cause = f"{len(overdue)} keys should have been destroyed, the oldest at {show_ms(min(map(destroyed_at, overdue)))}"
        return wrong("need keys", cause, "start an API: it destroys them; see its log where it runs")
    return ok("need keys", f"{len(keys)} kept, none for longer than 30 days")
