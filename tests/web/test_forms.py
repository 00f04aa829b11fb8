"""The forms of the templates: each can be sent without script, and each is in a story of tests/browser that sends it so."""

import re
from importlib.resources import files
from pathlib import Path
from typing import Final

import pytest

_ROOT: Final = Path(str(files("services.web").joinpath("templates")))
_FORM: Final = re.compile(r"<form\b[^>]*>.*?</form>", re.DOTALL)
# tests/browser asks of each of these folders that every form of it was sent (forms_of)
_TOLD: Final = {".", "worker", "shelter", "coordinator", "analyst", "oversight"}
_TEMPLATES: Final = [file for file in sorted(_ROOT.rglob("*.html")) if "<form" in file.read_text("utf-8")]


@pytest.mark.parametrize("template", _TEMPLATES, ids=lambda file: file.stem)
def test_each_form_has_its_token_and_a_button(template: Path) -> None:
    """A form has an address and a button of its own; one that is posted has the token of the session; script is asked for by none."""
    text = template.read_text("utf-8")
    forms = _FORM.findall(text)
    assert len(forms) == text.count("<form")
    for form in [each for each in forms if 'data-queue="act"' not in each]:  # in a dialog that only script opens, without a connection
        method, action = re.findall(r'^<form method="(get|post)" action="([^"]+)"', form)[0]
        assert action
        assert "<button" in form
        assert ("form_token" in form) == (method == "post"), form
    # A button that sends nothing is shown by the script that it is for
    assert not re.search(r"\son\w+=|type=\"button\"(?![^>]* hidden>)|javascript:", text)


def test_each_form_is_in_a_story() -> None:
    """A folder of templates with forms is one of those whose forms are all sent in a browser with script switched off."""
    assert {str(file.parent.relative_to(_ROOT)) for file in _TEMPLATES} == _TOLD
