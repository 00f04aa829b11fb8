"""GET /v1/operator/state: the whole state, in any condition of the view, and for operators only."""

import pytest

from services.domain.beds.staleness import StalenessLimits
from tests.api.conftest import Window, kind
from tests.processor.states import state
from tests.sent import admitted, declared, registered


async def test_the_state_is_that_of_the_tapes_with_its_age_beside_it(window: Window) -> None:
    """Every member of the expected results, and how old it is and where it stands."""
    await window.folded.fold(registered(), declared(), admitted(), registered("den", "R01"))
    told = (await window.get("/v1/operator/state", window.callers.operator)).json()
    expected = await state(window.folded.view, window.folded.now, 12, StalenessLimits())
    assert {name: told[name] for name in expected} == expected
    assert set(told) - set(expected) == {"as_of", "age_seconds", "degraded", "can_hold", "duty_list", "rebuilding", "positions", "halted"}


async def test_an_operator_sees_what_is_wrong(window: Window) -> None:
    """Rebuilding, standing still or never begun: shown, and said so, rather than not shown."""
    await window.folded.fold(registered())
    await window.folded.stand(3, rebuild_until=100)
    await window.folded.view.halt(4, "version_too_new")
    told = (await window.get("/v1/operator/state", window.callers.operator)).json()
    assert (told["rebuilding"], told["halted"]) == (True, {"4": "version_too_new"})
    window.folded.view.wipe()
    empty = (await window.get("/v1/operator/state", window.callers.operator)).json()
    assert (empty["rebuilding"], empty["as_of"], set(empty["positions"].values())) == (True, None, {None})


@pytest.mark.parametrize("role", ["shelter", "worker", "coordinator", "analyst", "auditor"])
async def test_nobody_else_does(window: Window, role: str) -> None:
    """The whole state tells who moved where."""
    headers = {"shelter": window.callers.shelter("berk"), "coordinator": window.callers.coordinator("R07")}
    assert kind(await window.get("/v1/operator/state", headers.get(role) or window.callers.of(role))) == (403, "forbidden")


async def test_without_the_view_there_is_nothing_to_show(window: Window) -> None:
    """503, for operators too."""
    window.folded.view.away = True
    assert kind(await window.get("/v1/operator/state", window.callers.operator)) == (503, "data-unavailable")
