"""Bearer tokens: what is believed, what is not, and what happens when the issuer is away."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.adapters.clock import now_ms, seconds
from services.adapters.identity import Caller, Identity
from services.adapters.issuer import IssuerKeys
from services.adapters.metrics import Metrics
from services.adapters.problems import ProblemError
from tests.callers import AUDIENCE, ISSUER, Callers, unsigned


class _Watch:
    """A stopwatch that is moved by hand."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def callers(tmp_path: Path) -> Callers:
    """Make an issuer."""
    return Callers(tmp_path)


@pytest.fixture
def watch() -> _Watch:
    """Make a stopwatch."""
    return _Watch()


@pytest.fixture
def keys(callers: Callers, watch: _Watch) -> IssuerKeys:
    """Make the keys of the issuer, not fetched yet."""
    return IssuerKeys(ISSUER, callers.fetch, watch, Metrics())


@pytest.fixture
def identity(keys: IssuerKeys) -> Identity:
    """Make what is tested."""
    return Identity(keys, ISSUER, AUDIENCE, Metrics())


async def _refused(answer: Awaitable[Any]) -> str:
    with pytest.raises(ProblemError) as refused:
        await answer
    return refused.value.kind


async def test_a_token_says_who_calls(callers: Callers, identity: Identity) -> None:
    """Role, shelters, regions and desk, as they were given."""
    worker = await identity.caller(callers.worker()["Authorization"])
    assert worker == Caller("w1", "worker", frozenset(), frozenset({"R07"}), "crisis-oost")
    shelter = await identity.caller(callers.shelter("berk", "den")["Authorization"])
    assert (shelter.role, shelter.shelters, shelter.desk) == ("shelter", frozenset({"berk", "den"}), None)


@pytest.mark.parametrize("written", [None, "", "Bearer", "Bearer ", "Basic YTpi", "Bearer a.b.c", "Bearer " + "a" * 20_000, "Bearer é"])
async def test_no_token_is_no_caller(identity: Identity, written: str | None) -> None:
    """Whatever else stands in the header."""
    assert await _refused(identity.caller(written)) == "unauthenticated"


_NOW = now_ms() // 1_000


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "another"},
        {"iss": "http://127.0.0.1:1"},
        {"exp": _NOW - 30},
        {"nbf": _NOW + 300},
        {"exp": None},
        {"aud": None},
        {"iss": None},
        {"sub": None},
        {"sub": ""},
        {"role": None},
        {"role": "queen"},
        {"role": ["operator"]},
        {"shelters": "berk"},
        {"regions": [1]},
        {"desk": 1},
    ],
)
async def test_a_token_that_does_not_fit_is_refused(callers: Callers, identity: Identity, claims: dict[str, Any]) -> None:
    """For another audience, of another issuer, out of its time, or with claims that are not of their form."""
    assert await _refused(identity.caller(callers.signed(**claims)["Authorization"])) == "unauthenticated"


async def test_clocks_may_differ_a_little(callers: Callers, identity: Identity) -> None:
    """A token that is over for some seconds, or begins in some, is taken."""
    now = now_ms() // 1_000
    assert await identity.caller(callers.signed(exp=now - 5, nbf=now + 5)["Authorization"])


async def test_only_the_issuer_can_sign(callers: Callers, identity: Identity, tmp_path: Path) -> None:
    """No signature, a public key used as a secret, another's key under a known id: all refused."""
    claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": "x", "exp": now_ms() // 1_000 + 60, "role": "operator"}
    published = callers.keys.jwks()["keys"][0]
    forged = jwt.encode(claims, published["x"] + published["y"], "HS256", headers={"kid": published["kid"]})
    another = Callers(tmp_path / "another").keys.sign(claims)
    for written in (unsigned(**claims)["Authorization"], f"Bearer {forged}", f"Bearer {another}"):
        assert await _refused(identity.caller(written)) == "unauthenticated"


@pytest.mark.parametrize(
    ("algorithm", "make"),
    [("RS256", lambda: rsa.generate_private_key(65_537, 2_048)), ("EdDSA", Ed25519PrivateKey.generate)],
)
async def test_any_issuer_will_do(algorithm: str, make: Callable[[], Any]) -> None:
    """Keys of the other accepted kinds, between keys that are for something else."""
    private = make()
    writer = jwt.get_algorithm_by_name(algorithm)
    published = dict(writer.to_jwk(private.public_key(), as_dict=True)) | {"kid": "k1"}
    others = [{"kty": "oct", "k": "A" * 43, "kid": "k2"}, {"kty": "new"}, published | {"use": "enc", "kid": "k3"}, 7]

    async def fetch(address: str) -> Any:
        return {"issuer": ISSUER, "jwks_uri": "x"} if "well-known" in address else {"keys": [*others, published]}

    identity = Identity(IssuerKeys(ISSUER, fetch, seconds, Metrics()), ISSUER, AUDIENCE, Metrics())
    claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": "x", "exp": now_ms() // 1_000 + 60, "role": "auditor"}
    token = jwt.encode(claims, private, algorithm, headers={"kid": "k1"})
    assert (await identity.caller(f"Bearer {token}")).role == "auditor"
    secret = jwt.encode(claims, bytes(32), "HS256", headers={"kid": "k2"})
    assert await _refused(identity.caller(f"Bearer {secret}")) == "unauthenticated"


async def test_a_new_key_is_found_by_itself(callers: Callers, identity: Identity, watch: _Watch) -> None:
    """After a rotation the first token with the new key causes a fetch."""
    await identity.caller(callers.operator["Authorization"])
    callers.keys.rotate()
    watch.at += 11
    assert await identity.caller(callers.operator["Authorization"])


async def test_made_up_key_ids_can_not_hammer_the_issuer(callers: Callers, identity: Identity, watch: _Watch, tmp_path: Path) -> None:
    """A hundred tokens with unknown keys cause one fetch, and another only after a while."""
    await identity.caller(callers.operator["Authorization"])
    watch.at += 11
    for number in range(100):
        stranger = Callers(tmp_path / str(number % 10))
        assert await _refused(identity.caller(stranger.operator["Authorization"])) == "unauthenticated"
    assert callers.asked == 4  # the description and the keys, twice


async def test_without_the_issuer_known_keys_still_serve(callers: Callers, identity: Identity, keys: IssuerKeys, watch: _Watch) -> None:
    """Keys that were had once are kept; without any the answer is 503, and soon asked for again."""
    callers.away = True
    assert await _refused(identity.caller(callers.operator["Authorization"])) == "issuer-away"
    callers.away = False
    assert await _refused(identity.caller(callers.operator["Authorization"])) == "issuer-away"
    watch.at += 1
    assert await identity.caller(callers.operator["Authorization"])
    callers.away = True
    await keys.refresh()
    assert await identity.caller(callers.operator["Authorization"])


@pytest.mark.parametrize("found", [None, [], {}, {"issuer": "http://evil", "jwks_uri": "x"}, {"issuer": ISSUER}])
async def test_a_description_of_another_issuer_is_none(callers: Callers, found: Any) -> None:
    """OpenID discovery: the issuer that answers must be the one that was asked."""

    async def fetch(address: str) -> Any:
        return found if "well-known" in address else callers.keys.jwks()

    identity = Identity(IssuerKeys(ISSUER, fetch, seconds, Metrics()), ISSUER, AUDIENCE, Metrics())
    assert await _refused(identity.caller(callers.operator["Authorization"])) == "issuer-away"
