"""What another command knows of an instance from its data directory, and what an instance prints."""

from dataclasses import replace
from pathlib import Path

import jwt
import pytest

from services.adapters.config.settings import Settings
from services.local.demo_simulation import DemoSimulation
from services.local.instance.data_directory import DataDirectory, Status
from services.local.instance.discovery import find_last
from services.local.layout import plan_layout
from services.local.startup_message import demo_lines, startup_lines
from services.local.up import InstanceRun

_SECRET = "quite-secret"
_REDIS = f"redis://user:{_SECRET}@r:6379/0"


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PLEK_REDIS", raising=False)


def test_a_password_is_neither_printed_nor_stored(tmp_path: Path) -> None:
    """The password of Redis is in no printed line and in no file of the data directory."""
    instance = DataDirectory(tmp_path)
    layout = plan_layout(Settings(redis=_REDIS), instance, 1)
    lines = [*startup_lines(instance, layout, 1.0)]
    InstanceRun(instance, layout, lines.append)._write_status()
    assert "  Redis    redis://r:6379/0" in lines
    assert _SECRET not in "".join(lines)
    assert "redis://r:6379/0" in (tmp_path / "status.json").read_text()
    assert not [file for file in tmp_path.rglob("*") if file.is_file() and _SECRET in file.read_text()]


@pytest.mark.parametrize(
    ("environment", "redis"),
    [(None, "redis://r:6379/0"), (_REDIS, _REDIS), (f"redis://:{_SECRET}@another:6379/0", "redis://r:6379/0")],
)
def test_the_password_comes_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, environment: str | None, redis: str
) -> None:
    """An address in the environment counts where it names the Redis of the instance, and not where it names another."""
    if environment:
        monkeypatch.setenv("PLEK_REDIS", environment)
    DataDirectory(tmp_path).write_status(Status(1, Settings(redis=_REDIS, prefix="kept").shown(), ()))
    settings = find_last(tmp_path).settings
    assert (settings.redis, settings.prefix) == (redis, "kept")


def test_the_demo_prints_how_a_shelter_answers(tmp_path: Path) -> None:
    """A demo prints the command that lists the holds that wait for an answer and answers one, for this instance."""
    instance = DataDirectory(tmp_path)
    layout = plan_layout(Settings(), instance, 1)
    lines = list(demo_lines(instance, replace(layout, optional=[DemoSimulation(instance, layout.settings)])))
    assert [line for line in lines if " accept --data " in line and "lists what waits" in line]
    assert list(demo_lines(instance, layout)) == []


def test_each_printed_token_can_be_used(tmp_path: Path) -> None:
    """The printed token of a shelter names a shelter, that of a worker a desk and a region."""
    instance = DataDirectory(tmp_path)
    lines = [line.split() for line in startup_lines(instance, plan_layout(Settings(), instance, 1), 1.0)]
    claims = {line[0]: jwt.decode(line[1], options={"verify_signature": False}) for line in lines if line[0] in ("shelter", "worker")}
    assert claims["shelter"]["shelters"]
    assert claims["worker"]["regions"]
    assert claims["worker"]["desk"]
