"""The generated pages are those that the code gives."""

from pathlib import Path

import pytest

from services.adapters.config.settings import Settings
from services.local.docs_generator import pages

_TOP = Path(__file__).parents[2]


@pytest.mark.parametrize("path", pages(), ids=str)
def test_a_generated_page_is_not_stale(path: Path) -> None:
    """Each page in docs/ is what `make docs` would write."""
    assert (_TOP / path).read_text() == pages()[path], "run: make docs"


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_has_a_description(name: str) -> None:
    """The description of a setting is a sentence."""
    assert (Settings.model_fields[name].description or "").endswith((".", "`"))
