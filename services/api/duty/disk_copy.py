"""The duty list on the API's disk: what is answered when nothing else is there, also after a restart.

Guarantees: a reader finds the old file or the new one, whole; only its owner can read it (mode 0600); what was not written with the
operator's secret is not believed, for a number that an attacker put there would be dialled. It holds telephone numbers, organisations
and regions, and nothing of a shelter.
"""

import hmac
import logging
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import orjson

from services.api.duty.number_store import Kind, parse, plain
from services.domain.search.duty_numbers import Numbers, merged

_log = logging.getLogger(__name__)

_OURS_ALONE: Final = 0o600


@dataclass(frozen=True, slots=True)
class DutyNumbersAsOf:
    """The numbers, and when the chosen ones were last known to be right (ms); None: never."""

    as_of: int | None = None
    duty: Numbers = field(default_factory=dict)
    """Entered by coordinators, or taken back by them."""
    intake: Numbers = field(default_factory=dict)
    """Chosen of the shelters."""

    def known(self) -> dict[Kind, Numbers]:
        """Return the numbers by kind."""
        return {"duty": self.duty, "intake": self.intake}


class DutyCopy:
    """One file, shared by the API processes of a disk: each adds what it knows to what is there."""

    def __init__(self, file: Path, secret: bytes) -> None:
        self._file, self._secret = file, secret

    def read(self) -> DutyNumbersAsOf | None:
        """Return what the file holds; None where there is none, or one of another hand."""
        try:
            seal, _, written = self._file.read_bytes().partition(b"\n")
        except OSError:
            return None
        if not hmac.compare_digest(seal, self._seal(written)):
            return None
        read = orjson.loads(written)
        numbers = parse(read["numbers"])
        return DutyNumbersAsOf(read["as_of"], numbers["duty"], numbers["intake"])

    def write(self, numbers: DutyNumbersAsOf) -> None:
        """Write numbers in place of those of the file, but for entered ones that are later there; a full disk is logged only."""
        there = self.read()
        known = {**numbers.known(), "duty": merged(numbers.duty, there.duty if there else {})}
        written = orjson.dumps({"as_of": numbers.as_of, "numbers": plain(known)})
        beside = self._file.with_name(f"{self._file.name}.{os.getpid()}")
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _OURS_ALONE), "wb") as file:
                file.write(self._seal(written) + b"\n" + written)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(self._file)
        except OSError:
            _log.error("the duty list can't be written to the disk")

    def _seal(self, written: bytes) -> bytes:
        return hmac.digest(self._secret, written, "sha256").hex().encode()
