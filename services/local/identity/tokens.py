"""Tokens of the local issuer: for whom, in which role, for which shelters, regions or desk. Made offline from its key."""

import uuid
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from services.local.user_error import UserError

if TYPE_CHECKING:
    from services.local.identity.signing_keys import SigningKeys


class Role(StrEnum):
    """What a caller may see and send: the table of the API."""

    SHELTER = "shelter"
    WORKER = "worker"
    COORDINATOR = "coordinator"
    ANALYST = "analyst"
    AUDITOR = "auditor"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """The person a token is for."""

    role: Role
    subject: str
    shelters: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    desk: str | None = None

    def check(self) -> None:
        """Raise UserError for a person who could see nothing with a token."""
        if self.role is Role.SHELTER and not self.shelters:
            raise UserError("A token for a shelter needs --shelter ID, once or more", code=2)
        if self.role is Role.COORDINATOR and not self.regions:
            raise UserError("A token for a coordinator needs --region R07, once or more", code=2)


@dataclass(frozen=True, slots=True)
class TokenIssuer:
    """Issues tokens that the services of one instance accept."""

    keys: "SigningKeys"
    issuer: str
    audience: str

    def token(self, person: Person, now_ms: int, hours: float) -> str:
        """Return a bearer token for this person, valid from `now_ms` for so many hours. Raises UserError."""
        person.check()
        claims = {
            "iss": self.issuer,
            "aud": self.audience,
            "sub": person.subject,
            "iat": now_ms // 1000,
            "exp": now_ms // 1000 + int(hours * 3600),
            "jti": str(uuid.uuid4()),
            "role": str(person.role),
            "shelters": list(person.shelters),
            "regions": list(person.regions),
        }
        return self.keys.sign(claims if person.desk is None else {**claims, "desk": person.desk})
