"""List every text of the pages, from the templates and the tables of words: what `locale/en.po` must have (Babel's own extractors)."""

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Final

from babel.messages.extract import extract_from_dir

_KEYWORDS: Final = {"_": None, "gettext": None, "ngettext": (1, 2), "mark": None, "say": None}
_METHODS: Final = [("templates/**.html", "jinja2"), ("**.py", "python")]
_OPTIONS: Final = {"templates/**.html": {"trimmed": "true"}}


def texts() -> Iterator[tuple[str, ...]]:
    """Yield each text once: alone, or with its plural."""
    seen = set()
    for _, _, message, _, _ in extract_from_dir(Path(str(files("services.web"))), _METHODS, _OPTIONS, keywords=_KEYWORDS):
        found = message if isinstance(message, tuple) else (message,)
        if found not in seen:
            seen.add(found)
            yield found


if __name__ == "__main__":
    for text in texts():
        print(*text, sep="\n    ")  # noqa: T201
