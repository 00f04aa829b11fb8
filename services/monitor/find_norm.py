"""The figures of the Istanbul norm: places of all kinds but one against inhabitants."""

from collections.abc import Callable, Iterator
from typing import Final

from services.monitor.answer import Value
from services.monitor.found import Find, Found, mean, share
from services.monitor.slice import Key, Slice
from services.monitor.unit_times import DURING, LONG, NOTHING, registered, weights

_PER_PLACE: Final = 10_000
_NOT_FOR_THE_NORM: Final = "assisted"


def for_the_norm(of: Slice) -> dict[Key, int]:
    """Sum up how long there were units that the Istanbul norm counts."""
    sql = f"""
        SELECT cell, idx, sum({LONG}) FROM units_then JOIN areas USING (region) JOIN wanted USING (cell)
        WHERE {DURING} AND kind <> '{_NOT_FOR_THE_NORM}' GROUP BY ALL
    """  # noqa: S608  names of ours
    found = {key: int(long) for key, (long,) in of.by_cell(sql).items()}
    return {key: found.get(key, 0) for key in registered(of)}


def norm(per: Callable[[int, int, int], Value]) -> Find:
    """Make a figure of the norm: of the time of its places (ns), the length of the time and the inhabitants."""

    def find(of: Slice) -> Iterator[Found]:
        places, weight = for_the_norm(of), weights(of)
        for key in of.cells.wanted:
            people = sum(of.store.regions[region].inhabitants for region in of.cells.regions[key[0]])
            yield Found(key, per(places[key], of.length(key[1]), people) if key in places else None, weight.get(key, NOTHING))

    return find


def asked_for(people: int) -> Value:
    """Tell how many places the norm asks for; whole where it comes out even."""
    return people / _PER_PLACE


NORM: Final[dict[str, Find]] = {
    "istanbul-places": norm(lambda places, length, _: mean(places, length)),
    "istanbul-norm": norm(lambda _, __, people: asked_for(people)),
    "istanbul-share": norm(lambda places, length, people: share(places * _PER_PLACE, length * people)),
    "inhabitants-per-place": norm(lambda places, length, people: share(people * length, places)),
}
