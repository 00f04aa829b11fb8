"""People with tokens: an issuer of the test's own, whose keys are read in this process, and what each role's token says."""

from pathlib import Path
from typing import Any

import jwt

from services.adapters.auth.authentication import Authentication
from services.adapters.auth.jwks_client import IssuerAwayError, IssuerKeys
from services.adapters.auth.rate_limits import MemoryRates, Rates
from services.adapters.clock import now_ms, seconds
from services.adapters.observability.metrics import Metrics
from services.local.identity.signing_keys import SigningKeys
from services.local.identity.tokens import Person, Role, TokenIssuer

ISSUER = "http://127.0.0.1:8090"
AUDIENCE = "plek"


class Callers:
    """Makes tokens of one issuer; `away = True` makes it unreachable."""

    def __init__(self, folder: Path, issuer: str = ISSUER) -> None:
        self.keys, self.issuer, self.away, self.asked = SigningKeys(folder), issuer, False, 0

    async def fetch(self, address: str) -> Any:
        """Read what the issuer would serve at an address."""
        self.asked += 1
        if self.away:
            raise IssuerAwayError
        if address == f"{self.issuer}/.well-known/openid-configuration":
            return {"issuer": self.issuer, "jwks_uri": f"{self.issuer}/jwks.json"}
        return self.keys.jwks()

    def identity(self, metrics: Metrics, rates: Rates | None = None) -> Authentication:
        """Tell callers of this issuer by their tokens."""
        keys = IssuerKeys(self.issuer, self.fetch, seconds, metrics)
        return Authentication(keys, self.issuer, AUDIENCE, metrics, rates or MemoryRates(seconds), "role")

    def shelter(self, *shelters: str, sub: str = "s1") -> dict[str, str]:
        """Headers of somebody who works at these shelters."""
        return self._headers(Person(role=Role.SHELTER, subject=sub, shelters=shelters))

    def coordinator(self, *regions: str, sub: str = "c1") -> dict[str, str]:
        """Headers of a coordinator of these regions."""
        return self._headers(Person(role=Role.COORDINATOR, subject=sub, regions=regions))

    def worker(self, sub: str = "w1", desk: str = "crisis-oost", regions: tuple[str, ...] = ("R07",)) -> dict[str, str]:
        """Headers of a crisis worker at a desk."""
        return self._headers(Person(role=Role.WORKER, subject=sub, desk=desk, regions=regions))

    def of(self, role: str, sub: str = "x1") -> dict[str, str]:
        """Headers of anybody of a role that owns nothing."""
        return self._headers(Person(role=Role(role), subject=sub))

    @property
    def operator(self) -> dict[str, str]:
        """Headers of an operator."""
        return self.of("operator")

    def _headers(self, person: Person) -> dict[str, str]:
        return {"Authorization": f"Bearer {TokenIssuer(self.keys, self.issuer, AUDIENCE).token(person, now_ms(), 1)}"}

    def signed(self, **claims: object) -> dict[str, str]:
        """Headers with exactly these claims, signed by the issuer; None leaves one out."""
        now = now_ms() // 1_000
        usual = {"iss": self.issuer, "aud": AUDIENCE, "sub": "x1", "iat": now, "exp": now + 60, "role": "operator"}
        return {"Authorization": f"Bearer {self.keys.sign({name: value for name, value in (usual | claims).items() if value is not None})}"}


def unsigned(**claims: object) -> dict[str, str]:
    """Headers with a token that says `none` as its algorithm."""
    return {"Authorization": f"Bearer {jwt.encode(dict(claims), key='', algorithm='none')}"}
