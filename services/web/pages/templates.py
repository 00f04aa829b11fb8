"""The templates, once for each language. Every value is escaped. A member that an answer leaves out is left out of the page."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from babel import Locale
from jinja2 import Environment, PackageLoader

from services.adapters.labels.code_labels import code_lists
from services.adapters.regions import PROVINCE_NAMES
from services.web.pages import words
from services.web.pages.language import translations
from services.web.pages.number_format import NumberFormat
from services.web.pages.times import Times


class Templates:
    """Renders pages in the languages of the pages."""

    def __init__(self) -> None:
        self._catalogues = translations()
        self._environments = {language: _environment(language, catalogue) for language, catalogue in self._catalogues.items()}

    def render(self, name: str, language: str, values: Mapping[str, Any]) -> str:
        """Return a page as HTML."""
        return self._environments[language].get_template(name).render(values)

    def translate(self, language: str, text: str) -> str:
        """Return a text of a table in a language."""
        return self._catalogues[language].gettext(text)


# The lists whose codes are parts of figures; where two have a code, the first has the words of a figure
_PARTS: Final = (
    "fallback_reasons",
    "unit_states",
    "search_outcomes",
    "accommodations",
    "destinations",
    "hold_statuses",
    "hold_refusals",
    "figure_parts",
)
_OPTIONS: Final[dict[str, Any]] = {
    "autoescape": True,
    "trim_blocks": True,
    "lstrip_blocks": True,
    "extensions": ["jinja2.ext.i18n"],
}


def _environment(language: str, catalogue: Any) -> Environment:
    environment = Environment(loader=PackageLoader("services.web"), **_OPTIONS)  # noqa: S701 - autoescape is on, in the options
    environment.install_gettext_translations(catalogue, newstyle=True)  # type: ignore[attr-defined]
    times, numbers = Times(language), NumberFormat(language)
    environment.filters |= {
        "clock": times.clock,
        "day_and_clock": times.day_and_clock,
        "nanoseconds": times.nanoseconds,
        "date": times.date,
        "month": times.month,
        "short_date": times.short_date,
        "figure": numbers.figure,
        "difference": numbers.difference,
        "label": lambda code, listed: _label(language, listed, code),
        "part": lambda code: _label(language, _list_of(code), code),
        "word": lambda code, table: catalogue.gettext(getattr(words, table).get(code, str(code))),
        "spoken": lambda code: Locale(language).languages.get(code, code),
        "dialled": words.dialled,
        "explained": lambda error: _explained(catalogue.gettext, error),
        "begin": words.begin,
    }
    environment.globals |= {
        "language": language,
        "provinces": PROVINCE_NAMES,
        "codes": lambda listed: {code: _label(language, listed, code) for code in code_lists()[listed]},
        "table": lambda name: {code: catalogue.gettext(text) for code, text in getattr(words, name).items()},
    }
    return environment


def _list_of(code: str) -> str:
    """Return the list that has the words of a part of a figure; those of reasons where none has."""
    return next((name for name in _PARTS if code in code_lists()[name]), _PARTS[0])


def _explained(translate: Callable[[str], str], error: Mapping[str, str]) -> str:
    """Return what is wrong with a field, with what the field is called; in a service's own words where it is ahead of the pages."""
    names = [name for name in error["pointer"].split("/") if name and not name.isdigit()]
    known = words.ERRORS.get(error["code"])
    sentence = translate(known) if known else error["detail"]
    return f"{translate(words.MEMBERS.get(names[-1], names[-1]))}: {sentence}" if names else sentence


def _label(language: str, listed: str, code: str) -> str:
    """Return what a code is called, with a capital; the code itself where a service is ahead of the pages."""
    label = code_lists()[listed].get(code)
    text = getattr(label, language) if label else code.replace("_", " ")
    return text[:1].upper() + text[1:]
