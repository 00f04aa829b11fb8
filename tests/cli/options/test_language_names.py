"""Languages by name, as they are typed at night."""

import pytest

from services.cli.options.language_names import complete_language, language_code, language_name
from services.local.user_error import UserError


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("Tigrinya", "ti"), ("tigri", "ti"), ("ti", "ti"), ("TR", "tr"), ("Oekraïens", "uk"), ("farsi", "fa"), ("xx", "xx")],
)
def test_a_language_is_typed_by_its_name(typed: str, meant: str) -> None:
    """A language is found by its name in English or Dutch, the beginning of it, or its code, also a code without a name here."""
    assert language_code(typed) == meant


def test_a_name_that_is_none_names_the_nearest() -> None:
    """A misspelt language is answered with the nearest names, and never with what was typed."""
    with pytest.raises(UserError, match=r"nearest: Tigrinya \(ti\)") as error:
        language_code("tigrnia")
    assert "tigrnia" not in str(error.value)


def test_a_beginning_of_several_names_them() -> None:
    """The beginning of several names is refused with these names."""
    with pytest.raises(UserError, match=r"Punjabi \(pa\), Polish \(pl\)"):
        language_code("p")


def test_a_language_is_shown_by_its_name() -> None:
    """A language is shown by its English name; a code without a name here as a code."""
    assert (language_name("ti"), language_name("xx")) == ("Tigrinya", "language xx")


def test_a_shell_completes_a_language() -> None:
    """The shell completes names in English and in Dutch."""
    assert complete_language("tig") == ["Tigrinya", "Tigrigna"]
