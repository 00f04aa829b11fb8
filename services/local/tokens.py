"""What a local token says: who, in which role, for which shelters, regions or desk. Made offline from the issuer's key."""

import uuid
from dataclasses import dataclass
from enum import StrEnum

from services.local.keys import SigningKeys
from services.local.trouble import Trouble


class Role(StrEnum):
    """Who may see and send what: the table of the API."""

    SHELTER = "shelter"
    WORKER = "worker"
    COORDINATOR = "coordinator"
    ANALYST = "analyst"
    AUDITOR = "auditor"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """The one a token is for."""

    role: Role
    subject: str
    shelters: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    desk: str | None = None

    def check(self) -> None:
        """Refuse a person who could see nothing with her token. Raises Trouble."""
        if self.role is Role.SHELTER and not self.shelters:
            raise Trouble("A token for a shelter needs --shelter ID, once or more", code=2)
        if self.role is Role.COORDINATOR and not self.regions:
            raise Trouble("A token for a coordinator needs --region R07, once or more", code=2)


@dataclass(frozen=True, slots=True)
class Mint:
    """Makes tokens that the services of one instance accept."""

    keys: SigningKeys
    issuer: str
    audience: str

    def token(self, person: Person, now_ms: int, hours: float) -> str:
        """Return a bearer token for this person, valid from `now_ms` for so many hours."""
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
