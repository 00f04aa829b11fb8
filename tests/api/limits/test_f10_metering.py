"""What finding F10 of the security review showed to be unmetered at the API: refusals of an unmetered route, and fallbacks without end."""

from pathlib import Path
from uuid import uuid4

from services.adapters.auth.rate_limits import DEFAULT_RATES
from tests.api.demand.test_fallbacks import HOTEL
from tests.api.desks import OFTEN, desks

_END = {"outcome": "home"}


async def test_f10_refused_ends_of_unknown_fallbacks_are_metered(tmp_path: Path) -> None:
    """A script that ends fallbacks it made up gets 403 and an audit record 60 times, then 429 and none; a real one still ends."""
    async with desks(tmp_path, often=OFTEN | {"refusal": DEFAULT_RATES.of["refusal"]}) as at:
        who = at.callers.worker()
        fallback = (await at.call("post", "/v1/fallbacks", who, HOTEL)).json()["fallback"]
        answers = [await at.call("post", f"/v1/fallbacks/{uuid4()}/end", who, _END) for _ in range(70)]
        assert [each.status_code for each in answers] == [403] * 60 + [429] * 10
        assert answers[-1].json()["limit"] == "refusal"
        assert int(answers[-1].headers["Retry-After"]) <= 60
        assert at.audited.told.count(("demand-logged", "refused", [])) == 60
        assert (await at.call("post", f"/v1/fallbacks/{fallback}/end", who, _END)).status_code == 200


async def test_f10_the_61st_fallback_of_an_hour_is_flagged_and_none_is_refused(tmp_path: Path) -> None:
    """61 fallbacks of one person within an hour are logged, and the coordinator of the region reads one alert of kind `fallbacks`."""
    async with desks(tmp_path) as at:
        for number in range(62):
            answer = await at.call("post", "/v1/fallbacks", at.callers.worker(), HOTEL)
            assert answer.status_code == 201
            listed = (await at.call("get", "/v1/alarms", at.callers.coordinator("R07"))).json()["alarms"]
            assert [(each["what"], each["count"]) for each in listed] == ([("fallbacks", 61)] if number >= 60 else [])
