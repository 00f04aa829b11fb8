"""Searches and offers that an API of an older version sealed: they are over, as if a day had passed, and are no fault."""

from pathlib import Path
from typing import Final

from services.adapters.auth.pseudonyms import Pseudonyms
from services.adapters.http.sealed_tokens import SealedTokens
from tests.api.conftest import kind
from tests.api.desks import MOTHER, desks

SEALS: Final = SealedTokens(Pseudonyms("key").sealing_key("offers"))
HOTEL: Final = MOTHER | {"accommodation": "hotel", "reason": "nothing_free"}


async def test_what_an_older_version_sealed_is_over(tmp_path: Path) -> None:
    """Its search is gone on with by nobody and its offer is not held, each refused as one that is over; a hotel is logged all the same."""
    async with desks(tmp_path) as at:
        await at.shelters("berk")
        found, worker = await at.search(), at.callers.worker()
        [searched, offered] = [SEALS.open("search", found["search"]), SEALS.open("offer", found["offers"][0]["offer"])]
        assert searched
        assert offered
        search = SEALS.seal("search", searched[:4])
        offer = SEALS.seal("offer", [offered[0], offered[1][:4], *offered[2:]])
        assert kind(await at.call("post", "/v1/searches", worker, MOTHER | {"again_of": search})) == (400, "invalid")
        assert kind(await at.call("post", f"/v1/searches/{search}/end", worker, {"outcome": "withdrawn"})) == (403, "forbidden")
        assert kind(await at.hold(offer)) == (410, "offer-over")
        assert (await at.call("post", "/v1/fallbacks", worker, HOTEL | {"again_of": search})).status_code == 201
