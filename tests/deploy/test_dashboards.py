"""What is watched: dashboards and alerts name metrics and labels that exist, and every alert has its paragraph in the runbook."""

import json
import re
from typing import Any, Final

import pytest
import yaml

from services.adapters.config.settings import Settings
from services.adapters.observability.metrics import DESCRIBED
from services.cli.main import VERBS
from tests.deploy.composed import ROOT

DASHBOARD: Final[dict[str, Any]] = json.loads((ROOT / "deploy" / "dashboards" / "plek.json").read_text("utf-8"))
ALERTS: Final[list[dict[str, Any]]] = [
    rule
    for group in yaml.safe_load((ROOT / "deploy" / "dashboards" / "alerts.yaml").read_text("utf-8"))["groups"]
    for rule in group["rules"]
]
RUNBOOK: Final = (ROOT / "deploy" / "runbook.md").read_text("utf-8")
_QUERIES: Final = [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]] + [rule["expr"] for rule in ALERTS]


def _metric(name: str) -> str:
    """Take off what Prometheus adds to a histogram."""
    return re.sub(r"_(?:bucket|sum|count)$", "", name)


@pytest.mark.parametrize("query", _QUERIES)
def test_a_query_names_what_exists(query: str) -> None:
    """Every metric is one of ours, and is grouped or chosen by labels that it has."""
    metrics = {_metric(name): name for name in re.findall(r"\bplek_\w+", query)}
    assert metrics
    assert set(metrics) <= set(DESCRIBED)
    labels = {label for listed in re.findall(r"by \(([^)]*)\)", query) for label in listed.split(", ")}
    labels |= set(re.findall(r"(\w+)=\"", query))
    has = {label for name, described in DESCRIBED.items() if name in metrics for label in described.labels} | {"le"}
    assert labels <= has
    assert query.count("(") == query.count(")")


def test_every_metric_of_a_fault_is_watched() -> None:
    """A metric that says something is wrong stands on the dashboard, and in an alert."""
    drawn = " ".join(target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"])
    told = " ".join(rule["expr"] for rule in ALERTS)
    of_the_view = ("plek_view_age_seconds", "plek_lag_records", "plek_part_up", "plek_setup_faults", "plek_canary_differences")
    of_the_log = ("plek_dead_letters_total", "plek_outbox_records", "plek_audit_head_faults", "plek_audit_head_seconds")
    for name in (*of_the_view, *of_the_log):
        assert name in drawn
        assert name in told


def test_every_metric_is_on_a_panel() -> None:
    """No metric is counted that is shown nowhere."""
    drawn = " ".join(target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"])
    shown = {_metric(name) for name in re.findall(r"\bplek_\w+", drawn)}
    assert sorted(set(DESCRIBED) - shown) == []


def test_the_operator_is_given_the_same_alerts() -> None:
    """The PrometheusRule holds the groups of alerts.yaml, and nothing else."""
    rule = yaml.safe_load((ROOT / "deploy" / "prometheus-operator" / "rules.yaml").read_text("utf-8"))
    assert rule["spec"] == yaml.safe_load((ROOT / "deploy" / "dashboards" / "alerts.yaml").read_text("utf-8"))


@pytest.mark.parametrize("alert", ALERTS, ids=lambda rule: rule["alert"])
def test_an_alert_says_what_to_do(alert: dict[str, Any]) -> None:
    """At three in the night its name is looked up, and what to do stands there."""
    assert set(alert["labels"].values()) <= {"page", "ticket"}
    paragraph = RUNBOOK.partition(f"### {alert['alert']}\n")[2].partition("\n#")[0]
    assert len(paragraph.split()) > 15


@pytest.mark.parametrize("alert", ALERTS, ids=lambda rule: rule["alert"])
def test_an_alert_links_its_paragraph(alert: dict[str, Any]) -> None:
    """Its `runbook_url` ends in the anchor of the heading that the runbook has of that name."""
    anchors = {heading.lower().replace(" ", "-") for heading in re.findall(r"^#+ (.+)$", RUNBOOK, re.MULTILINE)}
    page, _, anchor = alert["annotations"]["runbook_url"].partition("#")
    assert page == "https://plek.example/runbook"
    assert anchor == alert["alert"].lower()
    assert anchor in anchors


def test_no_panel_lies_on_another() -> None:
    """Each has its own place and number."""
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in DASHBOARD["panels"]]
    assert len(set(places)) == len(places) == len({panel["id"] for panel in DASHBOARD["panels"]})


def test_the_runbook_names_verbs_and_settings_that_exist() -> None:
    """What was renamed in the code is renamed where it is needed most."""
    assert set(re.findall(r"`plek ([a-z-]+)", RUNBOOK)) <= set(VERBS)
    known = {f"PLEK_{name.upper()}" for name in Settings.model_fields}
    assert set(re.findall(r"PLEK_[A-Z_]+", RUNBOOK)) <= known
    assert [path for path in re.findall(r"`(deploy/[\w./-]+\w)`", RUNBOOK) if not (ROOT / path).exists()] == []
