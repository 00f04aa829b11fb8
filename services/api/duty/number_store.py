"""The numbers of the duty list that all API processes share, each with the instant since when it stands.

Law: of two statements about one number the later counts, in whichever order they arrive. Redis may be emptied: each
process writes back what it has on its disk, and nothing that was entered or taken back is lost.

    <prefix>:duty   hash   duty/<organisation>/<region> or intake/<organisation>/<region> -> at (ms) and phone, null where it was taken
                           back (JSON)
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Any, Final, Literal, Protocol, get_args

import orjson

from services.adapters.redis.clients import AWAY, brief_redis
from services.domain.search.duty_numbers import Number, Numbers, OrganisationInRegion, merged

Kind = Literal["duty", "intake"]
"""`duty`: entered by a coordinator. `intake`: chosen of the shelters, kept here so that every process gives it the same date."""
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
Known = Mapping[Kind, Mapping[OrganisationInRegion, Number]]


class NumbersAwayError(Exception):
    """The shared numbers can't be read or changed right now."""


class DutyNumbers(Protocol):
    """Keeps numbers for all processes; each call raises a NumbersAwayError when that is not possible right now."""

    async def enter(self, place: OrganisationInRegion, number: Number) -> Number:
        """Keep a duty number, or that it was taken back, and return it: dated later than what it replaces."""

    async def merge(self, known: Known) -> None:
        """Keep what is later than what is kept."""

    async def read(self) -> dict[Kind, Numbers]:
        """Return everything that is kept."""

    async def close(self) -> None:
        """Close every connection."""


class RedisDutyNumbers:
    """Keeps them in Redis."""

    def __init__(self, url: str, prefix: str) -> None:
        self._key = f"{prefix}:duty"
        self._redis = brief_redis(url)
        self._script: Any = self._redis.register_script(files(__package__).joinpath("number_store.lua").read_text("utf-8"))

    async def close(self) -> None:
        """Close every connection."""
        await self._redis.aclose()

    async def enter(self, place: OrganisationInRegion, number: Number) -> Number:
        """Keep a duty number, or that it was taken back, and return it: dated later than what it replaces."""
        return number._replace(at=int(await self._run("enter", {"duty": {place: number}})))

    async def merge(self, known: Known) -> None:
        """Keep what is later than what is kept."""
        if any(known.values()):
            await self._run("merge", known)

    async def _run(self, how: str, known: Known) -> Any:
        try:
            return await self._script(keys=[self._key], args=[how, *_arguments(known)])
        except AWAY as away:
            raise NumbersAwayError from away

    async def read(self) -> dict[Kind, Numbers]:
        """Return everything that is kept."""
        try:
            kept: dict[bytes, bytes] = await self._redis.hgetall(self._key)
        except AWAY as away:
            raise NumbersAwayError from away
        return parse({field.decode(): orjson.loads(value) for field, value in kept.items()})


class MemoryDutyNumbers:
    """The twin in memory; `away = True` is a Redis that can't be reached, `kept.clear()` one that was emptied."""

    def __init__(self) -> None:
        self.away = False
        self.kept: defaultdict[Kind, Numbers] = defaultdict(dict)

    async def enter(self, place: OrganisationInRegion, number: Number) -> Number:
        """Keep a duty number, or that it was taken back, and return it: dated later than what it replaces."""
        self._reach()
        before = self.kept["duty"].get(place)
        found = number._replace(at=max(number.at, before.at + 1 if before else 0))
        self.kept["duty"][place] = found
        return found

    async def merge(self, known: Known) -> None:
        """Keep what is later than what is kept."""
        self._reach()
        for kind, numbers in known.items():
            self.kept[kind] = merged(self.kept[kind], numbers)

    async def read(self) -> dict[Kind, Numbers]:
        """Return everything that is kept."""
        self._reach()
        return {kind: dict(self.kept[kind]) for kind in KINDS}

    async def close(self) -> None:
        """Close nothing."""

    def _reach(self) -> None:
        if self.away:
            raise NumbersAwayError


def plain(known: Known) -> dict[str, dict[str, Any]]:
    """Write numbers as JSON values, by kind, organisation and region."""
    listed = [(kind, place, number) for kind, numbers in known.items() for place, number in numbers.items()]
    return {"/".join((kind, *place)): {"at": number.at, "phone": number.phone} for kind, place, number in listed}


def parse(written: Mapping[str, Mapping[str, Any]]) -> dict[Kind, Numbers]:
    """Read numbers as `plain` writes them; what is of another kind is left out."""
    found: dict[Kind, Numbers] = {kind: {} for kind in KINDS}
    for field, value in written.items():
        kind, organisation, region = field.split("/")
        if kind in KINDS:
            found[kind][OrganisationInRegion(organisation, region)] = Number(value["at"], value["phone"])
    return found


def _arguments(known: Known) -> Iterator[str | bytes | int]:
    for field, value in plain(known).items():
        yield from (field, value["at"], orjson.dumps(value))
