"""The local issuer and the tokens made from its keys."""

from pathlib import Path

import jwt
import pytest
from starlette.testclient import TestClient

from services.adapters.clock import now_ms
from services.local.issuer import create_app, loopback_port
from services.local.keys import SigningKeys
from services.local.tokens import Mint, Person, Role
from services.local.trouble import Trouble

_ISSUER = "http://127.0.0.1:8090"
_WORKER = Person(role=Role.WORKER, subject="anna", desk="desk-1")


@pytest.fixture
def keys(tmp_path: Path) -> SigningKeys:
    """Keys of an issuer that has never run."""
    return SigningKeys(tmp_path / "issuer")


def _token(keys: SigningKeys, person: Person = _WORKER) -> str:
    return Mint(keys, _ISSUER, "plek").token(person, now_ms(), 1)


def _read(token: str, keys: SigningKeys) -> dict[str, object]:
    published = TestClient(create_app(keys, _ISSUER)).get("/jwks.json").json()
    key = jwt.PyJWKSet.from_dict(published)[jwt.get_unverified_header(token)["kid"]]
    return jwt.decode(token, key, algorithms=["ES256"], audience="plek", issuer=_ISSUER, options={"require": ["exp", "iat", "jti", "sub"]})


def test_a_token_is_verified_by_the_published_keys(keys: SigningKeys) -> None:
    """Who knows only the issuer's address can verify a token and read role and desk from it."""
    claims = _read(_token(keys), keys)
    assert (claims["role"], claims["desk"], claims["sub"]) == ("worker", "desk-1", "anna")
    assert (claims["shelters"], claims["regions"]) == ([], [])


def test_the_description_names_the_keys(keys: SigningKeys) -> None:
    """OpenID discovery finds the keys from the issuer's address alone."""
    found = TestClient(create_app(keys, _ISSUER)).get("/.well-known/openid-configuration").json()
    assert (found["issuer"], found["jwks_uri"]) == (_ISSUER, f"{_ISSUER}/jwks.json")


def test_a_token_outlives_one_rotation_and_not_two(keys: SigningKeys) -> None:
    """The key before the newest stays published; the one before that is gone."""
    token = _token(keys)
    keys.rotate()
    assert _read(token, keys)["role"] == "worker"
    assert jwt.get_unverified_header(_token(keys))["kid"] != jwt.get_unverified_header(token)["kid"]
    keys.rotate()
    with pytest.raises(KeyError):
        _read(token, keys)


def test_keys_are_readable_by_their_owner_only(keys: SigningKeys, tmp_path: Path) -> None:
    """A private key has mode 0600 from its birth, and the published half holds no secret."""
    assert all(set(key) == {"kty", "crv", "x", "y", "kid", "use", "alg"} for key in keys.jwks()["keys"])
    [file] = (tmp_path / "issuer").iterdir()
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("address", ["http://0.0.0.0:8090", "http://192.0.2.1:8090", "http://plek.example:8090", "http://127.0.0.1"])
def test_any_address_but_loopback_is_refused(address: str) -> None:
    """The local issuer can't be served to a network by mistake."""
    with pytest.raises(Trouble, match="loopback only"):
        loopback_port(address)


@pytest.mark.parametrize("address", ["http://127.0.0.1:8090", "http://localhost:8090", "http://[::1]:8090"])
def test_loopback_is_served(address: str) -> None:
    """Every way to write this machine's own address is taken."""
    assert loopback_port(address)[1] == 8090


@pytest.mark.parametrize(("role", "missing"), [(Role.SHELTER, "--shelter"), (Role.COORDINATOR, "--region")])
def test_a_token_that_would_show_nothing_is_refused(keys: SigningKeys, role: Role, missing: str) -> None:
    """A shelter's token names a shelter, a coordinator's a region."""
    with pytest.raises(Trouble, match=missing):
        _token(keys, Person(role=role, subject="x"))
