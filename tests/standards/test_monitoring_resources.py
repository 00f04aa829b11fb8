"""What the Prometheus operator is given, against its own types as an npm package has them."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.standards.merged import ROOT
from tests.standards.tools import node, require_tools

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]


async def _validate(resources: list[dict[str, Any]], folder: Path) -> list[str | None]:
    require_tools()
    file = folder / "resources.json"
    file.write_text(json.dumps(resources))
    answers: list[str | None] = await node("validate_monitoring.mjs", file)
    return answers


def _resources() -> list[dict[str, Any]]:
    folder = ROOT / "deploy" / "prometheus-operator"
    return [each for name in ("pod-monitors.yaml", "rules.yaml") for each in yaml.safe_load_all((folder / name).read_text("utf-8"))]


async def test_the_prometheus_operator_takes_each_resource(tmp_path: Path) -> None:
    """Each PodMonitor and the PrometheusRule is valid; one with a number where a text belongs is not."""
    resources = _resources()
    assert await _validate(resources, tmp_path) == [None] * len(resources)
    wrong = {**resources[0], "spec": {"podMetricsEndpoints": [{"port": 8080}]}}
    (answer,) = await _validate([wrong], tmp_path)
    assert answer
