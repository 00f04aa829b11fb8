"""`GET /v1/refusals`: each role reads those of its own organisations, and no value that was sent."""

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest_asyncio

from services.adapters.clock import now_ms
from services.adapters.codec.validation import FieldProblem
from services.adapters.http.app_factory import new_app, running
from services.adapters.kafka.topics import Topics
from services.adapters.observability.metrics import Metrics
from services.gateway.ownership import OwnershipLookup
from services.gateway.refusals.refusal import IntakeRefusal
from services.gateway.refusals.refusal_reader import RefusalReader
from services.gateway.refusals.routes import add_refusals
from tests.audited import Audited
from tests.callers import Callers
from tests.documented import documented
from tests.folded import Folded
from tests.sent import registered
from tests.twins.memory_refusals import MemoryRefusalLog

_TOPICS = Topics("plek")
_ID = "6f1d2c3e-8a94-4b07-9c15-d20e7f4a3b61"


class Shown:
    """A gateway with refusals of two organisations: berk and els are of org-1, den of org-2; berk is in R07, els and den in R01."""

    def __init__(self, client: httpx.AsyncClient, callers: Callers, folded: Folded, log: MemoryRefusalLog, audited: Audited) -> None:
        self.client, self.callers, self.folded, self.log, self.audited = client, callers, folded, log, audited

    async def answer(self, headers: dict[str, str]) -> httpx.Response:
        """Ask for refusals."""
        answer = await self.client.get("/v1/refusals", headers=headers)
        await documented(self.client, "/v1/refusals", "get", answer)
        return answer

    async def organisations(self, headers: dict[str, str]) -> set[str]:
        """Return the organisations whose refusals a caller reads."""
        return {each["organisation"] for each in (await self.answer(headers)).json()["refusals"]}


def _refusal(organisation: str, offset: int, **other: Any) -> IntakeRefusal:
    given: dict[str, Any] = {"partition": 0, "time": now_ms(), "event": None, "errors": (FieldProblem("/data/unit", "bad_format"),)}
    return IntakeRefusal(topic=_TOPICS.intake(organisation), offset=offset, **given | other)


@pytest_asyncio.fixture
async def shown(tmp_path: Path) -> AsyncIterator[Shown]:
    """Open a gateway."""
    metrics, callers, audited, folded = Metrics(), Callers(tmp_path), Audited("kafka-away"), Folded(now_ms())
    await folded.begin()
    await folded.fold(registered("berk"), registered("els", "R01"), registered("den", "R01", organisation="org-2"))
    log = MemoryRefusalLog(_TOPICS)
    for organisation in ("org-1", "org-2", "org-3"):
        refusals = [_refusal(organisation, 4), _refusal(organisation, 7, event=_ID)]
        log.refused[organisation] = [(each.time, each.record(_TOPICS.refused(organisation))) for each in refusals]
    app = new_app("Plek gateway", "", metrics, lambda: 0.0)
    app.state.guard = audited.guard(callers.identity(metrics))
    lookup = partial(OwnershipLookup, folded.view, 12, now_ms() - 60_000)
    add_refusals(app, RefusalReader(log=log, topics=_TOPICS, lookup=lookup, now=now_ms))
    async with (
        running(audited.writer.run_forever),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://plek") as client,
    ):
        yield Shown(client, callers, folded, log, audited)


async def test_a_shelter_reads_those_of_its_organisation(shown: Shown) -> None:
    """Who speaks for a shelter reads what was refused of its organisation; who speaks for shelters of two reads both."""
    assert await shown.organisations(shown.callers.shelter("berk")) == {"org-1"}
    assert await shown.organisations(shown.callers.shelter("den", "els")) == {"org-1", "org-2"}
    assert await shown.organisations(shown.callers.shelter("nowhere")) == set()


async def test_a_coordinator_reads_those_of_its_regions_and_an_operator_all(shown: Shown) -> None:
    """A coordinator reads those of organisations with a shelter in its regions; an operator also those of one without a shelter."""
    assert await shown.organisations(shown.callers.coordinator("R07")) == {"org-1"}
    assert await shown.organisations(shown.callers.coordinator("R01")) == {"org-1", "org-2"}
    assert await shown.organisations(shown.callers.coordinator("R02")) == set()
    assert await shown.organisations(shown.callers.operator) == {"org-1", "org-2", "org-3"}


async def test_a_refusal_says_where_and_why(shown: Shown) -> None:
    """The newest comes first; each has its position, its reason and errors, and the id of its event where that is known."""
    answer = (await shown.answer(shown.callers.shelter("berk"))).json()
    assert [(each["offset"], each.get("event")) for each in answer["refusals"]] == [(7, _ID), (4, None)]
    assert (answer["complete"], answer["refusals"][0]["topic"], answer["refusals"][0]["reason"]) == (
        True,
        "plek.intake.org-1",
        "bad_format",
    )


async def test_of_more_than_are_shown_the_answer_says_so(shown: Shown) -> None:
    """At most 500 are shown, and `complete` is false."""
    many = [_refusal("org-1", offset) for offset in range(501)]
    shown.log.refused["org-1"] = [(each.time, each.record("")) for each in many]
    answer = (await shown.answer(shown.callers.shelter("berk"))).json()
    assert (len(answer["refusals"]), answer["complete"], answer["refusals"][0]["offset"]) == (500, False, 500)


async def test_what_is_read_is_audited(shown: Shown) -> None:
    """Each answer is recorded with the organisations that it is about."""
    await shown.answer(shown.callers.shelter("den"))
    assert ("refusals-shown", "success", ["org-2"]) in shown.audited.told


async def test_it_waits_for_a_view_and_a_log_that_answer(shown: Shown) -> None:
    """Without the view the organisation of a shelter is not known, without Kafka its refusals are not: 503, never an empty list."""
    shown.folded.view.away = True
    answer = await shown.answer(shown.callers.shelter("berk"))
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:plek:problem:view-away")
    assert (await shown.answer(shown.callers.operator)).status_code == 200
    shown.log.away = True
    answer = await shown.answer(shown.callers.operator)
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:plek:problem:kafka-away")


def test_a_record_holds_the_document() -> None:
    """A record of the topic is the JSON that is shown, without the organisation: the topic says that."""
    record = _refusal("org-1", 3, event=_ID).record("plek.intake.org-1.refused")
    assert {"event", "topic", "offset"} <= orjson.loads(record.value or b"").keys()
    assert (record.key, record.topic) == (None, "plek.intake.org-1.refused")
