"""Signed heads as files: which an auditor kept, whose keys are trusted, and the newest to keep elsewhere."""

import asyncio
import re
from collections.abc import Iterable, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Final

import typer

from services.adapters.audit.reader import AuditLog, KafkaAuditLog
from services.adapters.audit.signed_heads import SignedHead, public_key, read_head
from services.adapters.config.settings import Settings
from services.adapters.kafka.topics import Topics
from services.cli.clients.connection import translate_outages
from services.local.user_error import UserError

_KEY: Final = re.compile("[0-9a-f]{64}", re.ASCII)


def export_heads(settings: Settings, most: int) -> None:
    """Print the newest signed heads, a line of JSON each, the oldest first, and beside them the key that signed. Raises UserError."""
    with translate_outages():
        heads = asyncio.run(newest(KafkaAuditLog(settings.brokers, Topics(settings.prefix).audit_heads), most))
    if not heads:
        raise UserError("No head of the audit log is signed yet: the monitor signs them with the key of PLEK_AUDIT_HEAD_KEY_FILE")
    for head in heads:
        typer.echo(head.value.decode())
    for key in dict.fromkeys(head.key for head in heads):
        typer.echo(f"openbare sleutel (public key) {key}", err=True)


async def newest(log: AuditLog, most: int) -> list[SignedHead]:
    """Read the newest heads, the oldest first; UserError where one is none."""
    values: list[bytes] = []
    async with aclosing(log.back(None, 0)) as blocks:
        async for block in blocks:
            values = [link.value for link in block][-(most - len(values)) :] + values
            if len(values) >= most:
                break
    return [_head(value, "The topic of heads") for value in values]


def read_kept_heads(file: Path) -> list[SignedHead]:
    """Read the heads that `plek audit heads` printed into a file. Raises UserError."""
    heads = [_head(line, str(file)) for line in _read(file).splitlines()]
    if not heads:
        raise UserError(f"{file} holds no head: `plek audit heads > FILE` writes one", code=2)
    return heads


def trusted_keys(files: Sequence[Path], kept: Iterable[SignedHead], settings: Settings) -> frozenset[str]:
    """Return the public keys of files, or without any those of the heads that were kept, else that of this instance. Raises UserError."""
    if files:
        return frozenset(map(_read_key, files))
    own = frozenset({public_key(settings.head_key)}) if settings.head_key else frozenset[str]()
    return frozenset(head.key for head in kept) or own


def _read_key(file: Path) -> str:
    text = _read(file).decode("utf-8", "replace").strip()
    if not _KEY.fullmatch(text):
        raise UserError(f"{file} holds no public key: 64 hexadecimal digits, as `plek audit heads` prints them", code=2)
    return text


def _head(line: bytes, where: str) -> SignedHead:
    try:
        return read_head(line)
    except ValueError as wrong:
        raise UserError(f"{where} holds a line that is no signed head", code=2) from wrong


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as wrong:
        raise UserError(f"{file} can't be read", code=2) from wrong
