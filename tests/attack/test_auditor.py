"""What an auditor, who reads the audit log live and knows a household and the hour of its flight, infers alone; and with a colleague."""

from tests.attack.attack import Attacked, chosen
from tests.attack.insider import chances
from tests.attack.roles import AUDITOR, OPENED, Auditor

_FLIGHTS = 24


def test_f7_an_auditor_alone_finds_no_shelter() -> None:
    """F7: behind pseudonyms an auditor names the shelter hardly more often than by chance, and never surely; opened ones name it."""
    found = Attacked()
    played, targets = chosen(7, 9, _FLIGHTS)
    for logged in played.log:
        played.learn(logged)
    auditor = Auditor(played.log, {name: len(units) for name, units in played.units.items()})
    for flight in targets:
        known = chances(played, flight)
        found.add(AUDITOR, auditor.guess(flight, known), flight.shelter)
        found.add(OPENED, auditor.guess_opened(flight, known), flight.shelter)
    alone, together = found.guesses[AUDITOR], found.guesses[OPENED]
    assert len(alone.chances) == _FLIGHTS
    assert alone.right <= 0.15
    assert alone.certain == 0
    assert together.right > 0.5, "the attack itself works"
