"""The insiders of the table: what each may ask, by the settings of the API, and what an offer says to each."""

from typing import Any, Final

from services.adapters.config.settings import Settings
from tests.attack.attack import Attempt
from tests.attack.insider import Budget
from tests.attack.variants import COARSER, DESIGNED, FINER

INSIDER: Final = "insider (guarded), all that the hard limit lets through"


def attempts() -> list[Attempt]:
    """List the insiders."""
    loud, quiet = _loud(1.0), _quiet()
    return [
        Attempt(INSIDER, loud),
        Attempt("insider (guarded), quiet: below every alarm", quiet),
        Attempt("insider (strict), all that the hard limit lets through", _loud(0.5), DESIGNED, strict=True),
        Attempt(f"insider, an offer says {FINER.name}", loud, FINER),
        Attempt(f"insider, an offer says {COARSER.name}", loud, COARSER),
    ]


def _loud(share: float) -> Budget:
    """Spend what a person may within the hour before and within the hour after: refinements of other households make the rest of it."""
    at_once, hourly, all_of_it = (round(_set(name) * share) for name in ("holds_at_once", "holds_per_hour", "requests_per_hour"))
    return Budget(all_of_it, at_once + hourly, Budget(all_of_it, min(at_once, 2 * hourly)))


def _quiet() -> Budget:
    """Stay one below every threshold: a hold begins the count of searches anew, and is given back as often as goes unnoticed."""
    unheld, given_back = _set("searches_unheld") - 1, _set("holds_given_back") - 1
    return Budget(min(unheld * (given_back + 1), _set("desk_searches") - 1) + given_back, given_back, unheld=unheld)


def _set(name: str) -> int:
    value: Any = Settings.model_fields[name].default
    return int(value)
