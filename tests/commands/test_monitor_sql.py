"""`plek monitor sql`: what an analyst may see without more ado, all there is only once the look is in the audit log."""

import asyncio
from pathlib import Path

import orjson
import pytest
from typer.testing import CliRunner

from services.adapters.audit.trail import KafkaTrail
from services.adapters.topics import Topics, create_topics
from services.commands.monitor import group
from services.commands.noting import noted
from services.local.kafka import Kafka
from services.local.trouble import Trouble
from services.local.valkey import Valkey
from services.local.worlds import place
from tests.monitor.asked import asked
from tests.monitor.countries_logged import logged, said
from tests.servers import settings_for

WORLD = "sim-2023"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a data directory with the figures of a few days of a simulated country, where nothing runs."""
    made = tmp_path_factory.mktemp("data")
    asked(place(made, WORLD) / "monitor" / WORLD, *logged(said(7, 5)))
    return made


def test_a_question_is_answered(data: Path) -> None:
    """One question on the command line is answered with the names of its columns and its rows."""
    told = CliRunner().invoke(
        group, ["sql", 'SELECT count(DISTINCT region) AS regions FROM "places"', "--world", WORLD, "--data", str(data)]
    )
    assert told.stdout.split() == ["regions", "35"]


def test_questions_are_typed(data: Path) -> None:
    """Without one, each line is a question; one that can't be answered does not end it."""
    told = CliRunner().invoke(group, ["sql", "--world", WORLD, "--data", str(data)], input="nonsense\nSELECT 7 AS seven\n")
    assert told.stdout.split()[-2:] == ["seven", "7"]
    assert told.exit_code == 0


def test_what_cannot_be_answered(data: Path) -> None:
    """A question about what is not there is refused in one line."""
    told = CliRunner().invoke(group, ["sql", "SELECT shelter FROM units", "--world", WORLD, "--data", str(data)])
    assert isinstance(told.exception, Trouble)
    assert "\n" not in str(told.exception)


def test_a_world_is_called_as_one(data: Path) -> None:
    """A name that is none of a world's would be read as that of a real country."""
    told = CliRunner().invoke(group, ["sql", "SHOW TABLES", "--world", "sim2023", "--data", str(data)])
    assert isinstance(told.exception, Trouble)
    assert "such as sim-2023" in str(told.exception)


@pytest.mark.e2e
async def test_a_look_at_all_of_it_is_noted(kafka: Kafka, valkey: Valkey, prefix: str) -> None:
    """Before an operator sees everything, her look stands in the audit log."""
    settings = settings_for(kafka, valkey, prefix)
    await create_topics(settings.brokers, prefix, settings.partitions)
    await asyncio.to_thread(noted, settings, "log-opened")
    kept = await KafkaTrail(settings.brokers, Topics(prefix).audit).last()
    assert kept is not None
    written = orjson.loads(kept.value)
    assert (written["event"], written["role"], written["purpose"]) == ("log-opened", "operator", "operation")


@pytest.mark.e2e
async def test_what_cannot_be_noted_is_not_shown(kafka: Kafka, valkey: Valkey, prefix: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without Kafka a look can't be noted, and is refused."""
    monkeypatch.setattr("services.commands.noting._PATIENCE_S", 1.0)
    settings = settings_for(kafka, valkey, prefix).model_copy(update={"kafka": "127.0.0.1:1"})
    with pytest.raises(Trouble, match="audit log"):
        await asyncio.to_thread(noted, settings, "log-opened")
