"""Python's cycle collector, told what kind of process this is: what a service loads and keeps lives as long as it does."""

import gc
from typing import Final

# What is folded or mirrored holds no cycles: looking through it every 700 allocations found nothing and took a tenth of the time.
_THRESHOLDS: Final = (50_000, 20, 100)


def spare_what_is_loaded() -> None:
    """Never look again through what is there now, and seldom through what comes: a whole look stops every request for its time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
