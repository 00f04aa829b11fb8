"""What a page says when a service refuses: in the language of the page, by the name that the field has there."""

from collections.abc import Callable

import pytest

from services.adapters.codec.validation import MEANING
from services.web.pages import words
from tests.web.conftest import Browser

# What only the writer of a program can cause: no page sends it
_NEVER_FROM_A_PAGE = {
    "unreadable",
    "not_an_object",
    "no_key",
    "unknown_member",
    "unknown_type",
    "version_too_new",
    "other_topic",
    "mismatch",
    "inconsistent_evidence",
    "not_exactly_one_key",
    "data_base64",
    "not_for_role",
    "repeated_header",
}


def _refused(*errors: tuple[str, str]) -> tuple[int, dict[str, object]]:
    listed = [{"index": None, "pointer": pointer, "code": code, "detail": "a sentence in English"} for pointer, code in errors]
    return 400, {"type": "urn:plek:problem:invalid", "errors": listed}


@pytest.mark.parametrize(
    ("pointer", "language", "sentence"),
    [
        ("/intake_phone", "nl", "Telefoon: dit is niet goed geschreven"),
        ("/intake_phone", "en", "Telephone: this is not written well"),
        ("/exclude_regions/3", "nl", "Regio&#39;s die niet veilig zijn: dit is niet goed geschreven"),
        ("", "nl", "dit is niet goed geschreven"),
    ],
)
async def test_what_is_wrong_with_a_field_is_said_in_words(
    browser: Browser, number: Callable[[str], int], pointer: str, language: str, sentence: str
) -> None:
    """A refused form says which field is wrong and how, in the language of the page, and no word of the API."""
    await browser.login(number("coordinator"))
    await browser.client.get(f"/language/{language}")
    browser.services.answers["POST /v1/shelters"] = _refused((pointer, "bad_format"))
    page = (await browser.send("/regions/new", {"shelter": "berk"})).text
    assert f"<li>{sentence}</li>" in page


async def test_a_code_that_the_pages_do_not_know_is_explained_by_the_service(browser: Browser, number: Callable[[str], int]) -> None:
    """A service that is ahead of the pages is heard in its own words."""
    await browser.login(number("coordinator"))
    browser.services.answers["POST /v1/shelters"] = _refused(("/colour", "too_blue"))
    assert "<li>colour: a sentence in English</li>" in (await browser.send("/regions/new", {"shelter": "berk"})).text


def test_every_problem_that_a_form_can_cause_has_words() -> None:
    """Each code of the services has words on the pages, but for those that no form can cause."""
    assert MEANING.keys() - _NEVER_FROM_A_PAGE == words.ERRORS.keys()


async def test_a_refused_form_of_a_shelter_keeps_what_was_chosen(browser: Browser, number: Callable[[str], int]) -> None:
    """Ticked boxes and typed fields stand in a form that was refused; a number that is none is refused before anything is sent."""
    await browser.login(number("coordinator"))
    browser.services.answers["POST /v1/shelters"] = _refused(("/name", "missing"))
    typed = {"shelter": "berk", "audience": "men", "services": "addiction", "features": "cot", "units": "3"}
    for form, status in ((typed, 400), (typed | {"units": "three"}, 400)):
        before = len(browser.services.bodies)
        answer = await browser.send("/regions/new", form)
        assert answer.status_code == status
        for box in ("men", "addiction", "cot"):
            assert f'value="{box}" checked' in answer.text
        assert 'value="women" checked' not in answer.text
        assert len(browser.services.bodies) - before == (form["units"] == "3")
