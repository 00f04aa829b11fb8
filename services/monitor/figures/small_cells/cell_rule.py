"""The rule of small cells (design, section 7): five shelters of two organisations, at every full hour of a month. Pure.

Guarantees: it looks at registrations and never at a number, so that a cell that is hidden says nothing about what is in it.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from itertools import chain, combinations
from typing import Final, NamedTuple

LEAST_SHELTERS: Final = 5
LEAST_ORGANISATIONS: Final = 2


class Member(NamedTuple):
    """A registered shelter: where, of which organisation, and what it has (`crisis`, `overflow`, `service=psychiatric`)."""

    shelter: str
    organisation: str
    region: str
    has: frozenset[str] = frozenset()


Atom = tuple[frozenset[Member], ...]
"""The members of what is never divided, at each full hour at which any of the country changed."""
Part = tuple[Atom, ...]
"""What a question can be about: some atoms."""
Rule = Callable[[Part], bool]


def enough(members: Collection[Member]) -> bool:
    """Return whether a number about these members may be shown."""
    return len({each.shelter for each in members}) >= LEAST_SHELTERS and len({each.organisation for each in members}) >= LEAST_ORGANISATIONS


def is_large(part: Part) -> bool:
    """Return whether a part has enough members at every hour."""
    return bool(part) and all(enough(frozenset().union(*at_once)) for at_once in zip(*part, strict=True))


def answered(parts: Mapping[str, Part], rule: Rule, never: Collection[str] = ()) -> frozenset[str]:
    """Return the parts of a whole that are answered: those that keep a rule, as long as what is left of the whole keeps it too.

    What is left is what an analyst computes by subtraction. The smallest parts are hidden until that is large enough.
    """
    found = {name for name, part in parts.items() if name not in never and rule(part)}
    while found and (rest := parts.keys() - found) and not rule(joined(parts[name] for name in sorted(rest))):
        found.remove(min(found, key=lambda name: (_size(parts[name]), name)))
    return frozenset(found)


def joined(parts: Iterable[Part]) -> Part:
    """Return parts as one."""
    return tuple(chain.from_iterable(parts))


def merged(part: Part) -> Atom:
    """Return the atoms of a part as one."""
    return tuple(frozenset().union(*at_once) for at_once in zip(*part, strict=True))


def _size(part: Part) -> int:
    return min((sum(map(len, at_once)) for at_once in zip(*part, strict=True)), default=0)


def classified(groups: Collection[Collection[str]]) -> Rule:
    """Return the rule of a part that is answered by group (of kinds) beside its atoms: no sum or difference of both is about too few.

    Such a number adds up cells of an atom and a group. Where it is constant over an atom or a group, those drop out; what remains of each
    atom are its cells of some groups, or those of all others: a cut of the table. So every cut must be large enough.
    """

    def keeps(part: Part) -> bool:
        return bool(part) and all(_cut_is_large(at_once, *sides) for at_once in zip(*part, strict=True) for sides in _sides(groups))

    return keeps


def _sides(groups: Collection[Collection[str]]) -> Iterator[tuple[frozenset[str], frozenset[str]]]:
    for size in range(1, len(groups)):
        for side in combinations(groups, size):
            one = frozenset(chain.from_iterable(side))
            yield one, frozenset(chain.from_iterable(groups)) - one


def _cut_is_large(atoms: Iterable[Collection[Member]], one: frozenset[str], other: frozenset[str]) -> bool:
    cuts = [[[each for each in atom if each.has & side] for side in (one, other)] for atom in atoms]
    both = [cut for cut in cuts if all(cut)]
    if not both:
        return True
    least = sum(min(len(side) for side in cut) for cut in both)
    organisations = max(min(len({each.organisation for each in side}) for side in cut) for cut in both)
    return least >= LEAST_SHELTERS and organisations >= LEAST_ORGANISATIONS


def divided(names: Collection[str]) -> Rule:
    """Return the rule of a part that is answered by several filters: shelters that differ in none of them are enough, or none."""

    def keeps(part: Part) -> bool:
        return all(enough(alike) for at_once in zip(*part, strict=True) for alike in _alike(frozenset().union(*at_once), names))

    return keeps


def _alike(members: Iterable[Member], names: Collection[str]) -> Iterable[list[Member]]:
    found: dict[frozenset[str], list[Member]] = {}
    for each in members:
        found.setdefault(each.has.intersection(names), []).append(each)
    return found.values()
