"""Who is sent a notice of a proposal."""

import pytest

from services.adapters.auth.authentication import Caller
from services.adapters.proposals.proposal_records import Proposal
from services.adapters.proposals.table import TrackedProposal
from services.api.live.notifications import of_proposal
from services.api.live.subscribers import Subscriber

PROPOSAL = Proposal(proposal="p1", shelter="berk", by="a" * 32, proposer="shelter", at=1, seen_in=("R07", "R10"), regions=("R10",))


@pytest.mark.parametrize(
    ("caller", "person", "hears"),
    [
        (Caller("s1", "shelter", frozenset({"berk"})), "a" * 32, True),
        (Caller("s2", "shelter", frozenset({"berk"})), "b" * 32, False),
        (Caller("c1", "coordinator", regions=frozenset({"R07"})), "c" * 32, True),
        (Caller("c2", "coordinator", regions=frozenset({"R01"})), "d" * 32, False),
        (Caller("w1", "worker", regions=frozenset({"R07"})), "e" * 32, False),
        (Caller("o1", "operator"), "f" * 32, True),
    ],
)
def test_the_proposer_and_the_coordinators_of_its_regions_hear_of_it(caller: Caller, person: str, hears: bool) -> None:  # noqa: FBT001
    """A proposal is announced to the one who made it and to the coordinators of the regions before and after; a worker hears of none."""
    notice = of_proposal(TrackedProposal(PROPOSAL), 2)
    assert notice.data == {"proposal": "p1", "shelter": "berk", "status": "proposed"}
    assert Subscriber(caller, person).hears(notice) is hears
