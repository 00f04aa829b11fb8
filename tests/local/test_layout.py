"""The layout of an instance: which components, on which ports, with which secret."""

from pathlib import Path

import pytest

from services.adapters.config.settings import Settings
from services.adapters.needs.need_keys import wrapping_secret
from services.local.instance.data_directory import DataDirectory
from services.local.layout import plan_layout
from tests.servers import KEY


@pytest.fixture
def instance(tmp_path: Path) -> DataDirectory:
    """Return an instance that does not run."""
    return DataDirectory(tmp_path)


def test_every_service_has_the_same_secret_from_one_start_to_the_next(instance: DataDirectory) -> None:
    """The key of the pseudonyms is the same after a restart, in a file that only its owner reads; users keep their holds."""
    first = plan_layout(Settings(), instance, 1).settings.environment()
    again = plan_layout(Settings(), instance, 1).settings.environment()
    assert first["PLEK_PSEUDONYM_KEY_FILE"] == again["PLEK_PSEUDONYM_KEY_FILE"]
    file = Path(first["PLEK_PSEUDONYM_KEY_FILE"])
    assert (len(file.read_text()), file.stat().st_mode & 0o777) == (64, 0o600)
    assert "PLEK_PSEUDONYM_KEY" not in first


def test_an_instance_makes_its_own_key_for_heads(instance: DataDirectory) -> None:
    """Heads of the audit log are signed with a key that is the same after a restart, in a file that only its owner reads."""
    first = plan_layout(Settings(), instance, 1).settings.environment()
    again = plan_layout(Settings(), instance, 1).settings.environment()
    file = Path(first["PLEK_AUDIT_HEAD_KEY_FILE"])
    assert (again["PLEK_AUDIT_HEAD_KEY_FILE"], len(file.read_text()), file.stat().st_mode & 0o777) == (str(file), 64, 0o600)
    assert Settings.model_validate({"audit_head_key_file": file}).head_key == file.read_text()
    wrapping = Path(first["PLEK_NEED_KEY_FILE"])
    assert (again["PLEK_NEED_KEY_FILE"], wrapping.stat().st_mode & 0o777) == (str(wrapping), 0o600)
    secret = wrapping_secret(Settings.model_validate({"need_key_file": wrapping}), lambda purpose: purpose.encode())
    assert secret.hex() == wrapping.read_text() != file.read_text()


def test_a_secret_of_the_user_is_used(instance: DataDirectory) -> None:
    """A key that the user sets is passed on, and no other is made."""
    wanted = Settings.model_validate({"pseudonym_key": KEY})
    assert plan_layout(wanted, instance, 1).settings.environment()["PLEK_PSEUDONYM_KEY"] == KEY
    assert not (instance.data / "pseudonym.key").exists()


def test_a_server_of_the_user_is_not_started(instance: DataDirectory) -> None:
    """With a Kafka and a Redis of the user's own, the components are the issuer and the services."""
    wanted = Settings.model_validate({"kafka": "k:9092", "redis": "redis://r:6379/0"})
    names = [component.child.name for component in plan_layout(wanted, instance, workers=2).components]
    assert names == ["issuer", "processor-1", "processor-2", "gateway", "api", "monitor", "web"]
