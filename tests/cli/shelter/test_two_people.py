"""A shelter from its registration to its first household, by two coordinators with tokens of their own, on real servers."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.cli.spine import Spine, spine
from tests.controlled_servers import Kafka, Valkey
from tests.waiting import until

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(300)]

BERK = ("--name", "Berk", "--organisation", "de-linden", "--region", "Breda", "--phone", "0800-000001", "--unit", "6 crisis 1+3")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def plek(kafka: Kafka, valkey: Valkey, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Spine]:
    """Run all of it without a shelter."""
    async with spine(kafka, valkey, tmp_path_factory.mktemp("two")) as running:
        yield running


class Terminal:
    """A terminal of one person, who has a token; the words of each command are kept."""

    def __init__(self, plek: Spine, *who: str) -> None:
        self.plek = plek
        self.token = plek.plek("token", *who).stdout.strip()
        self.typed: list[str] = []

    def types(self, *words: str, code: int = 0) -> str:
        """Run a verb with the token, and return what it writes."""
        self.typed.append(" ".join(words))
        done = self.plek.plek(*words, "--token", self.token)
        assert done.returncode == code, done.stderr
        return done.stdout + done.stderr


async def _until_national(plek: Spine, **counts: int) -> None:
    def counted() -> bool:
        national = plek.json("counts", "--json")["national"]
        return {state: national[state] for state in counts} == counts

    await until(counted)


async def test_two_terminals_register_a_shelter_and_a_third_uses_it(plek: Spine) -> None:
    """One command proposes a shelter with six units and one confirms it; then an admission, its undoing and a discharge are one each."""
    anna, bea = (Terminal(plek, "coordinator", "--region", "Breda", "--as", name) for name in ("anna", "bea"))
    staff = Terminal(plek, "shelter", "--shelter", "berk")

    assert "Nog nodig (needed): a second coordinator of R07, or an operator" in anna.types("shelter", "add", "berk", *BERK)
    await _until_national(plek, capacity=0)
    assert "A second person confirms" in anna.types("shelter", "confirm", "berk", "--yes", code=1)
    confirmed = bea.types("shelter", "confirm", "berk", "--yes")
    assert "telefoon: 0800-000001" in confirmed
    assert "u1, u2, u3, u4, u5, u6: crisisopvang (crisis) · 1+3" in confirmed
    await _until_national(plek, capacity=6)

    assert "Let op" not in staff.types("admit", "u3", "1+2")
    await _until_national(plek, occupied=1)
    staff.types("undo", "--yes")
    await _until_national(plek, occupied=0)
    staff.types("admit", "u3", "1+2")
    await _until_national(plek, occupied=1)
    staff.types("discharge", "u3", "--to", "home")
    await _until_national(plek, occupied=0)
    assert (anna.typed[:1], bea.typed) == ([f"shelter add berk {' '.join(BERK)}"], ["shelter confirm berk --yes"])


async def test_what_moves_households_waits_and_the_rest_does_not(plek: Spine) -> None:
    """A telephone waits for a second person, a language and a unit do not; the same again changes nothing."""
    anna, bea = (Terminal(plek, "coordinator", "--region", "Breda", "--as", name) for name in ("anna", "bea"))
    assert "Geldt nu (in force)" in anna.types("shelter", "change", "berk", "--language", "nl", "--language", "Tigrinya")
    assert "Er verandert niets (unchanged)" in anna.types("shelter", "change", "berk", "--language", "Tigrinya", "--language", "nl")
    assert "Geldt nu (in force)" in anna.types("unit", "add", "berk", "u7", "1+1", "--kind", "emergency", "--wheelchair")
    await _until_national(plek, capacity=7)
    assert "Geldt nu (in force)" in anna.types("unit", "withdraw", "berk", "u7")
    await _until_national(plek, capacity=6)
    proposal = anna.types("shelter", "change", "berk", "--phone", "0800-000002").split()[-1]
    assert "telefoon: 0800-000001 → 0800-000002" in bea.types("shelter", "confirm")
    assert "6 vrij van 6 (free)" in bea.types("shelter", "list")
    assert "Afgewezen (rejected): berk" in bea.types("shelter", "reject", proposal, "wrong_data")
    proposal = anna.types("shelter", "change", "berk", "--phone", "0800-000003").split()[-1]
    assert "Ingetrokken (taken back): berk" in anna.types("shelter", "take-back", proposal)
    assert "No proposal waits" in bea.types("shelter", "confirm")
