"""The definitions of figures, read from the files beside their calculators."""

import pytest

from services.monitor.figures import places
from services.monitor.figures.definitions import DEFINITIONS, check_calculators


@pytest.mark.parametrize("figures", [[*places.PLACES][1:], [*places.PLACES, "another"], [*places.PLACES][::-1]])
def test_calculators_and_definitions_have_the_same_figures(figures: list[str]) -> None:
    """A module that lacks a calculator of its file, has one too many, or has another order, can't be imported."""
    with pytest.raises(ValueError, match="differ"):
        check_calculators(places.__name__, dict.fromkeys(figures))


def test_every_definition_has_texts_that_end() -> None:
    """Each definition is a sentence with a full stop in both languages, and names its source."""
    for definition in DEFINITIONS.values():
        for text in (definition.en, definition.nl):
            assert text.name
            assert text.definition.endswith(".")
        assert definition.source
