"""Pages worked out from the code say what the code says."""

from pathlib import Path

import pytest

from services.adapters.settings import Settings
from services.local.reference import pages

_TOP = Path(__file__).parents[2]


@pytest.mark.parametrize("path", pages(), ids=str)
def test_a_generated_page_is_not_stale(path: Path) -> None:
    """The page in docs/ is what `make docs` would write."""
    assert (_TOP / path).read_text() == pages()[path], "run: make docs"


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_says_what_it_does(name: str) -> None:
    """No setting is without a sentence."""
    assert (Settings.model_fields[name].description or "").endswith((".", "`"))
