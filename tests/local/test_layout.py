"""The layout of an instance: which parts, on which ports, with which secret."""

from pathlib import Path

import pytest

from services.adapters.settings import Settings
from services.local.instance import Instance
from services.local.layout import lay_out
from tests.servers import KEY


@pytest.fixture
def instance(tmp_path: Path) -> Instance:
    """Make an instance nobody runs."""
    return Instance(tmp_path)


def test_every_service_has_the_same_secret_from_one_start_to_the_next(instance: Instance) -> None:
    """A person keeps her pseudonym over a restart: without it nobody could extend a hold she asked for before."""
    first = lay_out(Settings(), instance, 1).settings.environment()
    again = lay_out(Settings(), instance, 1).settings.environment()
    assert first["PLEK_PSEUDONYM_KEY_FILE"] == again["PLEK_PSEUDONYM_KEY_FILE"]
    file = Path(first["PLEK_PSEUDONYM_KEY_FILE"])
    assert (len(file.read_text()), file.stat().st_mode & 0o777) == (64, 0o600)
    assert "PLEK_PSEUDONYM_KEY" not in first


def test_a_secret_of_ones_own_is_used(instance: Instance) -> None:
    """Whoever sets the key is not given another."""
    wanted = Settings.model_validate({"pseudonym_key": KEY})
    assert lay_out(wanted, instance, 1).settings.environment()["PLEK_PSEUDONYM_KEY"] == KEY
    assert not (instance.data / "pseudonym.key").exists()


def test_a_server_of_ones_own_is_not_started(instance: Instance) -> None:
    """With a Kafka and a Redis of the user's own, the parts are the issuer and the services."""
    wanted = Settings.model_validate({"kafka": "k:9092", "redis": "redis://r:6379/0"})
    names = [part.child.name for part in lay_out(wanted, instance, workers=2).parts]
    assert names == ["issuer", "processor-1", "processor-2", "gateway", "api", "monitor"]
