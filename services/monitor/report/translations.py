"""The texts and numbers of the report in Dutch and English. The texts are in `texts.toml`."""

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from typing import Any, Final, NamedTuple

from services.adapters.labels.code_labels import code_lists
from services.monitor.dutch_calendar import local
from services.monitor.figures.definitions import Definition, Unit
from services.monitor.figures.result import Value


class Bilingual(NamedTuple):
    """The same text in Dutch and in English."""

    nl: str
    en: str

    @property
    def short(self) -> str:
        """Both in one line, once where they are the same."""
        return self.nl if self.nl == self.en else f"{self.nl} / {self.en}"

    def filled(self, **values: "Bilingual | str") -> "Bilingual":
        """Return the text with its {names} filled in, each in the language of the text."""
        dutch = {name: value if isinstance(value, str) else value.nl for name, value in values.items()}
        english = {name: value if isinstance(value, str) else value.en for name, value in values.items()}
        return Bilingual(self.nl.format_map(dutch), self.en.format_map(english))


_TEXTS: Final[Mapping[str, Any]] = tomllib.loads(files(__package__).joinpath("texts.toml").read_text("utf-8"))
UNKNOWN: Final = Bilingual(**_TEXTS["codes"]["unknown"])
FORGOTTEN: Final = Bilingual(**_TEXTS["codes"]["forgotten"])
"""What a number is that depends on a need that is no longer kept."""
_CODE_LISTS: Final = ("figure_parts", "kinds", "fallback_reasons", "hold_statuses")
_WHOLE_FROM: Final = 100
_SWAP: Final = str.maketrans(",.", ".,")


def text(section: str, name: str, member: str, **values: Bilingual | str) -> Bilingual:
    """Return a text of `[section.name]`, with values filled in; KeyError when there is none, or a value is missing."""
    return Bilingual(**_TEXTS[section][name][member]).filled(**values)


def alt_text(plot: str, **values: str) -> str:
    """Return what a screen reader says of a plot."""
    written: str = _TEXTS["plots"][plot]["alt"]
    return written.format(**values)


def label(name: str, **values: str) -> Bilingual:
    """Return the text of a column or of an entry of a legend."""
    return Bilingual(**_TEXTS["labels"][name]).filled(**values)


def code(name: str) -> Bilingual:
    """Return the text of a code; a code without a text is its own."""
    known = _TEXTS["codes"].get(name)
    if known:
        return Bilingual(**known)
    shared = next((code_lists()[each][name] for each in _CODE_LISTS if name in code_lists()[each]), None)
    return Bilingual(*shared) if shared else untranslated(name.replace("_", " "))


def untranslated(written: str) -> Bilingual:
    """Return a text that is the same in both languages."""
    return Bilingual(written, written)


def figure_name(definition: Definition) -> Bilingual:
    """Return the name of a figure."""
    return Bilingual(definition.nl.name, definition.en.name)


def number(value: Value, unit: Unit) -> Bilingual:
    """Write a number in each language: a share as a percentage, what is counted whole, what is measured to one decimal."""
    if value is None:
        return UNKNOWN
    if unit == "share":
        return Bilingual(f"{value:.1%}".translate(_SWAP), f"{value:.1%}")
    # A mean of a hundred or more is no truer for a decimal
    written = f"{value:,.1f}" if value != round(value) and value < _WHOLE_FROM else f"{value:,.0f}"
    return Bilingual(written.translate(_SWAP), written)


def with_unit(value: Value, unit: Unit) -> Bilingual:
    """Write a number with its unit."""
    written, name = number(value, unit), Bilingual(**_TEXTS["units"][unit])
    return written if value is None else Bilingual(f"{written.nl} {name.nl}".strip(), f"{written.en} {name.en}".strip())


def moment(ms: int) -> str:
    """Write an instant by the clock of Amsterdam, the same in both languages."""
    return f"{local(ms):%Y-%m-%d %H:%M}"
