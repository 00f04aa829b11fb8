"""Regions as people type and read them: by the name of their centre, by the usual name of that city, or by their code."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import typer

from services.cli.options.name_lookup import fold, matching_codes, nearest_codes
from services.local.user_error import UserError

if TYPE_CHECKING:
    from services.adapters.regions import RegionRow

_CODE: Final = re.compile("r0*([0-9]{1,2})", re.ASCII)
# The usual names of two cities, which no official list has
_USUAL_NAMES: Final = {"sgravenhage": "Den Haag", "shertogenbosch": "Den Bosch"}


class RegionNames:
    """The regions of one region file, by code and by name."""

    def __init__(self, rows: Mapping[str, RegionRow]) -> None:
        self._rows = rows
        self._codes = {fold(name): code for code, row in rows.items() for name in _names(row.centre)}

    def code(self, typed: str, parameter: str = "REGION") -> str:
        """Return the code of a region by its name, the beginning of its name, or its code. Raises UserError with the nearest names."""
        if (number := _CODE.fullmatch(fold(typed))) and (code := f"R{int(number[1]):02}") in self._rows:
            return code
        matches = matching_codes(typed, self._codes)
        if len(matches) == 1:
            return matches[0]
        if matches:
            raise UserError(f"{parameter}: several regions begin with that: {', '.join(map(self.name, matches))}", code=2)
        nearest = ", ".join(map(self.name, nearest_codes(typed, self._codes)))
        hint = f" (nearest: {nearest})" if nearest else ""
        raise UserError(f"{parameter}: no region has that name{hint}; `plek regions` lists them", code=2)

    def name(self, code: str) -> str:
        """Return the name and code of a region; the code alone where the region file does not have it."""
        return f"{self._rows[code].centre} ({code})" if code in self._rows else code

    def completions(self, incomplete: str) -> Iterator[str]:
        """Yield the names that begin with this, for the shell: without spaces, so that each is one word."""
        for row in self._rows.values():
            words = (name.replace("'", "").replace(" ", "-") for name in _names(row.centre))
            yield from (word for word in words if fold(word).startswith(fold(incomplete)))


def _names(centre: str) -> Iterator[str]:
    yield centre
    if usual := _USUAL_NAMES.get(fold(centre)):
        yield usual


def all_names(centre: str) -> str:
    """Return the name of a centre, with its usual name where that is another."""
    return " / ".join(_names(centre))


def read_instance_regions(data: Path | None) -> Mapping[str, RegionRow]:
    """Read the region file of the instance of this data directory; where none ever ran, that of the settings."""
    from services.adapters.config.settings import Settings
    from services.adapters.regions import read_regions
    from services.local.instance.data_directory import DataDirectory

    settings = Settings()
    status = DataDirectory(data or settings.data).read_status()
    file = status.settings.get("regions") if status else None
    return read_regions(Path(file) if file else settings.regions)


def region_names(data: Path | None) -> RegionNames:
    """Return the names of the regions of an instance."""
    return RegionNames(read_instance_regions(data))


def region_callback(context: typer.Context, parameter: typer.CallbackParam, value: Any) -> Any:
    """Return the code of the region that was typed, or the codes of several. Raises UserError."""
    if not value:
        return value
    names = region_names(context.params.get("data"))
    name = parameter.opts[0] if parameter.param_type_name == "option" else "REGION"
    return [names.code(typed, name) for typed in value] if isinstance(value, list) else names.code(value, name)


def complete_region(incomplete: str) -> list[str]:
    """Return the names of regions that begin with this, for the shell."""
    return list(region_names(None).completions(incomplete))


def region_option(*flags: str, **settings: Any) -> Any:
    """Return a typer option that takes a region by its name, or several, and hands their codes to the verb."""
    return typer.Option(*flags, metavar="REGION", callback=region_callback, autocompletion=complete_region, **settings)
