"""The figure service: whether it calls its country simulated."""

from functools import partial
from pathlib import Path

from services.adapters.datasets import COUNTRY, is_simulated
from services.adapters.regions import read_regions
from services.domain.beds.staleness import StalenessLimits
from services.monitor.figure_service import FigureService
from services.monitor.query import Query


def test_a_live_data_set_in_which_a_simulation_runs_is_simulated(tmp_path: Path) -> None:
    """Once a simulation has run in a data set of a real name, every result from the next refresh on is marked simulated."""
    service = FigureService(
        tmp_path / "monitor", read_regions(), simulated=partial(is_simulated, "plek", tmp_path), limits=StalenessLimits()
    )
    query = Query(figures=("capacity",), at=0)
    marks = [service.ask(query).simulated]
    (tmp_path / COUNTRY).touch()
    service.refresh()
    marks.append(service.ask(query).simulated)
    assert marks == [False, True]
