"""One host: what docker-compose would start is whole, locked up, and impossible without secrets of one's own."""

import os
import re
import stat
from pathlib import Path
from typing import Any

import pytest

from services.adapters.config.settings import Settings
from services.adapters.config.transport import plain_connections
from services.adapters.kafka.acl_rules import ADMIN, ROLES
from services.adapters.view.redis_acl_rules import ROLES as REDIS_ROLES
from tests.deploy.composed import IMAGE_HOST, ISSUER, ROOT, compose, composed, make_secrets

pytestmark = pytest.mark.e2e

_OURS = ("gateway", "processor-1", "processor-2", "api-1", "api-2", "monitor", "init")


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Secrets of an installation with one organisation."""
    return make_secrets(tmp_path_factory.mktemp("installed") / "secrets", "org-1")


@pytest.fixture(scope="module")
def services(secrets: Path) -> dict[str, Any]:
    """Every service as it would be started."""
    found: dict[str, Any] = composed(secrets)["services"]
    return found


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({}, "SECRETS must name the folder that deploy/secrets.sh made"),
        ({"SECRETS": "/nowhere"}, "PLEK_ISSUER must name your OpenID issuer"),
        ({"SECRETS": "", "PLEK_ISSUER": ISSUER}, "SECRETS must name the folder that deploy/secrets.sh made"),
    ],
)
def test_nothing_starts_without_what_only_the_operator_knows(given: dict[str, str], missing: str) -> None:
    """There is no default secret and no default issuer: one line says what is missing."""
    done = compose(**given)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.rstrip().endswith(missing)
    assert len(done.stderr.splitlines()) == 1


def test_all_of_it_is_there(services: dict[str, Any]) -> None:
    """Three brokers, Redis, two of what can be two, the door."""
    assert set(services) == {"kafka-1", "kafka-2", "kafka-3", "redis", "front", "web", *_OURS}


def test_only_the_door_is_published(services: dict[str, Any]) -> None:
    """And on loopback, until the operator says where."""
    assert {name: [*map(str, each["ports"])] for name, each in services.items() if "ports" in each} == {
        "front": ["127.0.0.1:8080:8080/tcp"]
    }


def test_only_who_must_reaches_the_outside(services: dict[str, Any], secrets: Path) -> None:
    """Those who fetch the issuer's keys; brokers, Redis and processors have no way out, and controllers a network of their own."""
    networks = composed(secrets)["networks"]
    outside = {name for name, network in networks.items() if not network.get("internal")}
    assert {name for name, each in services.items() if outside & set(each["networks"])} == {
        "front",
        "gateway",
        "api-1",
        "api-2",
        "monitor",
        "web",
    }
    assert {name for name, each in services.items() if "controllers" in each["networks"]} == {"kafka-1", "kafka-2", "kafka-3"}


def test_the_pages_hold_no_secret_but_the_key_of_their_cookies(services: dict[str, Any]) -> None:
    """The pages know no password of Kafka or Redis and no key of pseudonyms, and no address but the door's and the issuer's."""
    web = services["web"]
    assert [each["source"] for each in web["secrets"]] == ["web-key", "tls-web", "ca"]
    transport = {"PLEK_TLS_FILE", "PLEK_WEB_BEHIND_CA_FILE"}
    assert set(web["environment"]) == {"PLEK_ISSUER", "PLEK_WEB_ADDRESS", "PLEK_WEB_BEHIND", "PLEK_WEB_KEY_FILE"} | transport


def test_each_listens_with_the_certificate_of_its_own_name(services: dict[str, Any]) -> None:
    """No part is given the key of another, and none but `init`, which listens nowhere, is without one."""
    for name, each in services.items():
        role = name if name == "web" else name.rstrip("-123")
        given = [source for secret in each.get("secrets", []) if (source := secret["source"]).startswith("tls-")]
        mounted = [Path(str(volume).partition(":")[0]).name for volume in each.get("volumes", []) if "/tls/" in str(volume)]
        assert given + mounted == ([] if name == "init" else [f"tls-{role}"] if given else [f"{role}.pem", "ca.pem"]), name


def test_only_the_monitor_can_sign_heads(services: dict[str, Any]) -> None:
    """The key that signs heads of the audit log is given to the monitor alone: the two that write most of the log can't sign it."""
    holders = {name for name, each in services.items() if "audit-head-key" in [secret["source"] for secret in each.get("secrets", [])]}
    assert holders == {"monitor"}


def test_only_the_api_and_the_monitor_can_open_needs(services: dict[str, Any]) -> None:
    """The secret that unwraps the keys of needs is given to those who show needs and to those who work figures out, and to no other."""
    holders = {name for name, each in services.items() if "need-key" in [secret["source"] for secret in each.get("secrets", [])]}
    assert holders == {"api-1", "api-2", "monitor"}


def test_every_container_is_locked_up(services: dict[str, Any]) -> None:
    """Nothing can be written but volumes and /tmp, no capability is held, and all but the one-shot say whether they live."""
    for name, each in services.items():
        assert (each["read_only"], each["cap_drop"], each["security_opt"]) == (True, ["ALL"], ["no-new-privileges:true"]), name
        assert ("healthcheck" in each) == (name != "init"), name
        assert re.fullmatch(r"[\w./-]+:[\w.-]+", each["image"]), name
        assert not each["image"].endswith(":latest"), name


@pytest.mark.parametrize("name", _OURS)
def test_a_service_gets_settings_that_it_takes(services: dict[str, Any], secrets: Path, name: str) -> None:
    """Every variable is one of ours, each file is mounted, and together they are valid, with the user of its role."""
    each = services[name]
    given = {key: str(value) for key, value in each["environment"].items()}
    known = {f"PLEK_{field.upper()}" for field in Settings.model_fields}
    assert set(given) <= known
    mounted = {f"/run/secrets/{secret.get('target') or secret['source']}": secret["source"] for secret in each["secrets"]}
    files = {secret: Path(found["file"]) for secret, found in composed(secrets)["secrets"].items()}
    local = {key: str(files[mounted[value]]) if key.endswith("_FILE") else value for key, value in given.items()}
    settings = Settings.model_validate({key.removeprefix("PLEK_").lower(): value for key, value in local.items()})
    user = ADMIN if name == "init" else name.partition("-")[0]
    folder = "broker" if name == "init" else "users"
    assert (settings.kafka_user, settings.brokers.password) == (user, (secrets / folder / user).read_text())
    assert len(settings.brokers.addresses.split(",")) == 3
    assert settings.pseudonym_key is not None
    redis_user = "operator" if name == "init" else user
    password = (secrets / "redis-users" / redis_user).read_text()
    assert settings.redis == f"rediss://{redis_user}:{password}@redis:6379/0?ssl_ca_certs=/run/secrets/ca"
    assert plain_connections(settings.model_copy(update={"host": IMAGE_HOST if name != "init" else settings.host})) is None


def test_nobody_is_given_the_secret_of_another(services: dict[str, Any]) -> None:
    """Only who makes the users has all of theirs; no secret stands in the configuration."""
    holders = {name for name, each in services.items() if any("/users" in str(volume) for volume in each.get("volumes", []))}
    assert holders == {"init"}


def test_what_is_mounted_exists(services: dict[str, Any], secrets: Path) -> None:
    """Every file and folder of the project that a container is given is there."""
    sources = {str(volume).partition(":")[0] for each in services.values() for volume in each.get("volumes", [])}
    paths = [Path(source) for source in sources if source.startswith("/")]
    assert len([path for path in paths if path.is_relative_to(ROOT)]) == 3
    assert [path for path in paths if not path.exists()] == []
    assert secrets / "broker" in paths


def test_the_image_copies_what_is_there() -> None:
    """The image is built from files of the project, by a user who is not root, and .dockerignore lets them in."""
    text = (ROOT / "deploy" / "Dockerfile").read_text("utf-8")
    copied = re.findall(r"^COPY (?!--from)(\S+)", text, re.MULTILINE)
    allowed = re.findall(r"^!(\S+)", (ROOT / ".dockerignore").read_text("utf-8"), re.MULTILINE)
    assert sorted(copied) == sorted(allowed)
    assert all((ROOT / source).exists() for source in copied)
    assert re.search(r"^USER 10001:10001$", text, re.MULTILINE)
    assert "--require-hashes" in text


def test_secrets_are_made_once_and_behind_a_closed_door(secrets: Path) -> None:
    """MadeRecord again nothing changes; all differ; nobody but the owner comes into the folder; each role has one."""
    files = [file for file in sorted(secrets.rglob("*")) if file.is_file()]
    before = [file.read_text() for file in files]
    make_secrets(secrets, "org-1")
    assert [file.read_text() for file in files] == before
    assert len(set(before)) == len(before)
    assert min(map(len, before)) >= 22
    assert stat.S_IMODE(secrets.stat().st_mode) == 0o700
    assert {file.name for file in (secrets / "users").iterdir()} == {*ROLES, "organisation-org-1"}
    assert {file.name for file in (secrets / "redis-users").iterdir()} == set(REDIS_ROLES)
    assert os.access(secrets / "broker" / "cluster-id", os.R_OK)
