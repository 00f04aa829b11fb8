"""What `plek doctor` says of Kafka and Redis: each finding from what was read, and what can't be read is one too."""

from services.adapters.config.settings import Settings
from services.adapters.view.last_checks import AuditCheck, ViewCheck
from services.adapters.view.ports import PartitionCheck, Position
from services.local.checkup import kafka_and_redis as records
from services.local.checkup.finding import Finding

NOW = 1_772_409_600_000
MINUTE = 60_000
SINCE = NOW - 10 * MINUTE
AT = {0: Position(offset=9, rebuild_until=10), 1: Position(offset=4)}
CHECKED = PartitionCheck(at=NOW - MINUTE, log_at=0, differences=0)


def states(findings: list[Finding]) -> list[str]:
    """Return the states."""
    return [finding.state for finding in findings]


def test_redis_that_would_evict_the_view_is_wrong() -> None:
    """Each setting is a finding with its own words; without one Redis is right."""
    assert states(records.redis_findings(["Redis: maxmemory-policy is allkeys-lru, must be noeviction"], "redis://r")) == ["wrong"]
    assert states(records.redis_findings([], "redis://r")) == ["ok"]


def test_clocks_that_differ_are_a_warning() -> None:
    """An offset counts beyond what the answer took: a slow answer shows no wrong clock."""
    assert "differ by 7 s" in records.clock_finding(-7_200, took=100).cause
    assert records.clock_finding(3_000, took=2_500).state == "ok"


def test_a_view_at_the_end_of_its_log_is_right() -> None:
    """A partition that was never folded is right while its log is empty."""
    assert states(list(records.view_findings("beds", AT, {}, {0: 10, 1: 5, 2: 0}))) == ["ok"]


def test_what_is_wrong_with_a_view_is_said() -> None:
    """Far behind and rebuilding are warnings; halted, and beyond the end of its log, are wrong."""
    assert "1,500 records behind" in next(records.view_findings("beds", AT, {}, {0: 10, 1: 1_505})).cause
    assert states(list(records.view_findings("beds", AT | {2: Position(offset=1, rebuild_until=9)}, {}, {}))) == ["warning"]
    assert "partition 3 is halted: too new" in next(records.view_findings("beds", AT, {3: "too new"}, {})).cause
    assert "beyond the end of its log" in next(records.view_findings("beds", AT, {}, {0: 3, 1: 5})).cause


def test_what_the_canary_found_is_said() -> None:
    """Differences are wrong with the partition and the verb; not compared, and long ago, are warnings."""
    both = {0: CHECKED, 1: CHECKED}
    assert states(list(records.canary_findings("beds", both, AT, SINCE))) == ["ok"]
    unlike = both | {1: PartitionCheck(at=NOW, log_at=NOW, differences=2)}
    (finding,) = records.canary_findings("beds", unlike, AT, SINCE)
    assert (finding.state, finding.advice) == ("wrong", "plek verify --partition 1; then plek rebuild --partition 1")
    assert states(list(records.canary_findings("beds", {0: CHECKED}, AT, SINCE))) == ["warning"]
    assert states(list(records.canary_findings("beds", both, AT, NOW))) == ["warning"]
    assert states(list(records.canary_findings("beds", {}, {}, SINCE))) == ["ok"]


def test_the_last_checks_are_said() -> None:
    """None is no fault; one that found something is wrong until the next."""
    assert records.verify_finding(None).state == records.audit_finding(None).state == "ok"
    assert records.verify_finding(ViewCheck(at=NOW, partitions=24, all=True, records=9, differences=0)).state == "ok"
    assert "2 differences" in records.verify_finding(ViewCheck(at=NOW, partitions=24, all=True, records=9, differences=2)).cause
    assert records.audit_finding(AuditCheck(at=NOW, records=9, chains=1, broken_at=None, how=None)).state == "ok"
    assert "broken at 7: gone" in records.audit_finding(AuditCheck(at=NOW, records=9, chains=1, broken_at=7, how="gone")).cause


def test_heads_that_are_not_signed_are_a_warning() -> None:
    """None yet, and one that is older than an hour and than three times its turn."""
    assert records.heads_finding(None, NOW, 10).state == "warning"
    assert records.heads_finding(NOW - 59 * MINUTE, NOW, 10).state == "ok"
    assert records.heads_finding(NOW - 61 * MINUTE, NOW, 10).state == "warning"
    assert records.heads_finding(NOW - 61 * MINUTE, NOW, 60).state == "ok"


def test_a_key_of_needs_that_is_kept_too_long_is_wrong() -> None:
    """Of 2026-01-01 the key is to be destroyed on 1 February; a few hours are the API's."""
    assert records.need_key_finding(["2026-03-01.a"], NOW).state == "ok"
    assert "the oldest at 2026-02-01T00:00:00Z" in records.need_key_finding(["2026-01-01.a", "2026-03-01.b"], NOW).cause


async def test_servers_that_do_not_answer_are_findings() -> None:
    """With neither Kafka nor Redis each look says so, and no exception leaves."""
    settings = Settings(kafka="127.0.0.1:1", redis="redis://127.0.0.1:1/0")
    findings = [finding async for finding in records.check_records(settings)]
    assert {(finding.state, finding.cause) for finding in findings} <= {
        ("wrong", "Redis does not answer"),
        ("wrong", "Kafka does not answer"),
        ("wrong", "no answer within 10 s"),
    }
    assert {"Redis", "topics", "view of beds", "last checks", "audit heads"} <= {finding.name for finding in findings}
