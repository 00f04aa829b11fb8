"""Settings: how they are read from the environment, and what is shown of them."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from services.adapters.config.settings import Settings, read


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"PLEK_{name.upper()}", raising=False)


def test_a_service_gets_exactly_the_settings_of_its_starter(monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings written to an environment and read from it are the same, also a limit of none."""
    wanted = Settings(prefix="north", api_port=9001, too_old_days=None, fresh_hours=4)
    for name, value in wanted.environment().items():
        monkeypatch.setenv(name, value)
    assert Settings() == wanted


def test_an_environment_holds_no_setting_that_was_not_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable of the starter that is not among its settings does not reach a service."""
    monkeypatch.setenv("PLEK_PSEUDONYM_KEY", "left over")
    assert "PLEK_PSEUDONYM_KEY" not in Settings.model_construct().environment()


def test_no_limit_of_age_is_written_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """PLEK_TOO_OLD_DAYS=none accepts any age; unset it is 400 days."""
    assert Settings().too_old_days == 400
    monkeypatch.setenv("PLEK_TOO_OLD_DAYS", "none")
    assert Settings().too_old_days is None


def test_a_secret_comes_from_a_file_and_is_never_shown(tmp_path: Path) -> None:
    """A key is read from its file without the end of the line, and is hidden when settings are printed."""
    file = tmp_path / "key"
    file.write_text("quite-secret-and-as-long-as-it-must-be\n")
    settings = Settings(pseudonym_key_file=file)
    assert settings.pseudonym_key is not None
    assert settings.pseudonym_key.get_secret_value() == "quite-secret-and-as-long-as-it-must-be"
    assert "quite-secret" not in repr(settings)
    assert "quite-secret" not in str(settings.environment())


def _filed(folder: Path, **secrets: str) -> dict[str, str]:
    """Write secrets into files, and return the settings that name them."""
    for name, secret in secrets.items():
        (folder / name).write_text(f"{secret}\n")
    return {f"{name}_file": str(folder / name) for name in secrets}


def test_a_service_authenticates_to_kafka(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """User and password reach every client, through an environment too; the password is neither shown, kept nor written there."""
    login = {"kafka": "k:1", "kafka_security": "SASL_PLAINTEXT", "kafka_user": "gateway"}
    settings = Settings.model_validate(login | _filed(tmp_path, kafka_password="quite-secret"))
    assert settings.brokers.options() == {
        "bootstrap_servers": "k:1",
        "security_protocol": "SASL_PLAINTEXT",
        "ssl_context": None,
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": "gateway",
        "sasl_plain_password": "quite-secret",
    }
    assert "quite-secret" not in f"{settings!r} {settings.brokers!r} {settings.shown()} {settings.environment()}"
    for name, value in settings.environment().items():
        monkeypatch.setenv(name, value)
    assert Settings() == settings


def test_without_a_file_the_password_goes_through_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A password of Kafka without a file is passed on in the environment; it is neither shown nor kept."""
    login = {"kafka": "k:1", "kafka_security": "SASL_PLAINTEXT", "kafka_user": "gateway", "kafka_password": "quite-secret"}
    settings = Settings.model_validate(login)
    assert "quite-secret" not in f"{settings!r} {settings.shown()}"
    monkeypatch.setenv("PLEK_KAFKA_PASSWORD", settings.environment()["PLEK_KAFKA_PASSWORD"])
    assert Settings.model_validate({**settings.shown()}) == settings


def test_certificates_of_kafka_are_read_at_the_start(tmp_path: Path) -> None:
    """A file without certificates is refused; without a file, those of the system are used."""
    (tmp_path / "ca").write_text("quite-secret")
    with pytest.raises(ValidationError, match="the file that PLEK_KAFKA_CA_FILE names holds no certificates") as refused:
        Settings(kafka_security="SSL", kafka_ca_file=tmp_path / "ca")
    assert "quite-secret" not in str(refused.value)
    assert Settings(kafka_security="SSL").brokers.tls() is not None
    assert Settings().brokers.tls() is None


@pytest.mark.parametrize(
    ("redis", "whole"),
    [
        ("redis://r:6379/0", "redis://:quite%2F%40secret@r:6379/0"),
        ("rediss://plek@r/1?protocol=3", "rediss://plek:quite%2F%40secret@r/1?protocol=3"),
        ("unix:///run/redis.sock?db=1", "unix://:quite%2F%40secret@/run/redis.sock?db=1"),
    ],
)
def test_the_password_of_redis_comes_from_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, redis: str, whole: str) -> None:
    """The password of Redis from a file is put into the URL, quoted; what is shown, kept and passed on has the file instead."""
    settings = Settings.model_validate({"redis": redis} | _filed(tmp_path, redis_password="quite/@secret"))
    assert settings.redis == whole
    assert settings.environment()["PLEK_REDIS"] == redis
    assert "@secret" not in str(settings.shown())
    for name, value in settings.environment().items():
        monkeypatch.setenv(name, value)
    assert Settings() == settings


@pytest.mark.parametrize("redis", ["redis://:quite-secret@r:6379/0", "redis://r:6379/0?password=quite-secret"])
def test_two_passwords_of_redis_are_refused(tmp_path: Path, redis: str) -> None:
    """A password of Redis in both the URL and a file is refused."""
    with pytest.raises(ValidationError, match="PLEK_REDIS holds a password already") as refused:
        Settings.model_validate({"redis": redis} | _filed(tmp_path, redis_password="quite-secret"))
    assert "quite-secret" not in str(refused.value)


def test_limits_out_of_order_are_refused() -> None:
    """Limits with which a shelter would be unknown before it is ageing are refused."""
    with pytest.raises(ValidationError, match="PLEK_FRESH_HOURS"):
        Settings(fresh_hours=24, unknown_hours=8)


@pytest.mark.parametrize(
    "wrong",
    [
        {"fresh_hours": 30, "pseudonym_key": "quite-secret-and-as-long-as-it-must-be"},
        {"pseudonym_key": "quite-secret"},
        {"pseudonym_key_file": "/quite-secret"},
        {"redis": "redis://[", "redis_password_file": "/quite-secret"},
        {"partitions": "quite-secret"},
    ],
)
def test_a_refused_setting_shows_no_value(wrong: dict[str, Any]) -> None:
    """The error of a refused setting, which goes to the log, has neither the key nor any other value."""
    with pytest.raises(ValidationError) as refused:
        Settings.model_validate(wrong)
    assert "quite-secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("redis", "shown"),
    [
        ("redis://r:6379/0", "redis://r:6379/0"),
        ("redis://user:quite-secret@r:6379/0", "redis://r:6379/0"),
        ("rediss://:quite%2Dsecret@r/1?ssl_cert_reqs=none", "rediss://r/1?ssl_cert_reqs=none"),
        ("redis://:quite@secret/?#@r:6379/0", "redis://r:6379/0"),
        ("redis://r:6379/0?password=quite@secret", "redis://r:6379/0"),
        ("redis://r/0?username=user&password=quite-secret&protocol=3", "redis://r/0?protocol=3"),
        ("unix://user@/run/redis.sock?db=1&password=quite-secret", "unix:///run/redis.sock?db=1"),
    ],
)
def test_a_password_of_redis_is_not_shown(redis: str, shown: str) -> None:
    """The address of Redis that is shown and kept has no user and password; a service gets all of it."""
    settings = Settings(redis=redis)
    assert (settings.redis_shown, settings.shown()["redis"]) == (shown, shown)
    assert settings.environment()["PLEK_REDIS"] == redis


@pytest.mark.parametrize(
    ("name", "value", "line"),
    [
        ("PARTITIONS", "quite-secret", "PLEK_PARTITIONS: Input should be a valid integer"),
        ("LOG_LEVEL", "quite-secret", "PLEK_LOG_LEVEL: Input should be 'debug'"),
        ("REDIS", "quite-secret", "PLEK_REDIS: must be a URL such as redis://host:6379/0"),
        ("REDIS", "redis://:quite/secret@r:6379/0", "PLEK_REDIS: must be a URL such as redis://host:6379/0"),
        ("PSEUDONYM_KEY_FILE", "/quite-secret", "the file that PLEK_PSEUDONYM_KEY_FILE names can't be read"),
        ("PSEUDONYM_KEY", "quite-secret", "PLEK_PSEUDONYM_KEY: must be 32 bytes or longer, also in its _FILE"),
        ("REGIONS", "/quite-secret", "PLEK_REGIONS: the file can't be read"),
        ("KAFKA_SECURITY", "quite-secret", "PLEK_KAFKA_SECURITY: Input should be 'PLAINTEXT', 'SSL'"),
        ("KAFKA_SECURITY", "SASL_SSL", "PLEK_KAFKA_SECURITY authenticates: set PLEK_KAFKA_USER, and PLEK_KAFKA_PASSWORD or its _FILE"),
        ("KAFKA_USER", "quite-secret", "PLEK_KAFKA_USER needs SASL_SSL or SASL_PLAINTEXT as PLEK_KAFKA_SECURITY"),
        ("KAFKA_CA_FILE", "/quite-secret", "PLEK_KAFKA_CA_FILE needs SASL_SSL or SSL as PLEK_KAFKA_SECURITY"),
        ("KAFKA_PASSWORD_FILE", "/quite-secret", "the file that PLEK_KAFKA_PASSWORD_FILE names can't be read"),
        ("AREA_SHELTER", "quite-secret", "PLEK_AREA_SHELTER is no setting: PLEK_AREA_SHELTERS is"),
        ("DISCLOSURE", "strict", "PLEK_DISCLOSURE: must be `guarded`, or `strict until YYYY-MM-DD`"),
        ("DISCLOSURE", "strict until 2026-02-30", "PLEK_DISCLOSURE: must be `guarded`, or `strict until YYYY-MM-DD`"),
        ("UNHEARD_OF", "quite-secret", "PLEK_UNHEARD_OF is no setting: docs/settings.md lists them"),
        ("FRESH_HOURS", "31", "PLEK_FRESH_HOURS must be less than PLEK_UNKNOWN_HOURS"),
    ],
)
def test_a_wrong_setting_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, value: str, line: str
) -> None:
    """The error of a wrong setting is one line that names the setting and the rule, and shows no value."""
    monkeypatch.setenv(f"PLEK_{name}", value)
    with pytest.raises(SystemExit) as ended:
        read()
    error = capsys.readouterr().err
    assert ended.value.code == 2
    assert error.startswith(line)
    assert len(error.splitlines()) == 1
    assert not {"quite", "secret", "31"} & set(re.split(r"\W+", error))


@pytest.mark.e2e
@pytest.mark.parametrize("service", ["api", "gateway", "monitor"])
def test_pseudonyms_shared_by_services_need_a_key(service: str) -> None:
    """With an issuer on another machine, a service without a pseudonym key does not start."""
    environment = os.environ | {"PLEK_ISSUER": "https://id.example.nl"}
    command = (sys.executable, "-m", f"services.{service}")
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("PLEK_PSEUDONYM_KEY must be set, or its _FILE")
    assert done.stderr.count("\n") == 1


@pytest.mark.e2e
@pytest.mark.parametrize("service", ["processor", "api", "gateway", "local.servers.oidc_issuer"])
def test_a_service_with_a_wrong_setting_ends_in_that_line(service: str) -> None:
    """A service that is started by hand with a wrong setting has no traceback and exit code 2."""
    command = (sys.executable, "-m", f"services.{service}")
    done = subprocess.run(command, env=os.environ | {"PLEK_PARTITIONS": "x"}, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch(r"PLEK_PARTITIONS: Input should be a valid integer.*\n", done.stderr)


def test_the_cache_follows_the_desktop_standard(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """XDG_CACHE_HOME is where downloads are kept; an empty one counts as none."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert Settings().cache == tmp_path / "plek"
    monkeypatch.setenv("XDG_CACHE_HOME", "")
    assert Settings().cache == Path.home() / ".cache" / "plek"


def test_hooks_are_read_from_their_file_and_never_shown(tmp_path: Path) -> None:
    """The addresses and secrets of pagers reach a service through the file alone; a wrong one is refused with its rule."""
    secret = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3"
    hooks = f'{{"org-1": {{"url": "https://pager.example/quite-secret", "secret": "{secret}"}}}}'
    settings = Settings.model_validate(_filed(tmp_path, notice_hooks=hooks))
    assert settings.notice_hooks is not None
    assert settings.notice_hooks.get_secret_value() == hooks
    shown = f"{settings!r} {settings.shown()} {settings.environment()}"
    assert "quite-secret" not in shown
    assert secret not in shown
    with pytest.raises(ValidationError, match="https://") as wrong:
        Settings.model_validate(_filed(tmp_path, notice_hooks=hooks.replace("https", "http")))
    assert secret not in str(wrong.value)
