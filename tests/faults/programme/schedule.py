"""A schedule of faults from a seed: the same seed and length give the same faults at the same moments, on every machine.

It is rounds of a storm, in which faults come alone or overlap, and of a calm, in which everything must be well again. A schedule names
what is to be broken and for how long; `faults.py` breaks it.
"""

from dataclasses import dataclass
from random import Random
from typing import Final

WORKERS: Final = ("processor-1", "processor-2")
GATEWAYS: Final = ("gateway-1", "gateway-2")
APIS: Final = ("api-1", "api-2")
SERVICES: Final = (*WORKERS, *GATEWAYS, *APIS)
BROKERS: Final = ("broker-1", "broker-2", "broker-3")
LEADER: Final = "broker-leader"
"""Whichever broker leads the controllers when the fault begins."""
REDIS: Final = "redis"

# A freeze of a short run, and the longest: longer than a session of a worker (8 s) and than the age from which answers are refused (60 s)
_FREEZE_S: Final = (2.0, 20.0)
_LONGEST_FREEZE_S: Final = 90.0
# A storm, and the calm after it: ten seconds that are the fault's, and then as many that must be without errors
_STORM_S: Final = (14.0, 26.0)
_CALM_S: Final = 22.0
_FIRST_S: Final = 8.0
# How many faults a storm has, beside those of the senders
_FAULTS: Final = (8, 20)
# What of a service passes through a link of its own: its Redis. Brokers, gateways and APIs have one each, for all who call them
LINKS: Final = (*(f"{service}>redis" for service in SERVICES), *BROKERS, *GATEWAYS, *APIS)
_LINK_FAULTS: Final = ("cut", "cut-up", "cut-down", "delay", "trickle", "torn")
_SENDING: Final = ("duplicates", "disorder", "late", "poison")
_REDIS_FAULTS: Final = ("emptied", "old-dump", "slow", "refusing")


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """What is broken, when (seconds from the beginning) and for how long; `number` is a delay, a rate or a place, by kind."""

    at: float
    kind: str
    target: str
    lasts: float = 0.0
    number: int = 0
    alone: bool = False

    @property
    def name(self) -> str:
        """The fault as the report counts it: its kind, and the kind of what it befell."""
        return f"{self.kind} {family(self.target)}"


def family(target: str) -> str:
    """Return what kind of part a target is."""
    if ">" in target:
        return "link to redis"
    return target.rpartition("-")[0] or target if target != LEADER else "leader"


def make_schedule(seed: int, seconds: float, longest_freeze_s: float = _FREEZE_S[1]) -> list[Fault]:
    """Return the faults of a run of so many seconds, in order; the last calm is within it."""
    chance, faults, at, number = Random(seed), [], _FIRST_S, 0
    while at + _STORM_S[0] + _CALM_S <= seconds:
        storm = min(chance.uniform(*_STORM_S), seconds - _CALM_S - at)
        # Every third storm is one fault alone, from which the time until all is well again can be measured
        faults += _alone(chance, at, longest_freeze_s, number // 3) if number % 3 == 0 else _storm(chance, at, storm, longest_freeze_s)
        at = max([at + storm if number % 3 else at + 1.0, *(fault.at + fault.lasts for fault in faults)]) + _CALM_S
        number += 1
    return sorted(fault for fault in faults if fault.at + fault.lasts + _CALM_S / 2 <= seconds)


_ALONE: Final = (WORKERS[0], REDIS, GATEWAYS[0], APIS[0], BROKERS[0], LEADER)


def _alone(chance: Random, at: float, longest_freeze_s: float, turn: int) -> list[Fault]:
    target = _ALONE[turn % len(_ALONE)]
    if target == REDIS:
        return [Fault(at, chance.choice(["kill", "emptied"]), target, alone=True)]
    if turn >= len(_ALONE) and chance.random() < 0.5:
        return [Fault(at, "freeze", target, _rounded(chance.uniform(_FREEZE_S[0], longest_freeze_s)), alone=True)]
    return [Fault(at, "kill", target, alone=True)]


def _storm(chance: Random, at: float, lasts: float, longest_freeze_s: float) -> list[Fault]:
    makers = (_process, _process, _process, _redis, _link, _link, _link, _sending, _sending, _crew, _disk)
    return [
        chance.choice(makers)(chance, _rounded(chance.uniform(at, at + lasts)), longest_freeze_s) for _ in range(chance.randint(*_FAULTS))
    ]


def _process(chance: Random, at: float, longest_freeze_s: float) -> Fault:
    target = chance.choice([*SERVICES, *SERVICES, *BROKERS, LEADER, REDIS])
    if chance.random() < 0.5:
        return Fault(at, "kill", target)
    # Most freezes are short: the long ones alone would fill the storm
    longest = longest_freeze_s if chance.random() < 0.3 else _FREEZE_S[1] / 3
    return Fault(at, "freeze", target, _rounded(chance.uniform(_FREEZE_S[0], longest)))


def _redis(chance: Random, at: float, _: float) -> Fault:
    return Fault(at, chance.choice(_REDIS_FAULTS), REDIS, _rounded(chance.uniform(1, 6)), number=chance.randint(50, 600))


def _link(chance: Random, at: float, _: float) -> Fault:
    kind, target = chance.choice(_LINK_FAULTS), chance.choice(LINKS)
    numbers = {"delay": (20, 400), "trickle": (200, 20_000), "torn": (1, 40)}
    return Fault(at, kind, target, _rounded(chance.uniform(0.5, 8)), number=chance.randint(*numbers.get(kind, (0, 0))))


def _sending(chance: Random, at: float, _: float) -> Fault:
    return Fault(at, chance.choice(_SENDING), "senders", _rounded(chance.uniform(3, 12)))


def _crew(chance: Random, at: float, _: float) -> Fault:
    return Fault(at, chance.choice(["crowd", "rival", "upgrade"]), "crew", _rounded(chance.uniform(6, 13)))


def _disk(chance: Random, at: float, _: float) -> Fault:
    return Fault(at, "disk-full", chance.choice([*APIS, *GATEWAYS, *BROKERS]), _rounded(chance.uniform(1, 8)))


def _rounded(seconds: float) -> float:
    return round(seconds, 3)


def longest_freeze(seconds: float) -> float:
    """Return how long a freeze may last in a run of so many seconds: up to 90 s where there is time for it."""
    return min(_LONGEST_FREEZE_S, max(_FREEZE_S[1], seconds / 30))
