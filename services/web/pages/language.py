"""The languages of the pages: Dutch, in which they are written, and English (gettext). The choice is kept in a cookie that says no more."""

import gettext
from importlib.resources import files
from io import BytesIO
from typing import Final

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from starlette.requests import Request

LANGUAGES: Final = ("nl", "en")
COOKIE: Final = "plek-language"


def mark(text: str) -> str:
    """Return a text that is translated where it is shown: it stands in a table here."""
    return text


def translations() -> dict[str, gettext.NullTranslations]:
    """Read the catalogue of each language; Dutch needs none."""
    catalogue, compiled = BytesIO(files("services.web").joinpath("locale/en.po").read_bytes()), BytesIO()
    write_mo(compiled, read_po(catalogue, locale="en"))
    compiled.seek(0)
    return {"nl": gettext.NullTranslations(), "en": gettext.GNUTranslations(compiled)}


def language_of(request: Request) -> str:
    """Return the language that was chosen, else Dutch: the browser's own may be that of whoever owns the machine."""
    chosen = request.cookies.get(COOKIE, "")
    return chosen if chosen in LANGUAGES else LANGUAGES[0]
