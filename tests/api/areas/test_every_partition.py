"""The counts of areas are of every partition, and as old as the oldest of them."""

import pytest

from services.adapters.kafka.topics import partition_of
from services.api.read_model.data_age import AgeLimits
from tests.api.conftest import Window
from tests.sent import declared, registered


def _shelter_in(partition: int) -> str:
    return next(name for number in range(1_000) if partition_of((name := f"s{number}").encode(), 12) == partition)


@pytest.mark.parametrize("partition", [0, 11])
async def test_a_shelter_of_any_partition_counts(window: Window, partition: int) -> None:
    """The only free unit of the country is counted, also where it is in the first or in the last partition."""
    name = _shelter_in(partition)
    await window.folded.fold(registered(name), declared("u1", name))
    await window.board.refresh()
    assert [area.value for area in window.board.answer().areas] == ["capacity"]


@pytest.mark.parametrize(("beyond", "fresh"), [(0, True), (1, False)])
async def test_counts_are_as_old_as_their_oldest_partition(window: Window, beyond: int, *, fresh: bool) -> None:
    """One partition that was not stamped lately makes the counts old, however new the other eleven are."""
    await window.folded.stand(7, alive_at=window.folded.now - AgeLimits().degraded_ms - beyond)
    await window.board.refresh()
    assert window.board.fresh is fresh
