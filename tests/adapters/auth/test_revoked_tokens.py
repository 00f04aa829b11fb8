"""Tokens that were given back at log-out."""

from pathlib import Path

import pytest

from services.adapters.auth.authentication import Authentication
from services.adapters.auth.jwks_client import IssuerKeys
from services.adapters.auth.rate_limits import MemoryRates
from services.adapters.auth.revoked_tokens import digest_of
from services.adapters.clock import seconds
from services.adapters.observability.metrics import Metrics
from services.adapters.problem_details import ProblemError
from tests.callers import AUDIENCE, ISSUER, Callers


async def test_a_token_that_was_given_back_is_refused_and_no_other_is(tmp_path: Path) -> None:
    """From the moment a digest is known its token is refused, also one that was verified before; another token of the person is not."""
    callers, revoked, metrics = Callers(tmp_path), dict[str, object](), Metrics()
    keys = IssuerKeys(ISSUER, callers.fetch, seconds, metrics)
    identity = Authentication(keys, ISSUER, AUDIENCE, metrics, MemoryRates(seconds), "role", revoked=revoked)
    token, other = (callers.worker()["Authorization"] for _ in range(2))
    assert (await identity.caller(token)).role == "worker"
    revoked[digest_of(token)] = b"{}"
    for spelling in (token, token.replace("Bearer ", "bearer  ")):
        with pytest.raises(ProblemError) as refused:
            await identity.caller(spelling)
        assert refused.value.kind == "unauthenticated"
    assert (await identity.caller(other)).role == "worker"


def test_a_digest_leads_back_to_no_token() -> None:
    """What is kept of a token is its SHA-256, whatever stands before it."""
    assert digest_of("Bearer abc") == digest_of("bearer abc") != digest_of("Bearer abd")
    assert "abc" not in digest_of("Bearer abc")


async def test_a_signature_that_is_written_otherwise_is_the_same_token(tmp_path: Path) -> None:
    """A character that decoders skip makes another text of a token, and no other token: after log-out it is refused as well."""
    callers, revoked, metrics = Callers(tmp_path), dict[str, object](), Metrics()
    keys = IssuerKeys(ISSUER, callers.fetch, seconds, metrics)
    identity = Authentication(keys, ISSUER, AUDIENCE, metrics, MemoryRates(seconds), "role", revoked=revoked)
    token = callers.worker()["Authorization"]
    signed, _, signature = token.rpartition(".")
    otherwise = [token, f"{token}~", f"{signed}.{signature[:9]}!{signature[9:]}", f"{token}=="]
    revoked[digest_of(token)] = b"{}"
    for each in otherwise:
        with pytest.raises(ProblemError):
            await identity.caller(each)
