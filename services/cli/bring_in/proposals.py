"""Sends shelters and units as proposals, which another person confirms."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import uuid4

from services.adapters.bring_in.shelter_plan import PlannedDeclaration
from services.adapters.clock import now_ms
from services.cli.clients.api_client import ApiClient
from services.cli.output.problem_text import problem_line
from services.local.user_error import UserError

# One request names so many units of a shelter at most
_MOST_UNITS: Final = 100
_ANSWERS: Final = (200, 201, 400, 403, 404, 405, 409)
_WORDS: Final = {"proposed": "wait for a confirmation", "in-force": "are in force", "unchanged": "were so already"}


@dataclass(slots=True)
class ProposalSender:
    """Proposes what one file declares. `refused` counts what the gateway refused."""

    gateway: ApiClient
    refused: int = 0
    _answers: Counter[str] = field(default_factory=Counter)
    _needs: set[str] = field(default_factory=set)

    def send(
        self, shelters: Sequence[PlannedDeclaration], units: Sequence[PlannedDeclaration], advance: Callable[[int], None]
    ) -> list[str]:
        """Send all of it, and return what became of it. Raises UserError where the gateway takes no proposals, or can't be reached."""
        for shelter in shelters:
            if shelter.before is None:
                self._post("POST", "/v1/shelters", {"shelter": shelter.shelter, **shelter.members}, 1)
            else:
                changed = {name: shelter.members[name] for name in shelter.changes}
                self._post("PATCH", f"/v1/shelters/{shelter.shelter}/registration", changed, 1)
            advance(1)
        for shelter_id in dict.fromkeys(unit.shelter for unit in units):
            own = [unit for unit in units if unit.shelter == shelter_id]
            for first in range(0, len(own), _MOST_UNITS):
                some = own[first : first + _MOST_UNITS]
                self._post("POST", f"/v1/shelters/{shelter_id}/units", {"units": [{"unit": u.unit, **u.members} for u in some]}, len(some))
                advance(len(some))
        lines = [f"{count:,} proposals {words}" for words, count in self._answers.items()]
        return [*lines, *(f"needed: {needed}" for needed in sorted(self._needs))]

    def _post(self, method: str, path: str, body: Mapping[str, Any], declared: int) -> None:
        answer = self.gateway.request(method, path, body, key=str(uuid4()), expected=_ANSWERS, unreachable="; bring the file in again")
        if answer.status in {404, 405}:
            raise UserError("This gateway takes no proposals: an operator can bring in shelters and units")
        if answer.status < 300:
            self._answers[_WORDS[answer.body["status"]]] += declared
            self._needs |= {answer.body["needs"]} if answer.body["status"] == "proposed" and answer.body.get("needs") else set()
        else:
            self.refused += declared
            self._answers[f"were refused: {problem_line(answer.status, answer.headers, answer.body, now_ms())}"] += declared
