"""The one owner of what codes are called: every code of the contract, of an answer and of a warning, in Dutch (B1) and in English.

The texts are in `codes.toml`, a section a list. A test compares the sections with the contract: no code is without words.
"""

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple


class Label(NamedTuple):
    """What a code is called in each language."""

    nl: str
    en: str


@lru_cache(maxsize=1)
def code_lists() -> Mapping[str, Mapping[str, Label]]:
    """Return every list of codes by its name, each code with its label, in the order in which they are shown."""
    read = tomllib.loads(files(__package__).joinpath("codes.toml").read_text("utf-8"))
    return {name: {code: Label(**words) for code, words in listed.items()} for name, listed in read.items()}


def label_of(name: str, code: str) -> Label:
    """Return what a code of a list is called; KeyError when the list has no such code."""
    return code_lists()[name][code]
