"""The roles, and the one that a token names: what verifies a token and what only shows its pages read it alike."""

from collections.abc import Mapping
from typing import Any, Final, Literal, get_args

Role = Literal["shelter", "worker", "coordinator", "analyst", "auditor", "operator"]
ROLES: Final[tuple[Role, ...]] = get_args(Role)


def role_in(claims: Mapping[str, Any], claim: str) -> Role:
    """Find the one role of ours that a token names in a claim, `a.b` for a member of one; ValueError for none, or for several.

    An issuer may name roles of others beside it.
    """
    found: Any = claims
    for name in claim.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    listed = found if isinstance(found, list) else [found]
    ours = [role for role in ROLES if role in listed]
    if len(ours) != 1:
        raise ValueError("the token names not one role")
    return ours[0]
