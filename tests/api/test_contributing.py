"""The route that CONTRIBUTING.md adds, added and tested as it stands there."""

import re
from pathlib import Path
from typing import Annotated, Any, Final

import pytest
from fastapi import Depends, FastAPI

from services.adapters.audit.records import shelters
from services.adapters.http.call import Call
from services.adapters.http.route_policy import RoutePolicy
from services.api.read_model.answer_models import AnswerModel
from services.api.read_model.country_cache import CountryCache
from tests.api.desks import Desks, desks

_TOP = Path(__file__).parents[2]
_IMPORTED = (Annotated, Depends, Final, FastAPI, AnswerModel, Call, CountryCache, Desks, RoutePolicy, shelters)


@pytest.fixture
def example() -> dict[str, Any]:
    """Execute the example of a route."""
    [code] = re.findall(r"## Add a route\n.*?```python\n(.*?)```", (_TOP / "CONTRIBUTING.md").read_text("utf-8"), re.DOTALL)
    names = {getattr(each, "__name__", None) or str(each).rpartition(".")[2]: each for each in _IMPORTED}
    exec(code, names)  # noqa: S102 - it is our own page
    return names


async def test_the_example_of_a_route_works_as_it_is_written(example: dict[str, Any], tmp_path: Path) -> None:
    """Its models, policy, handler and test run without a change, in under forty lines."""
    async with desks(tmp_path) as at:
        example["add_region_counts"](at.app, at.duty.mirror)
        await example["test_a_coordinator_reads_an_own_region_only"](at)
