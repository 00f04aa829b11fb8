"""Beyond one host: the manifests are what Kubernetes' own schemas allow, locked up, and name settings and files that exist."""

import re
import subprocess
from pathlib import Path
from typing import Any, Final

import kubernetes_validate
import pytest
import yaml

from services.adapters.config.settings import Settings
from services.adapters.config.transport import plain_connections
from services.adapters.kafka.acl_rules import ADMIN, ROLES
from tests.deploy.composed import IMAGE_HOST, ROOT, make_secrets, program

DEPLOY: Final = ROOT / "deploy"
_KUSTOMIZATION: Final[dict[str, Any]] = yaml.safe_load((DEPLOY / "kustomization.yaml").read_text("utf-8"))
_OBJECTS: Final[list[dict[str, Any]]] = [
    read for name in _KUSTOMIZATION["resources"] for read in yaml.safe_load_all((DEPLOY / name).read_text("utf-8"))
]
_PODS: Final = {
    each["metadata"]["name"]: each["spec"]["template"]["spec"]
    for each in _OBJECTS
    if "template" in each["spec" if "spec" in each else "metadata"]
}
_SETTINGS: Final[dict[str, str]] = next(each["data"] for each in _OBJECTS if each["kind"] == "ConfigMap")
_OURS: Final = ("init", "processor", "gateway", "api", "monitor")


def _kinds(kind: str) -> list[dict[str, Any]]:
    return [each for each in _OBJECTS if each["kind"] == kind]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the certificates of an installation."""
    return make_secrets(tmp_path_factory.mktemp("installed") / "secrets") / "tls"


def test_every_manifest_is_applied() -> None:
    """A file that nobody lists is not there."""
    assert {f"kubernetes/{file.name}" for file in (DEPLOY / "kubernetes").iterdir()} == set(_KUSTOMIZATION["resources"])


@pytest.mark.parametrize("written", _OBJECTS, ids=lambda each: f"{each['kind']}-{each['metadata']['name']}")
def test_a_manifest_is_valid(written: dict[str, Any]) -> None:
    """As the schemas of Kubernetes have it, with no member they do not know."""
    kubernetes_validate.validate(written, kubernetes_validate.latest_version(), strict=True)


@pytest.mark.parametrize("name", _PODS)
def test_a_pod_is_locked_up(name: str) -> None:
    """Nobody is root, nothing can be written but volumes, memory has an end, and no token of Kubernetes is at hand."""
    pod = _PODS[name]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["automountServiceAccountToken"] is False
    for container in pod["containers"]:
        secured = container["securityContext"]
        assert (secured["readOnlyRootFilesystem"], secured["allowPrivilegeEscalation"]) == (True, False)
        assert secured["capabilities"] == {"drop": ["ALL"]}
        assert {"memory"} == set(container["resources"]["limits"])
        assert {"cpu", "memory"} == set(container["resources"]["requests"])
        assert ("readinessProbe" in container) == (name != "init")


@pytest.mark.e2e
@pytest.mark.parametrize("name", _OURS)
def test_a_service_gets_settings_that_it_takes(name: str, tmp_path: Path, made: Path) -> None:
    """Every variable is one of ours, every file is mounted from a secret of the operator's, and the user is its role's."""
    (container,) = _PODS[name]["containers"]
    given = _SETTINGS | {each["name"]: each["value"] for each in container["env"]}
    assert set(given) <= {f"PLEK_{field.upper()}" for field in Settings.model_fields}
    secrets = next(volume["projected"]["sources"] for volume in _PODS[name]["volumes"] if volume["name"] == "secrets")
    items = {item["path"]: (source["secret"]["name"], item["key"]) for source in secrets for item in source["secret"]["items"]}
    mounted = next(mount["mountPath"] for mount in container["volumeMounts"] if mount["name"] == "secrets")
    files = {key: Path(value) for key, value in given.items() if key.endswith("_FILE")}
    certificates = {name: (made / items[name][1]).read_text() for name in ("tls", "ca") if name in items}
    assert all(str(file.parent) == mounted and file.name in items for file in files.values())
    for key, file in files.items():
        (tmp_path / file.name).write_text(certificates.get(file.name) or "5ec4e7ed" * 8)
        given[key] = str(tmp_path / file.name)
    settings = Settings.model_validate({key.removeprefix("PLEK_").lower(): value for key, value in given.items()})
    user = ADMIN if name == "init" else name
    assert (settings.kafka_user, items["kafka"]) == (user, ("broker" if name == "init" else "users", user))
    assert len(settings.brokers.addresses.split(",")) == 3
    redis_user = "operator" if name == "init" else name
    assert settings.redis == f"rediss://{redis_user}:{'5ec4e7ed' * 8}@redis:6379/0?ssl_ca_certs={mounted}/ca"
    assert "ca" in items
    assert plain_connections(settings.model_copy(update={"host": settings.host if name == "init" else IMAGE_HOST})) is None
    assert items["redis"] == ("redis-users", redis_user)


def test_only_who_makes_the_users_sees_all_their_passwords() -> None:
    """Every other pod is given its own."""
    whole = {
        name
        for name, pod in _PODS.items()
        for volume in pod.get("volumes", [])
        if "secret" in volume and volume["secret"]["secretName"] == "users"
    }
    assert whole == {"init"}
    assert set(ROLES) >= {name for name in _OURS if name != "init"}


def test_the_files_of_the_brokers_are_those_of_the_tests() -> None:
    """The same files as on one host; what the broker writes into its log is written as on one machine."""
    generated = [DEPLOY / file for made in _KUSTOMIZATION["configMapGenerator"] for file in made["files"]]
    assert set(generated) == {file for name in ("kafka", "redis", "front") for file in (DEPLOY / name).iterdir()}
    ours = ROOT / "services" / "local" / "servers" / "log4j2.properties"
    assert (DEPLOY / "kafka" / ours.name).read_text("utf-8") == ours.read_text("utf-8")


def test_what_can_be_two_survives_a_drained_node() -> None:
    """Two of each service, three brokers; of each at most one is taken away at a time."""
    budgets = {each["metadata"]["name"]: each["spec"] for each in _kinds("PodDisruptionBudget")}
    replicas = {each["metadata"]["name"]: each["spec"]["replicas"] for kind in ("Deployment", "StatefulSet") for each in _kinds(kind)}
    assert set(budgets) == {name for name, number in replicas.items() if number > 1}
    assert budgets["kafka"]["maxUnavailable"] == 1
    assert replicas["kafka"] == 3


@pytest.mark.e2e
@pytest.mark.parametrize("name", sorted(set(_PODS) - {"init"}))
def test_a_pod_has_the_certificate_of_its_own_name(name: str, made: Path) -> None:
    """Each is given its own key and no other, and the authority; the name that its callers check is in the certificate."""
    sources = [
        source
        for volume in _PODS[name]["volumes"]
        for source in (volume.get("projected", {}).get("sources", []) or [{"secret": volume.get("secret", {})}])
    ]
    keys = {item["key"] for source in sources for item in source["secret"].get("items", []) if item["key"].endswith(".pem")}
    assert keys == {f"{name}.pem", "ca.pem"}
    listed = subprocess.run(
        (program("openssl"), "x509", "-noout", "-ext", "subjectAltName", "-in", str(made / f"{name}.pem")),
        capture_output=True,
        text=True,
        check=True,
    )
    assert f"DNS:{name}," in listed.stdout


def test_what_is_more_than_one_is_spread_over_nodes() -> None:
    """Replicas prefer different nodes, and brokers insist on it: one node that fails takes one of each."""
    for each in (*_kinds("Deployment"), *_kinds("StatefulSet")):
        name, pod = each["metadata"]["name"], each["spec"]["template"]["spec"]
        if each["spec"]["replicas"] > 1:
            chosen = {"matchLabels": {"app": name}}
            apart = pod.get("affinity", {}).get("podAntiAffinity", {}).get("requiredDuringSchedulingIgnoredDuringExecution", [])
            rules = [*pod.get("topologySpreadConstraints", []), *apart]
            assert [(rule["topologyKey"], rule["labelSelector"]) for rule in rules] == [("kubernetes.io/hostname", chosen)]


def test_a_stateful_set_has_a_headless_service() -> None:
    """`serviceName` gives each pod a name of its own, and does so with a headless service only."""
    services = {each["metadata"]["name"]: each["spec"] for each in _kinds("Service")}
    for each in _kinds("StatefulSet"):
        assert services[each["spec"]["serviceName"]]["clusterIP"] == "None"


def test_every_service_with_metrics_is_scraped() -> None:
    """There is a PodMonitor for each, at a port of that pod, from where the network policies let Prometheus in; the pages have none."""
    monitors = list(yaml.safe_load_all((DEPLOY / "prometheus-operator" / "pod-monitors.yaml").read_text("utf-8")))
    policies = {each["metadata"]["name"]: each["spec"] for each in _kinds("NetworkPolicy")}
    (reached,) = policies["metrics"]["podSelector"]["matchExpressions"]
    assert {each["metadata"]["name"] for each in monitors} == set(reached["values"])
    for each in monitors:
        app = each["spec"]["selector"]["matchLabels"]["app"]
        (endpoint,) = each["spec"]["podMetricsEndpoints"]
        assert app == each["metadata"]["name"]
        assert (endpoint["path"], endpoint["scheme"]) == ("/metrics", "https")
        assert endpoint["tlsConfig"] == {"serverName": app, "ca": {"secret": {"name": "tls", "key": "ca.pem"}}}
        assert endpoint["port"] in {port["name"] for port in _PODS[app]["containers"][0]["ports"]}


def test_nothing_is_let_in_that_is_not_named() -> None:
    """The first policy forbids all; only the front is reached from the door, and the services behind it from nowhere else."""
    policies = {each["metadata"]["name"]: each["spec"] for each in _kinds("NetworkPolicy")}
    assert policies["nobody"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    assert policies["door"]["podSelector"] == {"matchLabels": {"app": "front"}}
    behind = {"matchExpressions": [{"key": "app", "operator": "In", "values": ["gateway", "api", "monitor", "web"]}]}
    assert policies["behind-front"]["podSelector"] == behind
    assert [each["from"] for each in policies["behind-front"]["ingress"]] == [[{"podSelector": {"matchLabels": {"app": "front"}}}]]
    assert policies["front"]["egress"][0]["to"] == [{"podSelector": behind}]
    assert {each["spec"].get("type", "ClusterIP") for each in _kinds("Service")} == {"ClusterIP"}
    (door,) = _kinds("Ingress")
    paths = [(path["path"], path["backend"]["service"]["name"]) for path in door["spec"]["rules"][0]["http"]["paths"]]
    assert paths == [("/", "front")]
    assert [each["to"] for each in policies["web"]["egress"]] == [[{"podSelector": {"matchLabels": {"app": "front"}}}]]


def test_the_front_is_told_of_services_that_are_there() -> None:
    """Each variable of the front names a service with its port, by its whole name: HAProxy has no search list."""
    (container,) = _PODS["front"]["containers"]
    given = {each["name"]: each["value"] for each in container["env"]}
    ports = {each["metadata"]["name"]: each["spec"]["ports"][0]["port"] for each in _kinds("Service")}
    named = {name: value for name, value in given.items() if name != "FRONT_BIND"}
    addresses = {f"{name}.{_KUSTOMIZATION['namespace']}.svc.cluster.local:{port}" for name, port in ports.items()}
    assert {value for name, value in named.items() if name not in {"FRONT_TLS", "FRONT_CA"}} <= addresses
    written = (DEPLOY / "front" / "haproxy.cfg").read_text("utf-8")
    assert set(re.findall(r"\$\{(\w+)\}", written)) == set(given)


def test_ports_are_those_of_the_settings() -> None:
    """A probe that asks elsewhere would restart for ever."""
    ports = {name: _PODS[name]["containers"][0]["ports"][0]["containerPort"] for name in ("processor", "gateway", "api", "monitor", "web")}
    assert ports == {name: Settings.model_fields[f"{name}_port"].default for name in ports}
