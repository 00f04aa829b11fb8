"""Names in services/ stand for one thing each, and its texts use the words of the field."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Final

SERVICES: Final = Path(__file__).parents[1] / "services"
MODULES: Final = sorted(SERVICES.rglob("*.py"))
SHARED: Final = frozenset({"__init__", "__main__", "app", "main", "models", "ports", "routes"})
"""Module names that any package may have."""
IN_TWO_PLACES: Final = frozenset({"beds", "clients", "dead_letters", "demand", "holds", "stays", "verbs"})
"""Module names that mean the same thing on two layers: the projection of beds, say, and its ground truth."""
WORDS: Final = re.compile(r"\b(told|tells?|nobody|whoever|whose|somebody|hers|herself|she|her)\b", re.IGNORECASE)
"""Words that hide who or what is meant: a person is the caller, the user, the worker."""
MOST_WORDS: Final = 20
"""As many may be in quotations and in words of others; it never goes up."""


def _in_several(places: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    """Return each name that is in more than one place, with its places."""
    found = defaultdict[str, set[str]](set)
    for name, place in places:
        found[name].add(place)
    return {name: where for name, where in found.items() if len(where) > 1}


def test_a_module_name_is_in_one_place() -> None:
    """No two modules of services/ have the same file name, but those that every package may have and a short list."""
    found = _in_several((path.stem, str(path)) for path in MODULES if path.stem not in SHARED)
    assert {name: where for name, where in found.items() if name not in IN_TWO_PLACES} == {}


def test_a_public_class_name_is_in_one_place() -> None:
    """No two modules of services/ define a public class of the same name."""
    trees = [(path, ast.parse(path.read_text("utf-8"))) for path in MODULES]
    found = [(node.name, str(path)) for path, tree in trees for node in tree.body if isinstance(node, ast.ClassDef)]
    assert _in_several((name, place) for name, place in found if not name.startswith("_")) == {}


def test_services_use_plain_words() -> None:
    """Names, docstrings, comments and messages of services/ contain no more words without a referent than are left."""
    found = {str(path.relative_to(SERVICES)): len(WORDS.findall(path.read_text("utf-8"))) for path in MODULES}
    most = sorted(found.items(), key=lambda row: -row[1])[:10]
    assert sum(found.values()) <= MOST_WORDS, f"most of them in {most}"
