"""Languages as people type and read them: by their name in English or Dutch, the beginning of it, or their code of two letters."""

from __future__ import annotations

import re
from typing import Any, Final

import typer

from services.cli.options.name_lookup import fold, matching_codes, nearest_codes
from services.local.user_error import UserError

_CODE: Final = re.compile("[a-z]{2}", re.ASCII)
# The names that people type, the first is shown. A code without a name here is accepted as it is
_NAMES: Final = {
    "am": ("Amharic", "Amhaars"),
    "ar": ("Arabic", "Arabisch"),
    "bg": ("Bulgarian", "Bulgaars"),
    "bn": ("Bengali", "Bengaals"),
    "bs": ("Bosnian", "Bosnisch"),
    "cs": ("Czech", "Tsjechisch"),
    "de": ("German", "Duits"),
    "el": ("Greek", "Grieks"),
    "en": ("English", "Engels"),
    "es": ("Spanish", "Spaans"),
    "fa": ("Persian", "Farsi", "Perzisch", "Dari"),
    "fr": ("French", "Frans"),
    "hi": ("Hindi",),
    "hr": ("Croatian", "Kroatisch"),
    "hu": ("Hungarian", "Hongaars"),
    "hy": ("Armenian", "Armeens"),
    "id": ("Indonesian", "Indonesisch"),
    "it": ("Italian", "Italiaans"),
    "ka": ("Georgian", "Georgisch"),
    "ku": ("Kurdish", "Koerdisch"),
    "lt": ("Lithuanian", "Litouws"),
    "lv": ("Latvian", "Lets"),
    "mn": ("Mongolian", "Mongools"),
    "nl": ("Dutch", "Nederlands"),
    "om": ("Oromo",),
    "pa": ("Punjabi",),
    "pl": ("Polish", "Pools"),
    "ps": ("Pashto", "Pasjtoe"),
    "pt": ("Portuguese", "Portugees"),
    "ro": ("Romanian", "Roemeens"),
    "ru": ("Russian", "Russisch"),
    "sk": ("Slovak", "Slowaaks"),
    "so": ("Somali", "Somalisch"),
    "sq": ("Albanian", "Albanees"),
    "sr": ("Serbian", "Servisch"),
    "sw": ("Swahili",),
    "ta": ("Tamil",),
    "th": ("Thai",),
    "ti": ("Tigrinya", "Tigrigna"),
    "tl": ("Tagalog",),
    "tr": ("Turkish", "Turks"),
    "uk": ("Ukrainian", "Oekraiens"),
    "ur": ("Urdu", "Oerdoe"),
    "vi": ("Vietnamese", "Vietnamees"),
    "zh": ("Chinese", "Chinees", "Mandarin"),
}
_CODES: Final = {fold(name): code for code, names in _NAMES.items() for name in names}


def language_name(code: str) -> str:
    """Return the name of a language, or "language xx" where this file has no name for the code."""
    return _NAMES[code][0] if code in _NAMES else f"language {code}"


def language_code(typed: str) -> str:
    """Return the code of a language by its name, the beginning of its name, or its code. Raises UserError with the nearest names."""
    if _CODE.fullmatch(code := fold(typed)):
        return code
    matches = matching_codes(typed, _CODES)
    if len(matches) == 1:
        return matches[0]
    nearest = ", ".join(f"{language_name(code)} ({code})" for code in matches or nearest_codes(typed, _CODES))
    hint = f" (nearest: {nearest})" if nearest else ""
    raise UserError(f"--language: no language has that name{hint}; a code of two letters works too, such as ti", code=2)


def languages_callback(_: typer.Context, __: typer.CallbackParam, value: list[str] | None) -> Any:
    """Return the codes of the languages that were typed. Raises UserError."""
    return [language_code(typed) for typed in value] if value else value


def complete_language(incomplete: str) -> list[str]:
    """Return the names of languages that begin with this, for the shell."""
    return [name for names in _NAMES.values() for name in names if fold(name).startswith(fold(incomplete))]
