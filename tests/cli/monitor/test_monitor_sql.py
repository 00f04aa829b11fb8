"""`plek monitor sql`: everything, for an operator, once the audit log has an entry."""

import asyncio
from pathlib import Path

import orjson
import pytest
from typer.testing import CliRunner

from services.adapters.audit.reader import KafkaAuditLog
from services.adapters.kafka.topics import Topics, create_topics
from services.cli.clients.audit_entry import write_audit_entry
from services.cli.monitor.monitor import monitor
from services.local.dataset_directory import dataset_directory
from services.local.user_error import UserError
from tests.controlled_servers import Kafka, Valkey
from tests.monitor.comparison import archive_and_build
from tests.monitor.logged_countries import simulate, to_records
from tests.servers import settings_for

WORLD = "sim-2023"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a data directory with the figures of a few days of a simulated country, where nothing runs."""
    directory = tmp_path_factory.mktemp("data")
    archive_and_build(dataset_directory(directory, WORLD) / "monitor" / WORLD, *to_records(simulate(7, 5)))
    return directory


def test_a_question_is_answered(data: Path) -> None:
    """One question on the command line is answered with the names of its columns and its rows."""
    result = CliRunner().invoke(
        monitor, ["sql", 'SELECT count(DISTINCT region) AS regions FROM "units"', "--world", WORLD, "--data", str(data)]
    )
    assert result.stdout.split() == ["regions", "35"]


def test_each_typed_line_is_a_question(data: Path) -> None:
    """Without a question on the command line each line is one; a question that can't be answered does not end the command."""
    result = CliRunner().invoke(monitor, ["sql", "--world", WORLD, "--data", str(data)], input="nonsense\nSELECT 7 AS seven\n")
    assert result.stdout.split()[-2:] == ["seven", "7"]
    assert result.exit_code == 0


def test_a_question_without_an_answer_is_refused(data: Path) -> None:
    """A question about a table that does not exist is refused in one line."""
    result = CliRunner().invoke(monitor, ["sql", "SELECT shelter FROM places", "--world", WORLD, "--data", str(data)])
    assert isinstance(result.exception, UserError)
    assert "\n" not in str(result.exception)


def test_a_wrong_name_of_a_world_is_refused(data: Path) -> None:
    """A name that no world can have is refused: it would be read as that of the real country."""
    result = CliRunner().invoke(monitor, ["sql", "SHOW TABLES", "--world", "sim2023", "--data", str(data)])
    assert isinstance(result.exception, UserError)
    assert "such as sim-2023" in str(result.exception)


@pytest.mark.e2e
async def test_opening_everything_is_recorded(kafka: Kafka, valkey: Valkey, prefix: str) -> None:
    """Before an operator sees everything, the audit log has an entry of it."""
    settings = settings_for(kafka, valkey, prefix)
    await create_topics(settings.brokers, prefix, settings.partitions)
    await asyncio.to_thread(write_audit_entry, settings, "log-opened")
    link = await KafkaAuditLog(settings.brokers, Topics(prefix).audit).last()
    assert link is not None
    entry = orjson.loads(link.value)
    assert (entry["event"], entry["role"], entry["purpose"]) == ("log-opened", "operator", "operation")


def test_f1_without_the_audit_log_there_is_no_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """F1: a question about real people is refused where the audit log can't be reached."""
    monkeypatch.setattr("services.cli.clients.connection._READY_S", 0.5)
    monkeypatch.setenv("PLEK_KAFKA", "127.0.0.1:1")
    world = "imported-x"
    archive_and_build(dataset_directory(tmp_path, world) / "monitor" / world, *to_records(simulate(7, 2)))
    result = CliRunner().invoke(monitor, ["sql", "FROM units", "--world", world, "--data", str(tmp_path)])
    assert isinstance(result.exception, UserError)
    assert "audit log" in str(result.exception)
    assert "R01" not in result.stdout


@pytest.mark.e2e
async def test_without_kafka_an_audit_entry_is_an_error(kafka: Kafka, valkey: Valkey, prefix: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without Kafka no audit entry can be written, and the caller gets an error."""
    monkeypatch.setattr("services.cli.clients.connection._READY_S", 1.0)
    settings = settings_for(kafka, valkey, prefix).model_copy(update={"kafka": "127.0.0.1:1"})
    with pytest.raises(UserError, match="audit log"):
        await asyncio.to_thread(write_audit_entry, settings, "log-opened")
