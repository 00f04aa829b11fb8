"""Writes the manifests for two operators of Kubernetes from what Plek says once: topics and rights for Strimzi, alerts for Prometheus'."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import yaml

from services.adapters.kafka.strimzi import topic_resources, user_resources
from services.adapters.kafka.topics import Topics

_HEAD: Final = "# Written by `make docs`; `plek cluster --strimzi` prints the same with the organisations of yours.\n"
_RULES_HEAD: Final = "# Written by `make docs` from deploy/dashboards/alerts.yaml.\n"
_ALERTS: Final = Path("deploy/dashboards/alerts.yaml")
_LINE: Final = 130


def manifests() -> dict[Path, str]:
    """Return every generated manifest by its path."""
    names = Topics()
    return {
        Path("deploy/strimzi/topics.yaml"): _HEAD + _documents(topic_resources(names)),
        Path("deploy/strimzi/users.yaml"): _HEAD + _documents(user_resources(names)),
        Path("deploy/prometheus-operator/rules.yaml"): _RULES_HEAD + _documents([_rule(_ALERTS.read_text("utf-8"))]),
    }


def _rule(alerts: str) -> dict[str, Any]:
    """Return Prometheus' own rules as a PrometheusRule: its `spec` is their file."""
    metadata = {"name": "plek", "labels": {"app": "plek"}}
    return {"apiVersion": "monitoring.coreos.com/v1", "kind": "PrometheusRule", "metadata": metadata, "spec": yaml.safe_load(alerts)}


def _documents(resources: Iterable[dict[str, Any]]) -> str:
    """Return resources as one YAML file."""
    return str(yaml.safe_dump_all(resources, sort_keys=False, allow_unicode=True, width=_LINE))
