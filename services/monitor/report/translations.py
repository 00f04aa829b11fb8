"""The texts and numbers of the report in Dutch and English. The texts are in `texts.toml`."""

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from typing import Any, Final, NamedTuple

from services.adapters.labels.code_labels import code_lists
from services.monitor.dutch_calendar import local
from services.monitor.figures.definitions import Definition, Unit
from services.monitor.report.report_cells import Cell, Hidden


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
_CODE_LISTS: Final = ("figure_parts", "kinds", "fallback_reasons", "hold_statuses")
_WHOLE_FROM: Final = 100
_HALF: Final = 0.5
_SWAP: Final = str.maketrans(",.", ".,")


def text(section: str, name: str, member: str, **values: Bilingual | str) -> Bilingual:
    """Return a text of `[section.name]`, with values filled in; KeyError when there is none, or a value is missing."""
    return Bilingual(**_TEXTS[section][name][member]).filled(**values)


def label(name: str, **values: "Bilingual | str") -> Bilingual:
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


def number(value: Cell, unit: Unit) -> Bilingual:
    """Write a number in each language: a share as a percentage, what is counted whole, what is measured to one decimal."""
    if value is None or isinstance(value, Hidden):
        return UNKNOWN if value is None else code(value.value)
    if unit == "share":
        return percentage(value)
    # A mean of a hundred or more is no truer for a decimal
    return _written(f"{value:,.1f}" if value != round(value) and value < _WHOLE_FROM else f"{value:,.0f}")


def rounded(value: Cell, unit: Unit, *, decimals: int = 1) -> Bilingual:
    """Write a number in the one style of the report: shares with as many decimals, all else whole; what is almost nothing is not 0."""
    if value is None or isinstance(value, Hidden):
        return number(value, unit)
    if unit == "share":
        return percentage(value, decimals=decimals)
    return _written("<1" if 0 < value < _HALF else f"{value:,.0f}")


def percentage(value: float, *, decimals: int = 1) -> Bilingual:
    """Write a share as a percentage; what is not quite 0 or 100 % is not written as that."""
    least = 10.0 ** -(decimals + 2)
    if 0 < value < least / 2:
        return _written(f"<{least:.{decimals}%}")
    if 1 - least / 2 < value < 1:
        return _written(f">{1 - least:.{decimals}%}")
    return _written(f"{value:.{decimals}%}")


def _written(english: str) -> Bilingual:
    return Bilingual(english.translate(_SWAP), english)


def with_unit(value: Cell, unit: Unit) -> Bilingual:
    """Write a number with its unit."""
    return _with_unit(value, number(value, unit), unit)


def rounded_with_unit(value: Cell, unit: Unit) -> Bilingual:
    """Write a number in the style of the report, with its unit."""
    return _with_unit(value, rounded(value, unit), unit)


def _with_unit(value: Cell, written: Bilingual, unit: Unit) -> Bilingual:
    if value is None or isinstance(value, Hidden):
        return written
    # "1" and "<1" stand before one of a thing
    one = _TEXTS["one"].get(unit) if written.nl in {"1", "<1"} else None
    name = Bilingual(**(one or _TEXTS["units"][unit]))
    return Bilingual(f"{written.nl} {name.nl}".strip(), f"{written.en} {name.en}".strip())


def unit_name(unit: Unit) -> Bilingual:
    """Return what a unit is called beside a definition."""
    return label("a_share") if unit == "share" else Bilingual(**_TEXTS["units"][unit])


def month_name(number: int) -> Bilingual:
    """Return the short name of a month, from 1."""
    dutch, english = _TEXTS["months"]["nl"], _TEXTS["months"]["en"]
    return Bilingual(dutch[number - 1], english[number - 1])


def source_name(written: str) -> Bilingual:
    """Return where a definition comes from, which its file says in English; KeyError when it has no Dutch text."""
    return Bilingual(_TEXTS["definition_sources"][written], written)


def source_label(answer: str) -> Bilingual:
    """Return what an answer that the report is drawn from is called."""
    return Bilingual(**_TEXTS["sources"][answer])


def moment(ms: int) -> str:
    """Write an instant by the clock of Amsterdam, the same in both languages."""
    return f"{local(ms):%Y-%m-%d %H:%M}"
