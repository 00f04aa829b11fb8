"""The signing keys of the local issuer: made on first use, readable by their owner only; the newest signs, and all are published."""

import os
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256, Hash
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat, load_pem_private_key
from jwt.algorithms import ECAlgorithm

ALGORITHM = "ES256"
# The one that signs and the one before it, which has signed tokens that are still valid
_PUBLISHED = 2


class SigningKeys:
    """P-256 keys as `<number>.pem` in a folder of the data directory."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def rotate(self) -> None:
        """Make a new key that signs from now on; of the older ones only the last stays valid."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        files = self._files()
        number = int(files[-1].stem) + 1 if files else 1
        _write(self._folder / f"{number:04}.pem", generate_private_key(SECP256R1()))
        for old in self._files()[:-_PUBLISHED]:
            old.unlink()

    def jwks(self) -> dict[str, Any]:
        """Return the public keys (RFC 7517)."""
        return {"keys": [_public_jwk(key) for key in self._keys()]}

    def sign(self, claims: dict[str, Any]) -> str:
        """Return the claims as a token signed by the newest key."""
        newest = self._keys()[-1]
        return jwt.encode(claims, newest, algorithm=ALGORITHM, headers={"kid": _kid(newest)})

    def _keys(self) -> list[EllipticCurvePrivateKey]:
        if not self._files():
            self.rotate()
        return [_load(file) for file in self._files()]

    def _files(self) -> list[Path]:
        return sorted(self._folder.glob("*.pem"))


def _write(path: Path, key: EllipticCurvePrivateKey) -> None:
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    # Created with its mode: at no moment can another user read it
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(pem)


def _load(path: Path) -> EllipticCurvePrivateKey:
    key = load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, EllipticCurvePrivateKey):
        raise TypeError(f"{path.name} is not a P-256 key")
    return key


def _kid(key: EllipticCurvePrivateKey) -> str:
    digest = Hash(SHA256())
    digest.update(key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
    return digest.finalize().hex()[:16]


def _public_jwk(key: EllipticCurvePrivateKey) -> dict[str, Any]:
    return {**ECAlgorithm.to_jwk(key.public_key(), as_dict=True), "kid": _kid(key), "use": "sig", "alg": ALGORITHM}
