"""Every question to the monitor at a terminal is recorded: in the audit log, or on disk on its way there. Nothing is shown without it."""

import asyncio
from pathlib import Path
from typing import Any

import orjson
import pytest
import typer

from services.adapters.audit.disk_buffer import AuditQueue
from services.adapters.audit.reader import KafkaAuditLog
from services.adapters.audit.records import Entry
from services.adapters.config.settings import Settings
from services.adapters.kafka.topics import Topics, create_topics
from services.adapters.observability.metrics import Metrics
from services.cli.clients.audit_entry import note_on_the_way
from services.cli.monitor.monitor import monitor
from services.local.dataset_directory import dataset_directory
from services.local.user_error import UserError
from tests.cli.typed import typed
from tests.controlled_servers import Kafka, Valkey
from tests.monitor.comparison import archive_and_build
from tests.monitor.logged_countries import simulate, to_records
from tests.servers import settings_for

WORLD = "imported-x"
_FIGURES = ("occupancy", "searches", "--month", "2023-01", "--by", "region", "--kind", "crisis", "--known-at", "2023-01-03")
_VERBS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "at": (("2023-01-02",), ("at",)),
    "figures": (_FIGURES, ("by=region", "figure=occupancy", "figure=searches", "kind=crisis", "knownAt", "period")),
    "report": (("2023", "--out", "report.html"), ("report", "2023")),
    "press": (("2023",), ("press", "2023")),
    "snapshot": (("2023-01-02",), ("snapshot", "shown")),
    # It needs the log for what is published before it: the question was asked all the same
    "release": (("2023",), ("release", "drafted", "2023")),
}
"""Of each verb what is typed, and what is recorded. `sql` is stricter: tests/cli/monitor/test_monitor_sql.py."""


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a data directory with the figures of an imported country, where nothing runs."""
    monkeypatch.chdir(tmp_path)
    archive_and_build(dataset_directory(tmp_path, WORLD) / "monitor" / WORLD, *to_records(simulate(7, 3)))
    return tmp_path


def _waiting(data: Path, world: str = WORLD) -> list[Entry]:
    """Return the entries that wait on the disk of a data directory."""
    settings = Settings(data=dataset_directory(data, world), prefix=world)

    async def read() -> list[Entry]:
        queue = AuditQueue(settings.waiting, Metrics())
        try:
            await queue.adopt()
            return [entry for _, source, entry in await queue.first(100) if source == "plek.command"]
        finally:
            await queue.close()

    return asyncio.run(read())


def test_no_verb_is_left_out() -> None:
    """A new verb of the monitor stands in the table of this test, or this is red."""
    group: Any = typer.main.get_command(monitor)
    assert set(group.commands) == {*_VERBS, "sql"}


@pytest.mark.parametrize("verb", _VERBS)
def test_each_verb_is_recorded_with_codes_alone(data: Path, verb: str) -> None:
    """Who, that it was an operator, and the names and codes of what was asked; no time that was typed, and no household."""
    words, what = _VERBS[verb]
    typed("monitor", verb, *words, "--world", WORLD, "--data", str(data))
    entries = _waiting(data)
    assert {(entry.happening, entry.role, entry.purpose, entry.outcome) for entry in entries} == {
        ("figures-asked", "operator", "operation", "success")
    }
    assert {entry.what for entry in entries} == {what}
    # A year beside the press release opens two countries
    assert len(entries) == (2 if verb == "press" else 1)
    assert all(entry.user for entry in entries)


def test_a_household_is_recorded_by_its_codes(data: Path) -> None:
    """Whether there was one, and which codes; not how many persons, nor an age."""
    words = ("share-none-fitting", "--period", "2023-01", "--household", "1+2", "--boy", "17", "--not", "R01")
    assert typed("monitor", "figures", *words, "--world", WORLD, "--data", str(data)).returncode == 0
    [entry] = _waiting(data)
    assert set(entry.what) == {"figure=share-none-fitting", "period", "household", "excludeRegion=R01", "security=open"}


def test_what_can_not_be_recorded_is_not_shown(data: Path) -> None:
    """With a disk that takes nothing there is one line, and no number."""
    (data / "full").write_text("")
    words = ("monitor", "at", "2023-01-02", "--world", WORLD, "--data", str(data))
    done = typed(*words, environment={"PLEK_OUTBOX": str(data / "full")})
    assert (done.returncode, done.stdout) == (1, "")
    assert "can't be recorded in the audit log" in done.stderr


def test_a_simulated_country_has_no_entry(tmp_path: Path) -> None:
    """There is no person in it to protect."""
    world = "sim-2023"
    archive_and_build(dataset_directory(tmp_path, world) / "monitor" / world, *to_records(simulate(7, 2)))
    assert typed("monitor", "at", "2023-01-02", "--world", world, "--data", str(tmp_path)).returncode == 0
    assert _waiting(tmp_path, world) == []


@pytest.mark.e2e
async def test_what_waits_on_disk_goes_into_the_log_first(kafka: Kafka, valkey: Valkey, prefix: str) -> None:
    """A question that was asked while nothing ran is in the log before that of a running instance, each once."""
    settings = settings_for(kafka, valkey, prefix)
    await create_topics(settings.brokers, prefix, settings.partitions)
    await asyncio.to_thread(note_on_the_way, settings, "figures-asked", ("at",), runs=False)
    await asyncio.to_thread(note_on_the_way, settings, "figures-asked", ("report", "2023"), runs=True)
    log = KafkaAuditLog(settings.brokers, Topics(prefix).audit)
    records = [orjson.loads(link.value) for link in (await log.page(0, 100)).records]
    assert [each["what"] for each in records if each["event"] == "figures-asked"] == [["at"], ["report", "2023"]]


@pytest.mark.e2e
async def test_a_kafka_that_goes_away_leaves_it_on_disk(
    kafka: Kafka, valkey: Valkey, prefix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It waits there, as what a service records does; a disk that takes nothing either is an error."""
    monkeypatch.setattr("services.cli.clients.connection._READY_S", 1.0)
    settings = settings_for(kafka, valkey, prefix, outbox=tmp_path / "outbox").model_copy(update={"kafka": "127.0.0.1:1"})
    await asyncio.to_thread(note_on_the_way, settings, "figures-asked", ("at",), runs=True)
    queue = AuditQueue(settings.waiting, Metrics())
    await queue.adopt()
    assert [entry.what for _, _, entry in await queue.first(10)] == [("at",)]
    await queue.close()
    (tmp_path / "full").write_text("")
    full = settings.model_copy(update={"outbox": tmp_path / "full"})
    with pytest.raises(UserError, match="audit log"):
        await asyncio.to_thread(note_on_the_way, full, "figures-asked", ("at",), runs=True)
