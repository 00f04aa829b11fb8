"""Signed heads of the audit log: what the log held at an instant, signed with Ed25519 (RFC 8032), each with the hash of the head before.

Pure: values in, values out. A head is one line of JSON with sorted members and no space, so it has one form in bytes, which is signed. What
holds the key can sign a log that it has rewritten; a head that an auditor kept elsewhere shows that, as heads form a chain.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from services.adapters import rfc3339
from services.adapters.audit.hash_chain import Extent
from services.adapters.audit.records import hash_of
from services.domain.durations import NS_PER_MS

# Two processes that sign at once both continue the head that both have read: so many heads further on none does any more
_RECENT: Final = 1_000
# A year of heads. Older ones are covered by each of these, and prove nothing more
_MOST_EXTENTS: Final = 50_000
_DIGEST: Final = re.compile("[0-9a-f]{64}", re.ASCII)
_SIGNATURE: Final = re.compile("[0-9a-f]{128}", re.ASCII)
_DIGESTS: Final = ("hash", "first", "digest", "key")
_TIMES: Final = ("at", "time")
_EXTENT: Final = ("offset", "hash", "first", "digest")
_OWN: Final = ("topic", "number", "before", "key", "signature")
_NO_HEAD: Final = "not a signed head of the audit log"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedHead:
    """Head `number` of the log of a topic, signed at `at` (ms) with a key that is named by its public half."""

    topic: str
    number: int
    at: int
    extent: Extent
    before: str | None
    key: str
    signature: str = ""

    @property
    def value(self) -> bytes:
        """Its bytes in the file, in the topic and in what is exported."""
        return orjson.dumps(self._members(), option=orjson.OPT_SORT_KEYS)

    @property
    def hash(self) -> str:
        """The hash of its bytes, which the next head carries."""
        return hash_of(self.value)

    @property
    def signed_bytes(self) -> bytes:
        """The bytes that are signed: all of it but the signature."""
        members = self._members()
        del members["signature"]
        return orjson.dumps(members, option=orjson.OPT_SORT_KEYS)

    def is_genuine(self) -> bool:
        """Return whether its key has signed it."""
        try:
            Ed25519PublicKey.from_public_bytes(bytes.fromhex(self.key)).verify(bytes.fromhex(self.signature), self.signed_bytes)
        except (InvalidSignature, ValueError):
            return False
        return True

    def _members(self) -> dict[str, Any]:
        members = {name: getattr(self, name) for name in _OWN} | asdict(self.extent) | {"at": self.at}
        return members | {name: rfc3339.show_ms(members[name]) for name in _TIMES}


def public_key(secret: str) -> str:
    """Return the public half of a key, in hexadecimal digits as the key."""
    return _private(secret).public_key().public_bytes_raw().hex()


def sign(secret: str, topic: str, extent: Extent, at: int, last: SignedHead | None) -> SignedHead:
    """Return the head that follows `last`, signed."""
    number, before = (last.number + 1, last.hash) if last else (0, None)
    head = SignedHead(topic=topic, number=number, at=at, extent=extent, before=before, key=public_key(secret))
    return replace(head, signature=_private(secret).sign(head.signed_bytes).hex())


def read_head(value: bytes) -> SignedHead:
    """Return the head that these bytes are; ValueError where they are none, or not in the form that is signed."""
    try:
        head = _head(orjson.loads(value))
    except (ValueError, TypeError, KeyError) as wrong:
        raise ValueError(_NO_HEAD) from wrong
    if head.value != value:
        raise ValueError(_NO_HEAD)
    return head


def _head(members: dict[str, Any]) -> SignedHead:
    digests = [members[name] for name in _DIGESTS] + ([] if members["before"] is None else [members["before"]])
    numbers = [members["number"], members["offset"]]
    if not (all(map(_DIGEST.fullmatch, digests)) and _SIGNATURE.fullmatch(members["signature"]) and {*map(type, numbers)} == {int}):
        raise ValueError(_NO_HEAD)
    times = {name: rfc3339.parse(members[name]) // NS_PER_MS for name in _TIMES}
    extent = Extent(time=times["time"], **{name: members[name] for name in _EXTENT})
    return SignedHead(at=times["at"], extent=extent, **{name: members[name] for name in _OWN})


def _private(secret: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(secret))


@dataclass(slots=True)
class HeadChecker:
    """Checks the heads of a topic in their order, and collects the extents that they prove. Only heads of `keys` prove one.

    `kept` are heads that an auditor kept elsewhere: each must be among those of the topic.
    """

    topic: str
    keys: frozenset[str]
    kept: tuple[SignedHead, ...] = ()
    extents: OrderedDict[int, Extent] = field(default_factory=OrderedDict)
    last: SignedHead | None = None
    heads: int = 0
    others: int = 0
    """How many heads other keys have signed, which are believed in nothing."""
    _missing: dict[str, SignedHead] = field(default_factory=dict)
    _recent: OrderedDict[str, None] = field(default_factory=OrderedDict)

    def begin(self) -> str | None:
        """Check the kept heads themselves, and return what is wrong with the first that is not sound."""
        for head in self.kept:
            if wrong := self._unsound(head):
                return wrong
            self._missing[head.hash] = head
        return None

    def take(self, value: bytes) -> str | None:
        """Check the next head of the topic, and return what is wrong with it."""
        try:
            head = read_head(value)
        except ValueError:
            return "a record among the signed heads is none"
        if head.before is not None and head.before not in self._recent:
            return "signed heads are missing"
        self._recent[head.hash] = None
        if len(self._recent) > _RECENT:
            self._recent.popitem(last=False)
        self._missing.pop(head.hash, None)
        if head.key not in self.keys:
            self.others += 1
            return None
        self.heads, self.last = self.heads + 1, head
        return self._unsound(head)

    @property
    def proven(self) -> dict[int, Extent]:
        """What the log must hold, by offset; what an auditor kept is never left out."""
        return self.extents | {head.extent.offset: head.extent for head in self.kept}

    def finish(self) -> str | None:
        """Return what is wrong with the heads as a whole."""
        return "a head that was kept elsewhere is not among the signed heads: they were cut or begun anew" if self._missing else None

    def _unsound(self, head: SignedHead) -> str | None:
        """Return what is wrong with a head by itself; else collect its extent."""
        if head.topic != self.topic:
            return "a signed head is of another log"
        if head.key not in self.keys:
            return "a signed head is of a key that is not trusted"
        if not head.is_genuine():
            return "a signed head is forged: its signature is false"
        if self.extents.setdefault(head.extent.offset, head.extent) != head.extent:
            return "two signed heads hold different records of the log"
        if len(self.extents) > _MOST_EXTENTS:
            self.extents.popitem(last=False)
        return None
