"""Who may speak for a shelter, or look at what it sent: checked before anything of the shelter is read."""

import re
from typing import Any, Final

from services.adapters.auth.authentication import Caller
from services.adapters.http.call import Call
from services.domain.events import value_types as v
from services.gateway.ownership import OwnershipLookup
from services.gateway.personal_data import looks_personal
from services.gateway.unavailable import unavailable_as_problem

_SHELTER: Final = re.compile(v.SHELTER.pattern)
_SOURCE: Final = re.compile(v.ENVELOPE_SOURCE.pattern)
# The desk of a caller who has none, or one that no source can name
_DESK: Final = "desk"


async def require_access(call: Call[Any], shelter: str, lookup: OwnershipLookup) -> None:
    """Raise ProblemError 403 unless the shelter is the caller's: its own, of the own regions, any for an operator; 503 without a view."""
    with unavailable_as_problem():
        allowed = await _may_access(call.caller, shelter, lookup)
    if not allowed:
        await call.refuse()


async def _may_access(caller: Caller, shelter: str, lookup: OwnershipLookup) -> bool:
    match caller.role:
        case "shelter":
            return shelter in caller.shelters
        case "coordinator":
            return _SHELTER.fullmatch(shelter) is not None and await lookup.region(shelter) in caller.regions
        case role:
            return role == "operator" and _SHELTER.fullmatch(shelter) is not None


def source_of(caller: Caller, shelter: str) -> str:
    """Return the source of what a caller sends about a shelter: only its own staff makes it heard of (R9)."""
    if caller.role != "shelter":
        return f"urn:plek:{caller.role}"
    stated, plain = (f"urn:plek:shelter:{shelter}:{desk}" for desk in (caller.desk or _DESK, _DESK))
    return stated if _SOURCE.fullmatch(stated) and not looks_personal(stated) else plain
