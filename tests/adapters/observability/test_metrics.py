"""Metrics: every name is described, and two services in one process don't add up."""

from pathlib import Path
from typing import get_args

import pytest

import services
from services.adapters.observability.metrics import DESCRIBED, Counted, Gauged, Metrics, Timed


def test_every_metric_is_described() -> None:
    """Every metric has a description with its labels, and no other name has one."""
    assert set(DESCRIBED) == {*get_args(Counted), *get_args(Timed), *get_args(Gauged)}


@pytest.mark.parametrize("name", DESCRIBED)
def test_every_metric_is_measured(name: str) -> None:
    """Every metric is set by some service: one that is never set would always look well."""
    sources = (path for folder in services.__path__ for path in Path(folder).rglob("*.py") if path.name != "metrics.py")
    assert any(f'"{name}"' in path.read_text("utf-8") for path in sources)


def test_the_page_is_what_prometheus_reads() -> None:
    """The page has counters, durations and gauges with their labels."""
    metrics = Metrics()
    metrics.count("plek_events_total", 3, way="http", type="admission", answer="accepted")
    metrics.observe("plek_ack_seconds", 0.02)
    metrics.set("plek_part_up", 1, part="kafka")
    page = metrics.page().decode()
    assert 'plek_events_total{answer="accepted",type="admission",way="http"} 3.0' in page
    assert 'plek_ack_seconds_bucket{le="0.025"} 1.0' in page
    assert 'plek_part_up{part="kafka"} 1.0' in page
    assert "_created" not in page  # a series of its own for the birth of each counter
    assert 'plek_part_up{part="kafka"}' not in Metrics().page().decode()
