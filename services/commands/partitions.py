"""Which partitions a verb is about."""

from services.adapters.settings import Settings
from services.local.trouble import Trouble


def chosen(settings: Settings, wanted: list[int] | None) -> list[int]:
    """Return the wanted partitions, all of them when none is named. Raises Trouble for one that does not exist."""
    every = range(settings.partitions)
    missing = [number for number in wanted or () if number not in every]
    if missing:
        raise Trouble(f"There is no partition {missing[0]}: they are numbered 0 to {settings.partitions - 1}", code=2)
    return sorted(set(wanted)) if wanted else list(every)
