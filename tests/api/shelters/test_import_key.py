"""GET /v1/shelters/{id}/import-key: who gets the key of a shelter, and that it is the same each time and another of each shelter."""

from tests.api.conftest import Window, kind
from tests.sent import registered


async def _key(window: Window, shelter: str, headers: dict[str, str]) -> str:
    answer = await window.get(f"/v1/shelters/{shelter}/import-key", headers)
    key: str = answer.json()["key"]
    return key


async def test_everybody_who_may_bring_in_gets_the_same_key(window: Window) -> None:
    """A shelter, its coordinator and an operator make the same ids of the same row; of another shelter the ids are others."""
    await window.folded.fold(registered(), registered("den", "R07"))
    shelter, coordinator, operator = window.callers.shelter("berk"), window.callers.coordinator("R07"), window.callers.operator
    keys = {await _key(window, "berk", who) for who in (shelter, coordinator, operator, shelter)}
    assert len(keys) == 1
    assert await _key(window, "den", operator) not in keys
    assert {len(key) for key in keys} == {64}


async def test_who_may_not_bring_in_gets_no_key(window: Window) -> None:
    """Another's shelter and one that does not exist are answered alike; other roles are refused for their role."""
    await window.folded.fold(registered("den", "R01"))
    for who in (window.callers.shelter("berk"), window.callers.coordinator("R07")):
        answers = [await window.get(f"/v1/shelters/{shelter}/import-key", who) for shelter in ("den", "nowhere")]
        assert [kind(answer) for answer in answers] == [(403, "forbidden")] * 2
        assert answers[0].content == answers[1].content
    for role in ("worker", "analyst", "auditor"):
        assert kind(await window.get("/v1/shelters/den/import-key", window.callers.of(role))) == (403, "forbidden")


async def test_a_shelter_and_an_operator_need_no_registration(window: Window) -> None:
    """A shelter that is not registered yet can be brought in by itself and by an operator."""
    for who in (window.callers.shelter("berk"), window.callers.operator):
        assert (await window.get("/v1/shelters/berk/import-key", who)).status_code == 200
