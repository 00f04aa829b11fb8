"""The documents agree with the code: keys, fields, verbs, settings, paths, links, terms and decision records."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from services.adapters.config.settings import NO_SETTING, Settings
from services.adapters.view.keys import demand, moved, partition_keys
from services.adapters.view.ports import Position
from services.cli.main import VERBS
from services.domain.beds.shelter_snapshot import Counts

ROOT = Path(__file__).parents[1]
VIEW, COMMAND = ((ROOT / "docs" / f"{name}.md").read_text("utf-8") for name in ("view", "plek"))
DECISIONS = sorted((ROOT / "docs" / "adr").glob("0*.md"))
# What npm has put beside the Node example of docs/integrate is no page of the project
_OWN = (page for page in ROOT.glob("docs/**/*.md") if "node_modules" not in page.parts)
PAGES = [*ROOT.glob("*.md"), *_OWN, *ROOT.glob("deploy/*.md")]


ONLY_DEMAND = ("cases", "open")


def key_names() -> list[str]:
    """List every key of partition 3 and the channel of beds, and the keys of demand that beds do not have or use differently."""
    beds, of_demand = partition_keys("plek", 3), partition_keys(demand("plek"), 3)
    keys = [key for name, key in beds._asdict().items() if name not in ONLY_DEMAND]
    return [*keys, moved("plek"), *(getattr(of_demand, name) for name in (*ONLY_DEMAND, "counts")), moved(demand("plek"))]


@pytest.mark.parametrize("key", key_names())
def test_every_redis_key_has_its_row(key: str) -> None:
    """docs/view.md has a row for every Redis key of the view."""
    assert f"| `{key}` | " in VIEW


def test_every_field_of_a_position_has_its_row() -> None:
    """docs/view.md has a row for every field of a position, in the order of the class."""
    assert re.findall(r"^\| `(\w+)` \|", VIEW.partition("## Position")[2], re.MULTILINE) == [field.name for field in fields(Position)]


def test_every_state_is_named() -> None:
    """docs/view.md names every state of a unit, and shows how to read one count."""
    assert all(f"`{state}`" in VIEW for state in Counts._fields)
    assert "HGET plek:{3}:counts national:free" in VIEW


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_its_row(verb: str) -> None:
    """docs/plek.md has a row for every verb of the command."""
    assert f"| `plek {verb}" in COMMAND


@pytest.mark.parametrize("page", DECISIONS, ids=lambda page: page.stem)
def test_a_decision_is_half_a_page_with_its_alternatives(page: Path) -> None:
    """A decision record is named after its title, has four sections in at most 35 lines, and is in the list of records."""
    text = page.read_text("utf-8")
    number, title = re.match(r"# (\d+)\. (.+)", text).groups()  # type: ignore[union-attr]  # a page without a title fails here
    slug = re.sub("[^a-z0-9]+", "-", title.lower().replace("'", ""))
    assert page.name == f"{int(number):04d}-{slug}.md"
    assert re.findall("^## (.+)", text, re.MULTILINE) == ["Decision", "Why", "Alternatives considered", "Kept by"]
    assert len(text.splitlines()) <= 35
    assert f"{number}. [{title}]({page.name})" in (page.parent / "README.md").read_text("utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_links_lead_somewhere(page: Path) -> None:
    """Every link of a page to a file of the project leads to a file that exists."""
    links = re.findall(r"\]\(([^)#:]+)\)", page.read_text("utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_paths_and_settings_that_are_named_exist(page: Path) -> None:
    """Every path and every setting that a page names exists."""
    text = page.read_text("utf-8")
    paths = re.findall(r"`((?:services|tests|schemas|docs|deploy)/[\w./-]+\w)`", text)
    assert [path for path in paths if not (ROOT / path).exists()] == []
    known = {f"PLEK_{name.upper()}" for name in Settings.model_fields} | {f"PLEK_{name}" for name in NO_SETTING}
    assert [name for name in re.findall(r"PLEK_[A-Z_]+", text) if name not in known] == []


PACKAGES = sorted(path.parent for path in (ROOT / "services").rglob("__init__.py"))
CLASSES = set(re.findall(r"^class (\w+)", "\n".join(path.read_text("utf-8") for path in (ROOT / "services").rglob("*.py")), re.MULTILINE))
TERMS = re.findall(r"^\| \*\*(.+?)\*\*.* \| (?:`(\w+/?)`)? \| .+\. \|$", (ROOT / "docs" / "glossary.md").read_text("utf-8"), re.MULTILINE)


@pytest.mark.parametrize(("term", "name"), TERMS)
def test_a_term_of_the_glossary_names_a_class_or_a_folder(term: str, name: str) -> None:
    """The second column of the glossary is empty, or names a class or a folder of services/ that exists."""
    assert not name or name in CLASSES or any((path / name).is_dir() for path in (ROOT / "services", *PACKAGES)), term


def test_the_glossary_is_in_order() -> None:
    """Terms of the glossary stand in alphabetical order, each once, and every row is of the form that the test above reads."""
    terms = [term for term, _ in TERMS]
    assert terms == sorted(set(terms), key=str.lower)
    assert len(terms) == (ROOT / "docs" / "glossary.md").read_text("utf-8").count("\n| **")


@pytest.mark.parametrize("package", PACKAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_folder_has_at_most_sixteen_modules(package: Path) -> None:
    """A folder of services/ holds at most 16 modules besides its `__init__.py`, so that it can be taken in at a glance."""
    assert len([path for path in package.glob("*.py") if path.name != "__init__.py"]) <= 16


def test_the_readme_is_one_screen_and_the_architecture_two_pages() -> None:
    """README.md has at most 60 lines, ARCHITECTURE.md at most 110."""
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) <= 60
    assert len((ROOT / "ARCHITECTURE.md").read_text("utf-8").splitlines()) <= 110


PINNED = [
    package
    for part in ("serve", "monitor", "local")
    for package in re.findall(r"^([a-z][\w-]*(?:\[crypto\])?)", (ROOT / "requirements" / f"{part}.in").read_text("utf-8"), re.MULTILINE)
]


@pytest.mark.parametrize("package", PINNED)
def test_the_architecture_says_why_a_dependency_is_there(package: str) -> None:
    """The table of dependencies in ARCHITECTURE.md names every package that Plek runs with."""
    table = (ROOT / "ARCHITECTURE.md").read_text("utf-8").partition("## Why each dependency is there")[2]
    assert re.search(rf"^\|[^|]*{re.escape(package)}", table, re.MULTILINE)
