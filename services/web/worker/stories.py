"""Households to practise with, where no shelter and no household is real: a newcomer sees at once what there is to do."""

from dataclasses import dataclass
from typing import Final

from services.domain.durations import MINUTE_MS
from services.web.pages.language import mark

# Long enough to help one, short enough that there is always another
_EACH_MS: Final = 5 * MINUTE_MS


@dataclass(frozen=True, slots=True)
class Story:
    """What happened, and the line of text that asks for a place."""

    text: str
    line: str


_STORIES: Final = (
    Story(
        mark(
            "Het is kwart over twee. Een moeder staat met twee kinderen bij de politie in Breda. Haar zoon is zeven. Breda is niet veilig."
        ),
        "1+2 zoon 7 !breda",
    ),
    Story(mark("Een vrouw alleen belt vanuit een ziekenhuis. Ze zit in een rolstoel."), "1+0 rolstoel"),
    Story(
        mark("Een moeder met een baby moet vannacht weg. In Tilburg en Breda woont familie van de vader."), "1+1 kinderbed !breda !tilburg"
    ),
    Story(mark("Een moeder met drie kinderen. De oudste zoon is zestien: niet elke opvang neemt hem op."), "1+3 zoon 16"),
    Story(mark("Een vrouw wil niet weg zonder haar hond."), "1+0 hond"),
    Story(mark("Twee zussen met elk een kind willen bij elkaar blijven."), "2+2"),
)


def story_at(now: int) -> Story:
    """Return the household that waits at an instant (ms)."""
    return _STORIES[now // _EACH_MS % len(_STORIES)]
