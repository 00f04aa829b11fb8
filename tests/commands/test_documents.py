"""The documents say what the code does: a key, a field, a verb or a decision that is not in them is a red test."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from services.adapters.settings import Settings
from services.adapters.view.keys import Keys, demand, moved
from services.adapters.view.port import Position
from services.cli import VERBS, module_of
from services.domain.picture import Counts

ROOT = Path(__file__).parents[2]
VIEW, COMMAND = ((ROOT / "docs" / f"{name}.md").read_text("utf-8") for name in ("view", "plek"))
DECISIONS = sorted((ROOT / "docs" / "adr").glob("0*.md"))
PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]


ONLY_DEMAND = ("cases", "open")


def names_of_keys() -> list[str]:
    """List every key of partition 3 and the channel, and of demand those that beds do not have or have otherwise."""
    beds, of_demand = Keys("plek", 3), Keys(demand("plek"), 3)
    made = [getattr(beds, name) for name, kind in vars(Keys).items() if isinstance(kind, property) and name not in ONLY_DEMAND]
    others = [getattr(of_demand, name) for name in (*ONLY_DEMAND, "counts")]
    return [key for key in made if isinstance(key, str)] + [moved("plek"), *others, moved(demand("plek"))]


@pytest.mark.parametrize("key", names_of_keys())
def test_every_redis_key_has_its_row(key: str) -> None:
    """Whoever reads the view needs to know what each key holds."""
    assert f"| `{key}` | " in VIEW


def test_every_field_of_a_position_has_its_row() -> None:
    """The same for where a partition stands."""
    assert re.findall(r"^\| `(\w+)` \|", VIEW.partition("## Position")[2], re.MULTILINE) == [field.name for field in fields(Position)]


def test_every_state_is_named() -> None:
    """Whoever reads counts needs to know the states, and how to ask for one."""
    assert all(f"`{state}`" in VIEW for state in Counts._fields)
    assert "HGET plek:{3}:counts national:free" in VIEW


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_its_row(verb: str) -> None:
    """A verb that nobody can find is none."""
    assert f"| `plek {verb}" in COMMAND


@pytest.mark.parametrize("page", DECISIONS, ids=lambda page: page.stem)
def test_a_decision_is_half_a_page_with_its_alternatives(page: Path) -> None:
    """And stands in the list of them under its number and its title."""
    text = page.read_text("utf-8")
    number, title = re.match(r"# (\d+)\. (.+)", text).groups()  # type: ignore[union-attr]  # a page without a title fails here
    assert page.name.startswith(f"{int(number):04d}-")
    assert re.findall("^## (.+)", text, re.MULTILINE) == ["Decision", "Why", "Alternatives considered", "Kept by"]
    assert len(text.splitlines()) <= 35
    assert f"{number}. [{title}]({page.name})" in (page.parent / "README.md").read_text("utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_links_lead_somewhere(page: Path) -> None:
    """A link within the project names a file that is there."""
    links = re.findall(r"\]\(([^)#:]+)\)", page.read_text("utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_paths_and_settings_that_are_named_exist(page: Path) -> None:
    """What was renamed in the code is renamed in the documents."""
    text = page.read_text("utf-8")
    paths = re.findall(r"`((?:services|tests|schemas|docs)/[\w./-]+\w)`", text)
    assert [path for path in paths if not (ROOT / path).exists()] == []
    known = {f"PLEK_{name.upper()}" for name in Settings.model_fields} | {"PLEK_TAPES"}
    assert [name for name in re.findall(r"PLEK_[A-Z_]+", text) if name not in known] == []


# app.py and the names with underscores are the same in every service; verbs are in docs/plek.md, schemas/ is one thing.
_VERBS = {f"{module_of(verb).rpartition('.')[2]}.py" for verb in VERBS}
MODULES = sorted(
    path
    for path in (ROOT / "services").glob("*/**/*.py")
    if path.parent.name != "schemas"
    and path.name != "app.py"
    and not path.name.startswith("_")
    and not (path.parent.name == "commands" and path.name in _VERBS)
)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_module_is_on_the_map(path: Path) -> None:
    """Whoever looks for something finds its file by a word in docs/map.md."""
    assert f"`{path.name}`" in (ROOT / "docs" / "map.md").read_text("utf-8")


def test_the_readme_is_one_screen_and_the_architecture_two_pages() -> None:
    """What is not read is not there."""
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) <= 60
    assert len((ROOT / "ARCHITECTURE.md").read_text("utf-8").splitlines()) <= 110
