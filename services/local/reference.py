"""Writes the pages of docs/ that are worked out from the code, so that they can't say anything else.

`python -m services.local.reference` from the top of the project; a test fails when a page is stale.
"""

from pathlib import Path

from pydantic.fields import FieldInfo

from services.adapters.settings import Settings

_HEAD = """# Settings

Every setting is an environment variable, read once when a program starts. Written by `make docs` from `services/adapters/settings.py`.

| variable | unless set | what it does |
|---|---|---|
"""


def pages() -> dict[Path, str]:
    """Return every generated page by its path."""
    return {Path("docs/settings.md"): _HEAD + "".join(_row(name, field) for name, field in Settings.model_fields.items())}


def _row(name: str, field: FieldInfo) -> str:
    # The place of the cache differs from user to user, and is said in words
    default = "" if field.default_factory or field.default is None else f"`{field.default}`"
    return f"| `PLEK_{name.upper()}` | {default} | {field.description} |\n"


if __name__ == "__main__":
    for path, text in pages().items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
