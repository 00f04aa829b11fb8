"""The local issuer and the tokens made from its keys."""

from pathlib import Path

import jwt
import pytest
from starlette.testclient import TestClient

from services.adapters.clock import now_ms
from services.adapters.http.security_headers import SECURITY_HEADERS
from services.local.identity.signing_keys import SigningKeys
from services.local.identity.tokens import Person, Role, TokenIssuer
from services.local.servers.oidc_issuer import create_app, loopback_port
from services.local.user_error import UserError

_ISSUER = "http://127.0.0.1:8090"
_WORKER = Person(role=Role.WORKER, subject="anna", desk="desk-1")


@pytest.fixture
def keys(tmp_path: Path) -> SigningKeys:
    """Keys of an issuer that has never run."""
    return SigningKeys(tmp_path / "issuer")


def _token(keys: SigningKeys, person: Person = _WORKER) -> str:
    return TokenIssuer(keys, _ISSUER, "plek").token(person, now_ms(), 1)


def _read(token: str, keys: SigningKeys) -> dict[str, object]:
    published = TestClient(create_app(keys, _ISSUER)).get("/jwks.json").json()
    key = jwt.PyJWKSet.from_dict(published)[jwt.get_unverified_header(token)["kid"]]
    return jwt.decode(token, key, algorithms=["ES256"], audience="plek", issuer=_ISSUER, options={"require": ["exp", "iat", "jti", "sub"]})


def test_a_token_is_verified_by_the_published_keys(keys: SigningKeys) -> None:
    """With the issuer's address alone a token can be verified, and its role and desk read."""
    claims = _read(_token(keys), keys)
    assert (claims["role"], claims["desk"], claims["sub"]) == ("worker", "desk-1", "anna")
    assert (claims["shelters"], claims["regions"]) == ([], [])


def test_the_description_names_the_keys(keys: SigningKeys) -> None:
    """OpenID discovery leads from the issuer's address to its keys."""
    description = TestClient(create_app(keys, _ISSUER)).get("/.well-known/openid-configuration").json()
    assert (description["issuer"], description["jwks_uri"]) == (_ISSUER, f"{_ISSUER}/jwks.json")


def test_its_answers_have_the_security_headers_also_to_a_head(keys: SigningKeys) -> None:
    """The issuer answers HEAD wherever GET is, and its header fields are those of the services."""
    client = TestClient(create_app(keys, _ISSUER))
    for answer in (client.get("/jwks.json"), client.head("/jwks.json")):
        assert answer.status_code == 200
        assert all(answer.headers[name.decode()] == value.decode() for name, value in SECURITY_HEADERS)


def test_a_token_outlives_one_rotation_and_not_two(keys: SigningKeys) -> None:
    """The newest key and the one before it are published, and no older one."""
    token = _token(keys)
    keys.rotate()
    assert _read(token, keys)["role"] == "worker"
    assert jwt.get_unverified_header(_token(keys))["kid"] != jwt.get_unverified_header(token)["kid"]
    keys.rotate()
    with pytest.raises(KeyError):
        _read(token, keys)


def test_keys_are_readable_by_their_owner_only(keys: SigningKeys, tmp_path: Path) -> None:
    """The file of a private key has mode 0600, and the published key holds no secret."""
    assert all(set(key) == {"kty", "crv", "x", "y", "kid", "use", "alg"} for key in keys.jwks()["keys"])
    [file] = (tmp_path / "issuer").iterdir()
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("address", ["http://0.0.0.0:8090", "http://192.0.2.1:8090", "http://plek.example:8090", "http://127.0.0.1"])
def test_any_address_but_loopback_is_refused(address: str) -> None:
    """The local issuer can't be served to a network by mistake."""
    with pytest.raises(UserError, match="loopback only"):
        loopback_port(address)


@pytest.mark.parametrize("address", ["http://127.0.0.1:8090", "http://localhost:8090", "http://[::1]:8090"])
def test_loopback_is_served(address: str) -> None:
    """Each way to write the address of this machine is accepted."""
    assert loopback_port(address)[1] == 8090


@pytest.mark.parametrize(("role", "missing"), [(Role.SHELTER, "--shelter"), (Role.COORDINATOR, "--region")])
def test_a_token_that_would_show_nothing_is_refused(keys: SigningKeys, role: Role, missing: str) -> None:
    """A token of a shelter without a shelter, or of a coordinator without a region, is refused."""
    with pytest.raises(UserError, match=missing):
        _token(keys, Person(role=role, subject="x"))
