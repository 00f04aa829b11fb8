"""The recorder writes an entry under a pseudonym, and what can't be written is a problem or, where that is asked for, a log line."""

import pytest

from services.adapters.auth.authentication import Caller
from services.adapters.http.app_factory import running
from services.adapters.problem_details import ProblemError
from tests.audited import Audited

CALLER = Caller("k.jansen", "worker", desk="crisis-oost")


async def test_what_cannot_be_recorded_is_a_problem_unless_it_may_be_left_out() -> None:
    """`write` raises the problem of the service; `write_if_possible` and `write_refusal` go on."""
    at = Audited()
    async with running(at.writer.run_forever):
        await at.audit.write(CALLER, "shelters-shown")
        at.log.away = True
        with pytest.raises(ProblemError, match="data-unavailable"):
            await at.audit.write(CALLER, "shelters-shown")
        await at.audit.write_if_possible(CALLER, "demand-logged")
        await at.audit.write_refusal(CALLER, "shelters-shown", ("shelter", "berk"))
    assert at.told == [("shelters-shown", "success", [])]


async def test_a_person_stands_in_the_log_under_a_pseudonym_of_its_own() -> None:
    """Neither her name nor the one under which she asks for holds: the two logs don't add up by themselves."""
    audited = Audited()
    entry = audited.audit.entry(CALLER, "shelters-shown").document()
    assert (entry["role"], entry["on_behalf_of"], entry["purpose"]) == ("worker", ("desk:crisis-oost",), "placement")
    assert entry["user"] not in (CALLER.sub, audited.pseudonyms.asked_by(CALLER.sub))
    assert entry["user"] == audited.audit.entry(CALLER, "audit-shown").document()["user"]
