"""What a household needs, as the form has it: from fields and a line of text to the API, and from page to page."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from babel import Locale

from services.adapters.regions import RegionRow
from services.web.pages.visit import Visit
from services.web.worker.household_line import read_line

_LANGUAGES: Final = frozenset(code for code in map(str, Locale("en").languages) if len(code) == 2)
_LISTS: Final = ("kinds", "features", "services", "languages", "exclude_regions")


@dataclass(slots=True, kw_only=True)
class NeedFields:
    """A household and its needs, as a form shows them; `unread` are words of the line that were not understood."""

    adults: int = 1
    children: int = 0
    men: int = 0
    oldest_son_age: int | None = None
    security: str = "open"
    near: str = ""
    kinds: list[str] = field(default_factory=list)
    features: list[str] = field(default_factory=list)
    services: list[str] = field(default_factory=list)
    languages: list[str] = field(default_factory=list)
    exclude_regions: list[str] = field(default_factory=list)
    line: str = ""
    unread: list[str] = field(default_factory=list)

    def household(self) -> dict[str, Any]:
        """Return it as the API takes it for a search and a fallback."""
        return {
            "adults": self.adults,
            "men": self.men,
            "children": self.children,
            "oldest_son_age": self.oldest_son_age,
            "security": self.security,
            **{name: getattr(self, name) for name in _LISTS},
        }

    def fields(self) -> list[tuple[str, str]]:
        """List it as hidden fields: the next page is filled in with it."""
        single = [("adults", self.adults), ("children", self.children), ("men", self.men), ("security", self.security), ("near", self.near)]
        son = [("oldest_son_age", self.oldest_son_age)] if self.oldest_son_age is not None else []
        listed = [(name, value) for name in _LISTS if name != "languages" for value in getattr(self, name)]
        return [(name, str(value)) for name, value in [*single, *son, *listed, ("languages", " ".join(self.languages))]]


def read_need(visit: Visit) -> NeedFields:
    """Read the need that a form holds; what its line of text says comes before its fields."""
    need = NeedFields(
        adults=_whole(visit.text("adults"), 1),
        children=_whole(visit.text("children"), 0),
        men=_whole(visit.text("men"), 0),
        oldest_son_age=_whole(visit.text("oldest_son_age"), None),
        security=visit.text("security") or "open",
        near=visit.text("near"),
        kinds=visit.texts("kinds"),
        features=visit.texts("features"),
        services=visit.texts("services"),
        languages=visit.text("languages").lower().replace(",", " ").split(),
        exclude_regions=visit.texts("exclude_regions"),
        line=visit.text("line"),
    )
    need = _with_line(need, visit.site.regions)
    # A code that is no language would hide every place
    need.unread += [code for code in need.languages if code not in _LANGUAGES]
    return need


def _with_line(need: NeedFields, regions: Mapping[str, RegionRow]) -> NeedFields:
    if not need.line:
        return need
    line = read_line(need.line, regions)
    for name in ("adults", "children", "men", "oldest_son_age", "security"):
        stated = getattr(line, name)
        if stated is not None:
            setattr(need, name, stated)
    for name, stated in (("exclude_regions", line.exclude), *((name, getattr(line, name)) for name in _LISTS[:-1])):
        setattr(need, name, list(dict.fromkeys([*getattr(need, name), *stated])))
    need.unread = line.unread
    return need


def _whole(text: str, otherwise: Any) -> Any:
    """Return a number of persons or years; the API says what is wrong with one that is too large."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 2 else otherwise
