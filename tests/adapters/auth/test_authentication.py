"""Bearer tokens: what is believed, what is not, and what happens when the issuer is away."""

import base64
import warnings
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.adapters.auth.authentication import Authentication, Caller
from services.adapters.auth.jwks_client import KEEP_S, IssuerKeys
from services.adapters.auth.jwks_disk_cache import JwksDiskCache
from services.adapters.auth.rate_limits import MemoryRates
from services.adapters.auth.token_cache import TokenCache
from services.adapters.clock import now_ms, seconds
from services.adapters.observability.metrics import Metrics
from services.adapters.problem_details import ProblemError
from services.domain.durations import HOUR_MS
from tests.callers import AUDIENCE, ISSUER, Callers, unsigned
from tests.tampering import tampered


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


class _Keys(IssuerKeys):
    """Keys that count for how many tokens one was looked for: those that were verified."""

    looked = 0

    async def find(self, key_id: str | None, algorithm: str) -> jwt.PyJWK | None:
        """Find a key for an algorithm."""
        self.looked += 1
        return await super().find(key_id, algorithm)


@pytest.fixture
def keys(callers: Callers, watch: _Watch) -> _Keys:
    """Make the keys of the issuer, not fetched yet."""
    return _Keys(ISSUER, callers.fetch, watch, Metrics())


@pytest.fixture
def identity(keys: _Keys) -> Authentication:
    """Make what is tested."""
    return Authentication(keys, ISSUER, AUDIENCE, Metrics(), MemoryRates(seconds), "role")


async def _refused(answer: Awaitable[Any]) -> str:
    with pytest.raises(ProblemError) as refused:
        await answer
    return refused.value.kind


async def test_a_token_says_who_calls(callers: Callers, identity: Authentication) -> None:
    """Role, shelters, regions and desk, as they were given."""
    worker = await identity.caller(callers.worker()["Authorization"])
    assert worker == Caller("w1", "worker", frozenset(), frozenset({"R07"}), "crisis-oost")
    shelter = await identity.caller(callers.shelter("berk", "den")["Authorization"])
    assert (shelter.role, shelter.shelters, shelter.desk) == ("shelter", frozenset({"berk", "den"}), None)


@pytest.mark.parametrize("written", [None, "", "Bearer", "Bearer ", "Basic YTpi", "Bearer a.b.c", "Bearer " + "a" * 20_000, "Bearer é"])
async def test_no_token_is_no_caller(identity: Authentication, written: str | None) -> None:
    """Whatever else stands in the header."""
    assert await _refused(identity.caller(written)) == "unauthenticated"


_NOW = now_ms() // 1_000


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "another"},
        {"iss": "http://127.0.0.1:1"},
        {"exp": _NOW - 30},
        {"nbf": _NOW + 3_600},
        {"exp": None},
        {"aud": None},
        {"iss": None},
        {"sub": None},
        {"sub": ""},
        {"role": None},
        {"role": "queen"},
        {"role": ["operator", "worker"]},
        {"role": []},
        {"role": {"operator": True}},
        {"role": "Operator"},
        {"role": "operator "},
        {"break_glass": "true"},
        {"break_glass": 1},
        {"shelters": ["Kerkstraat 12"]},
        {"shelters": [["berk"]]},
        {"regions": {"R07": 1}},
        {"desk": "Kerkstraat 12"},
        {"desk": "a" * 41},
        {"sub": "x" * 256},
        {"sub": ["x1"]},
        {"iat": _NOW + 3_600},
        {"iat": "yesterday"},
        {"exp": "tomorrow"},
        {"exp": float("inf")},
        {"exp": -(10**400)},
        {"nbf": float("nan")},
        {"aud": ["another", "third"]},
        {"shelters": "berk"},
        {"regions": [1]},
        {"desk": 1},
    ],
)
async def test_a_token_that_does_not_fit_is_refused(callers: Callers, identity: Authentication, claims: dict[str, Any]) -> None:
    """For another audience, of another issuer, out of its time, or with claims that are not of their form."""
    assert await _refused(identity.caller(callers.signed(**claims)["Authorization"])) == "unauthenticated"


async def test_clocks_may_differ_a_little(callers: Callers, identity: Authentication) -> None:
    """A token that is over for some seconds, or begins in some, is taken."""
    now = now_ms() // 1_000
    assert await identity.caller(callers.signed(exp=now - 5, nbf=now + 5)["Authorization"])


async def test_only_the_issuer_can_sign(callers: Callers, identity: Authentication, tmp_path: Path) -> None:
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

    identity = Authentication(IssuerKeys(ISSUER, fetch, seconds, Metrics()), ISSUER, AUDIENCE, Metrics(), MemoryRates(seconds), "role")
    claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": "x", "exp": now_ms() // 1_000 + 60, "role": "auditor"}
    token = jwt.encode(claims, private, algorithm, headers={"kid": "k1"})
    assert (await identity.caller(f"Bearer {token}")).role == "auditor"
    secret = jwt.encode(claims, bytes(32), "HS256", headers={"kid": "k2"})
    assert await _refused(identity.caller(f"Bearer {secret}")) == "unauthenticated"


async def test_a_new_key_is_found_by_itself(callers: Callers, identity: Authentication, watch: _Watch) -> None:
    """After a rotation the first token with the new key causes a fetch."""
    await identity.caller(callers.operator["Authorization"])
    callers.keys.rotate()
    watch.at += 11
    assert await identity.caller(callers.operator["Authorization"])


async def test_made_up_key_ids_can_not_hammer_the_issuer(callers: Callers, identity: Authentication, watch: _Watch, tmp_path: Path) -> None:
    """A hundred tokens with unknown keys cause one fetch, and another only after a while."""
    await identity.caller(callers.operator["Authorization"])
    watch.at += 11
    for number in range(100):
        stranger = Callers(tmp_path / str(number % 10))
        assert await _refused(identity.caller(stranger.operator["Authorization"])) == "unauthenticated"
    assert callers.asked == 4  # the description and the keys, twice


async def test_without_the_issuer_known_keys_still_serve(
    callers: Callers, identity: Authentication, keys: IssuerKeys, watch: _Watch
) -> None:
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


async def test_f12_keys_are_forgotten_an_hour_after_the_issuer_was_last_heard(
    callers: Callers, identity: Authentication, keys: IssuerKeys, watch: _Watch
) -> None:
    """F12: then nobody is let in, by a token that was verified before either, until the issuer answers."""
    token = callers.operator["Authorization"]
    assert await identity.caller(token)
    callers.away = True
    watch.at += KEEP_S - 1
    await keys.refresh()
    assert await identity.caller(token)
    watch.at += 1
    assert await _refused(identity.caller(token)) == "issuer-away"
    assert not keys.ready
    callers.away = False
    watch.at += 1
    assert await identity.caller(token)


async def test_f12_keys_from_disk_grow_no_younger_in_memory(callers: Callers, tmp_path: Path, watch: _Watch) -> None:
    """F12: what was fetched 50 minutes before a start is believed for ten minutes after it."""
    await _started(callers, _kept(tmp_path))
    callers.away = True
    keys = IssuerKeys(ISSUER, callers.fetch, watch, Metrics(), _kept(tmp_path, 50 * 60_000))
    await keys.refresh()
    watch.at += 599
    assert keys.fetches == 0
    watch.at += 1
    assert keys.fetches == 1
    assert not keys.ready


@pytest.mark.parametrize(
    ("claims", "let_in"),
    [
        ({"exp": 12 * 3_600}, True),
        ({"exp": 12 * 3_600 + 60}, False),
        ({"exp": 12 * 3_600 + 60, "iat": None}, False),
        ({"exp": 12 * 3_600, "iat": None}, True),
        ({"exp": 3_600, "iat": -12 * 3_600}, False),
        ({"exp": 10 * 365 * 86_400}, False),
    ],
)
async def test_f12_a_token_lasts_twelve_hours_at_most(
    callers: Callers,
    identity: Authentication,
    claims: dict[str, int | None],
    let_in: bool,  # noqa: FBT001
) -> None:
    """F12: from its issue, or where it does not say, from now."""
    now = now_ms() // 1_000
    stated = {name: None if at is None else now + at for name, at in claims.items()}
    answer = identity.caller(callers.signed(**stated)["Authorization"])
    assert await answer if let_in else await _refused(answer) == "unauthenticated"


async def test_an_issuer_of_longer_tokens_can_be_allowed(callers: Callers, keys: IssuerKeys) -> None:
    """By a setting."""
    identity = Authentication(keys, ISSUER, AUDIENCE, Metrics(), MemoryRates(seconds), "role", longest_s=48 * 3_600)
    assert await identity.caller(callers.signed(exp=now_ms() // 1_000 + 24 * 3_600)["Authorization"])


def _kept(folder: Path, at: int = 0, issuer: str = ISSUER, secret: bytes = b"secret") -> JwksDiskCache:
    return JwksDiskCache(folder / "keys", issuer, secret, lambda: at)


async def _started(callers: Callers, kept: JwksDiskCache) -> Authentication:
    """Start a service with these keys on disk."""
    keys = IssuerKeys(ISSUER, callers.fetch, _Watch(), Metrics(), kept)
    await keys.refresh()
    return Authentication(keys, ISSUER, AUDIENCE, Metrics(), MemoryRates(seconds), "role")


async def test_who_starts_without_the_issuer_goes_on_from_disk(callers: Callers, tmp_path: Path) -> None:
    """With what was had last, public and no more; what is signed with another key is refused, and the issuer is asked again."""
    token, old = callers.worker()["Authorization"], Callers(tmp_path / "another").worker()["Authorization"]
    await _started(callers, _kept(tmp_path))
    callers.away = True
    identity = await _started(callers, _kept(tmp_path, HOUR_MS - 1))
    assert (await identity.caller(token)).role == "worker"
    assert await _refused(identity.caller(old)) == "unauthenticated"
    assert not {"d", "p", "q", "k"} & set((_kept(tmp_path).read() or ({}, 0))[0]["keys"][0])


@pytest.mark.parametrize(
    "kept",
    [
        {"at": HOUR_MS},
        {"at": -1},
        {"issuer": "http://127.0.0.1:1"},
        {"secret": b"another"},
    ],
)
async def test_other_keys_on_disk_are_none(callers: Callers, tmp_path: Path, kept: dict[str, Any]) -> None:
    """An hour old, of a time to come, of another issuer, or written by somebody without the secret: as if there were none."""
    await _started(callers, _kept(tmp_path))
    callers.away = True
    assert await _refused((await _started(callers, _kept(tmp_path, **kept))).caller(callers.worker()["Authorization"])) == "issuer-away"


@pytest.mark.parametrize("written", [b"", b"\n", b"{}", b"a" * 64 + b"\n{}"])
async def test_a_file_that_is_none_of_ours_is_no_key(callers: Callers, tmp_path: Path, written: bytes) -> None:
    """Torn, empty or made up; a folder that can't be written to does not keep a service from serving."""
    (tmp_path / "keys").write_bytes(written)
    assert _kept(tmp_path).read() is None
    (tmp_path / "file").write_bytes(b"")
    assert await (await _started(callers, _kept(tmp_path / "file"))).caller(callers.worker()["Authorization"])


@pytest.mark.parametrize("found", [None, [], {}, {"issuer": "http://evil", "jwks_uri": "x"}, {"issuer": ISSUER}])
async def test_a_description_of_another_issuer_is_none(callers: Callers, found: Any) -> None:
    """OpenID discovery: the issuer that answers must be the one that was asked."""

    async def fetch(address: str) -> Any:
        return found if "well-known" in address else callers.keys.jwks()

    identity = Authentication(IssuerKeys(ISSUER, fetch, seconds, Metrics()), ISSUER, AUDIENCE, Metrics(), MemoryRates(seconds), "role")
    assert await _refused(identity.caller(callers.operator["Authorization"])) == "issuer-away"


async def test_a_token_is_verified_once(callers: Callers, keys: _Keys, identity: Authentication) -> None:
    """Sent again it is known by its digest; one that was tampered with is another, and one that was refused is looked at each time."""
    token = callers.worker()["Authorization"]
    first = await identity.caller(token)
    assert (await identity.caller(token), keys.looked) == (first, 1)
    for number in range(2):
        assert await _refused(identity.caller(tampered(token, -4))) == "unauthenticated"
        assert keys.looked == 2 + number
    assert token.split()[1] not in str(vars(identity._verified))


async def test_a_known_token_ends_when_it_says(callers: Callers, keys: _Keys) -> None:
    """To the second: from then on it is verified each time, which takes it for some seconds more because clocks differ."""
    at = [now_ms()]
    identity, over = Authentication(keys, ISSUER, AUDIENCE, Metrics(), MemoryRates(seconds), "role", now=lambda: at[0]), at[0] // 1_000 + 60
    token = callers.signed(exp=over)["Authorization"]
    for moment, verified in ((at[0], 1), (over * 1_000 - 1, 1), (over * 1_000, 2), (over * 1_000, 3)):
        at[0] = moment
        await identity.caller(token)
        assert keys.looked == verified


async def test_a_key_that_was_taken_back_ends_what_it_signed(callers: Callers, keys: _Keys, identity: Authentication) -> None:
    """At the next fetch, also for a token that was known."""
    token = callers.worker()["Authorization"]
    await identity.caller(token)
    for _ in range(2):  # of the older keys the last stays valid
        callers.keys.rotate()
    await keys.refresh()
    assert await _refused(identity.caller(token)) == "unauthenticated"


async def test_so_many_tokens_are_known_and_no_more() -> None:
    """The one that was kept longest makes room; it is verified again."""
    known = TokenCache[str](lambda: 0, most=2)
    for token in ("a", "b", "c"):
        known.put(token, 1, token, 1_000)
    assert [known.get(token, 1) for token in ("a", "b", "c")] == [None, "b", "c"]


_NESTED = base64.urlsafe_b64encode(b"[" * 11_000).decode()


@pytest.mark.parametrize(
    "written",
    [
        f"{_NESTED}.e30.AAAA",
        base64.urlsafe_b64encode(b'{"alg":"ES256","kid":["a"]}').decode() + ".e30.AAAA",
        base64.urlsafe_b64encode(b'{"alg":["ES256"],"kid":"a"}').decode() + ".e30.AAAA",
        base64.urlsafe_b64encode(b'{"alg":"ES256","kid":' + b"9" * 5_000 + b"}").decode() + ".e30.AAAA",
        base64.urlsafe_b64encode(b'{"alg":"ES256","typ":{"JWT":1}}').decode() + ".e30.AAAA",
        "..",
        "\ud800.\ud800.\ud800",
        "e30.e30.e30.e30.e30",
    ],
)
async def test_whatever_somebody_makes_up_is_a_401(identity: Authentication, written: str) -> None:
    """Never a fault of ours: nested as deep as there is room for, of other types, with too many parts."""
    assert await _refused(identity.caller(f"Bearer {written}")) == "unauthenticated"


def _with_header(callers: Callers, **header: object) -> str:
    claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": "x", "exp": now_ms() // 1_000 + 600, "role": "worker"}
    newest = callers.keys._keys()[-1]
    kid = jwt.get_unverified_header(callers.operator["Authorization"].split()[1])["kid"]
    return "Bearer " + jwt.encode(claims, newest, "ES256", headers={"kid": kid} | header)


@pytest.mark.parametrize("typ", ["JWT", "jwt", "at+jwt", "application/at+jwt"])
async def test_a_token_to_get_in_with_is_taken(callers: Callers, identity: Authentication, typ: str) -> None:
    """RFC 9068, and what most issuers write."""
    assert await identity.caller(_with_header(callers, typ=typ))


@pytest.mark.parametrize("header", [{"typ": "logout+jwt"}, {"typ": "dpop+jwt"}, {"crit": ["exp"], "exp": 1}, {"crit": []}])
async def test_a_token_for_something_else_is_not(callers: Callers, identity: Authentication, header: dict[str, object]) -> None:
    """Signed by the same issuer for another purpose (RFC 8725, 3.11), or with an extension that must be understood (RFC 7515, 4.1.11)."""
    assert await _refused(identity.caller(_with_header(callers, **header))) == "unauthenticated"


async def test_a_key_for_one_algorithm_is_none_for_another() -> None:
    """Two keys under one id, as some issuers have them: each verifies its own; a short RSA key verifies nothing."""
    first, second = rsa.generate_private_key(65_537, 2_048), Ed25519PrivateKey.generate()
    short = rsa.generate_private_key(65_537, 1_024)  # noqa: S505 - that it is refused is what is shown
    published = [
        dict(jwt.get_algorithm_by_name(name).to_jwk(key.public_key(), as_dict=True)) | {"kid": kid}
        for name, key, kid in (("RS256", first, "k1"), ("EdDSA", second, "k1"), ("RS256", short, "k2"))
    ]

    async def fetch(address: str) -> Any:
        return {"issuer": ISSUER, "jwks_uri": "x"} if "well-known" in address else {"keys": published}

    identity = Authentication(IssuerKeys(ISSUER, fetch, seconds, Metrics()), ISSUER, AUDIENCE, Metrics(), MemoryRates(seconds), "role")
    claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": "x", "exp": now_ms() // 1_000 + 600, "role": "worker"}
    for key, algorithm in ((first, "RS256"), (second, "EdDSA")):
        assert await identity.caller(f"Bearer {jwt.encode(claims, key, algorithm, headers={'kid': 'k1'})}")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the library warns of what is shown here to be refused
        weak = jwt.encode(claims, short, "RS256", headers={"kid": "k2"})
    assert await _refused(identity.caller(f"Bearer {weak}")) == "unauthenticated"
    assert await _refused(identity.caller(f"Bearer {jwt.encode(claims, first, 'RS256')}")) == "unauthenticated"


def _of_any(callers: Callers, issuer: str, role_claim: str = "role") -> Authentication:
    async def fetch(address: str) -> Any:
        return {"issuer": issuer, "jwks_uri": f"{issuer}/jwks"} if "well-known" in address else callers.keys.jwks()

    return Authentication(IssuerKeys(issuer, fetch, seconds, Metrics()), issuer, AUDIENCE, Metrics(), MemoryRates(seconds), role_claim)


async def test_an_operator_of_a_real_issuer_breaks_the_glass(callers: Callers) -> None:
    """Her token must say so each time; on a loopback issuer it need not. Whoever else says it gets nothing by it."""
    identity = _of_any(callers, "https://id.example.nl")
    usual = callers.signed(iss="https://id.example.nl")["Authorization"]
    assert await _refused(identity.caller(usual)) == "unauthenticated"
    broken = await identity.caller(callers.signed(iss="https://id.example.nl", break_glass=True)["Authorization"])
    assert (broken.role, broken.break_glass) == ("operator", True)
    worker = await identity.caller(callers.signed(iss="https://id.example.nl", break_glass=True, role="worker")["Authorization"])
    assert (worker.role, worker.break_glass) == ("worker", False)


@pytest.mark.parametrize(
    ("claims", "role"),
    [
        ({"realm_access": {"roles": ["offline_access", "worker"]}}, "worker"),
        ({"realm_access": {"roles": "auditor"}}, "auditor"),
        ({"realm_access": {"roles": ["worker", "operator"]}}, None),
        ({"realm_access": ["worker"]}, None),
        ({"realm_access": {"roles": [{"name": "worker"}]}}, None),
        ({"realm_access.roles": "worker"}, None),
    ],
)
async def test_a_role_is_where_the_issuer_puts_it(callers: Callers, claims: dict[str, Any], role: str | None) -> None:
    """In an object, in a list among roles of others; two of ours are none."""
    identity = _of_any(callers, ISSUER, "realm_access.roles")
    written = callers.signed(role=None, **claims)["Authorization"]
    if role:
        assert (await identity.caller(written)).role == role
    else:
        assert await _refused(identity.caller(written)) == "unauthenticated"


async def test_keys_come_as_safely_as_their_issuer(callers: Callers) -> None:
    """An issuer that is asked over TLS does not send anybody to where anybody may answer."""

    async def fetch(address: str) -> Any:
        issuer = "https://id.example.nl"
        return {"issuer": issuer, "jwks_uri": "http://id.example.nl/jwks"} if "well-known" in address else callers.keys.jwks()

    keys = IssuerKeys("https://id.example.nl", fetch, seconds, Metrics())
    identity = Authentication(keys, "https://id.example.nl", AUDIENCE, Metrics(), MemoryRates(seconds), "role")
    assert await _refused(identity.caller(callers.signed(iss="https://id.example.nl", break_glass=True)["Authorization"])) == "issuer-away"
