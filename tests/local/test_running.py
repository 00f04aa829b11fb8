"""What a verb knows of an instance from its data directory: its settings, but for what must not be kept."""

from pathlib import Path

import jwt
import pytest

from services.adapters.settings import Settings
from services.local.instance import Instance, Status
from services.local.layout import lay_out
from services.local.running import last
from services.local.up import Up
from services.local.welcome import welcome

_SECRET = "quite-secret"
_REDIS = f"redis://user:{_SECRET}@r:6379/0"


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PLEK_REDIS", raising=False)


def test_a_password_is_neither_told_nor_kept(tmp_path: Path) -> None:
    """Neither in a line of the welcome nor in any file of the data directory."""
    instance = Instance(tmp_path)
    layout = lay_out(Settings(redis=_REDIS), instance, 1)
    lines = [*welcome(instance, layout, 1.0)]
    Up(instance, layout, lines.append)._publish()
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
    """Where it names the Redis of the instance; the instance rules over one that names another."""
    if environment:
        monkeypatch.setenv("PLEK_REDIS", environment)
    Instance(tmp_path).publish(Status(1, Settings(redis=_REDIS, prefix="kept").shown(), ()))
    found = last(tmp_path).settings
    assert (found.redis, found.prefix) == (redis, "kept")


def test_each_printed_token_can_do_its_work(tmp_path: Path) -> None:
    """A shelter's names a shelter, and a worker's the desk and the region that she searches for."""
    instance = Instance(tmp_path)
    lines = [line.split() for line in welcome(instance, lay_out(Settings(), instance, 1), 1.0)]
    claims = {line[0]: jwt.decode(line[1], options={"verify_signature": False}) for line in lines if line[0] in ("shelter", "worker")}
    assert claims["shelter"]["shelters"]
    assert claims["worker"]["regions"]
    assert claims["worker"]["desk"]
