"""The forms that secrets must have; a ValueError names the rule, never the value."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from services.adapters.config.notice_hooks import read_hooks
from services.adapters.config.push_service import check_push_key

# As long as what is derived from it (SHA-256): a shorter key could be guessed, and would open pseudonyms and offers
_KEY_BYTES: Final = 32
_HEXADECIMAL: Final = re.compile(f"[0-9a-f]{{{2 * _KEY_BYTES}}}", re.ASCII)


def check_length(text: str) -> None:
    """Check that a key is long enough; ValueError."""
    if len(text.encode()) < _KEY_BYTES:
        raise ValueError(f"must be {_KEY_BYTES} bytes or longer, also in its _FILE: `openssl rand -hex {_KEY_BYTES}` makes one")


def check_hexadecimal(text: str) -> None:
    """Check that a key is 32 bytes in hexadecimal digits; ValueError."""
    if not _HEXADECIMAL.fullmatch(text):
        raise ValueError(f"must be {2 * _KEY_BYTES} hexadecimal digits: `openssl rand -hex {_KEY_BYTES}` makes them")


SECRET_FORMS: Final[Mapping[str, Callable[[str], object]]] = {
    "pseudonym_key": check_length,
    "web_key": check_hexadecimal,
    "audit_head_key": check_hexadecimal,
    "need_key": check_hexadecimal,
    "notice_hooks": read_hooks,
    "push_key": check_push_key,
}
"""The check of each setting that is a secret of a form."""


def read_secret(variable: str, file: Path) -> str:
    """Return the secret in the file that a variable names; ValueError where it can't be read."""
    try:
        return file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as wrong:
        raise ValueError(f"the file that {variable} names can't be read") from wrong
