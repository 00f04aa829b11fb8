"""One file on its way into Plek: what Plek shows is read, the file is planned beside it, and what is agreed to is sent.

Guarantees: every event is checked by the rules of the gateway before anything is sent; what is sent again after a run that was killed
counts once, for its names are made of its rows.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from services.adapters.bring_in.import_events import PlannedEvent
from services.adapters.bring_in.import_plan import ImportPlan, Surroundings, plan_file
from services.adapters.bring_in.known_shelters import KnownShelters, read_known_shelters
from services.adapters.bring_in.reasons import LeftOut
from services.adapters.clock import now_ms, seconds
from services.adapters.codec.event_codec import EventCodec, encode
from services.adapters.spreadsheets.cells import Sheet
from services.adapters.spreadsheets.sheet_tables import Choices
from services.cli.bring_in.preview import preview_lines
from services.cli.bring_in.proposals import ProposalSender
from services.cli.clients.api_client import ApiClient, open_api, open_gateway
from services.cli.clients.connection import OPERATOR
from services.cli.events.http_sender import HttpSender
from services.cli.events.recording_reader import RecordedLine
from services.cli.events.send_summary import SendSummary
from services.cli.events.throttle import Throttle
from services.cli.options.api_options import ApiOptions, ShelterOptions
from services.cli.options.language_names import language_code
from services.cli.options.region_names import RegionNames, read_instance_regions
from services.cli.output.progress import progress_bar
from services.domain.durations import NS_PER_MS
from services.gateway.event_validator import EventValidator
from services.local.identity.tokens import Person, Role
from services.local.user_error import UserError

# What an event may be late with when it is recorded now: nothing of it is checked
_TOO_OLD_DAYS = 400


@dataclass(slots=True)
class FileImport:
    """The import of one file, as one caller of the API and the gateway."""

    api: ApiClient
    gateway: ApiClient
    codec: EventCodec
    names: RegionNames
    refused: int = 0
    _keys: dict[str, bytes] = field(default_factory=dict)
    _role: str = ""

    @classmethod
    @contextmanager
    def open(cls, by: ApiOptions, gateway: str | None, shelters: list[str] | None) -> Iterator[FileImport]:
        """Yield an import for the caller of the token, else for a user of these shelters, else for the operator of this machine."""
        person = Person(role=Role.SHELTER, subject="desk-shelter", shelters=tuple(shelters)) if shelters else OPERATOR
        regions = read_instance_regions(by.data)
        with open_api(by, person) as api, open_gateway(ShelterOptions(**vars(by), gateway=gateway), person) as sender:
            yield cls(api, sender, EventCodec(frozenset(regions)), RegionNames(regions))

    def plan(self, sheets: Sequence[Sheet], choices: Choices) -> ImportPlan:
        """Return the plan of a file beside what Plek shows. What breaks a rule of the gateway is left out."""
        self._role = str(self.api.request("GET", "/v1/me").body["role"])
        now = now_ms()
        with progress_bar("Comparing", None):
            plan = plan_file(
                sheets,
                choices,
                Surroundings(
                    known=self._known(),
                    key=self._key,
                    region=self._region,
                    language=_language,
                    now=now * NS_PER_MS,
                    in_force=self._in_force,
                ),
            )
            self._check(plan, now)
        return plan

    def preview(self, plan: ImportPlan, *, every: bool) -> list[str]:
        """Return the lines that show a plan."""
        return preview_lines(plan, direct=self.is_operator, every=every)

    @property
    def is_operator(self) -> bool:
        """Whether the caller declares shelters and units without a proposal."""
        return self._role == "operator"

    @property
    def _in_force(self) -> Literal["nothing", "units", "shelters and units"]:
        return "shelters and units" if self.is_operator else "units" if self._role == "coordinator" else "nothing"

    def sends(self, plan: ImportPlan) -> bool:
        """Return whether there is anything to send."""
        return bool(plan.facts or plan.shelters or plan.units)

    def send(self, plan: ImportPlan) -> list[str]:
        """Send a plan, declarations first, and return what became of it."""
        lines: list[str] = []
        if not self.is_operator and (plan.shelters or plan.units):
            proposals = ProposalSender(self.gateway)
            with progress_bar("Proposing", len(plan.shelters) + len(plan.units)) as advance:
                lines += proposals.send(plan.shelters, plan.units, advance)
            self.refused += proposals.refused
        events = [*(plan.declarations if self.is_operator else ()), *plan.facts]
        if events:
            summary = SendSummary()
            with progress_bar("Sending", len(events)) as advance:
                HttpSender(self.gateway.client, self.codec, Throttle(None, seconds), time.sleep, advance, summary).send(
                    RecordedLine(planned.line, None, encode(planned.event), keyed=False, whole=True) for planned in events
                )
            lines.append(summary.line())
            self.refused += summary.refused
        return lines

    def _known(self) -> KnownShelters:
        shelters: list[dict[str, Any]] = self.api.request("GET", "/v1/shelters").body["shelters"]
        return read_known_shelters(shelters)

    def _key(self, shelter: str) -> bytes:
        if shelter not in self._keys:
            self._keys[shelter] = bytes.fromhex(self.api.request("GET", f"/v1/shelters/{shelter}/import-key").body["key"])
        return self._keys[shelter]

    def _region(self, text: str) -> str | None:
        try:
            return self.names.code(text)
        except UserError:
            return None

    def _check(self, plan: ImportPlan, now: int) -> None:
        """Leave out the lines with an event that the gateway would refuse."""
        validator = EventValidator(self.codec, _TOO_OLD_DAYS)
        broken: dict[tuple[str, int], tuple[str, ...]] = {}
        for planned in (*plan.declarations, *plan.facts):
            if refused := validator.validate_event(planned.event, now):
                broken[planned.sheet, planned.line] = tuple(f"{each.pointer.rpartition('/')[2]} ({each.code})" for each in refused.problems)
        plan.left_out += [LeftOut(sheet, line, "rule", fields=fields) for (sheet, line), fields in broken.items()]

        def kept(events: list[PlannedEvent]) -> list[PlannedEvent]:
            return [planned for planned in events if (planned.sheet, planned.line) not in broken]

        plan.declarations, plan.facts = kept(plan.declarations), kept(plan.facts)


def _language(text: str) -> str | None:
    try:
        return language_code(text)
    except UserError:
        return None
