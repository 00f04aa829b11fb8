"""Positions of the log as a caller may hold them: a sealed token, so that a write can be read back (`atLeast`).

A partition holds many shelters: its offset shows when another one moved. So an offset is for operators; every other caller holds a token
that gateway and API open with the same key, and that no two times looks alike.
"""

import re
from typing import Final

from services.adapters.auth.pseudonyms import Pseudonyms
from services.adapters.http.sealed_tokens import SealedTokens

_KIND: Final = "position"
_NUMBERS: Final = re.compile("([0-9]{1,4}):([0-9]{1,16})", re.ASCII)


class SealedPositions:
    """Writes and reads positions with the key of one world."""

    def __init__(self, pseudonyms: Pseudonyms) -> None:
        self._seals = SealedTokens(pseudonyms.sealing_key("positions"))

    def token(self, partition: int, offset: int) -> str:
        """Write a position as a token."""
        return self._seals.seal(_KIND, [partition, offset])

    def read(self, text: str, *, numbers: bool) -> tuple[int, int] | None:
        """Read a token, or with `numbers` also `<partition>:<offset>`; None for anything else."""
        if numbers and (found := _NUMBERS.fullmatch(text)):
            return int(found[1]), int(found[2])
        match self._seals.open(_KIND, text):
            case [int(partition), int(offset)]:
                return partition, offset
        return None
