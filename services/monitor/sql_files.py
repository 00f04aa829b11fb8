"""Reads the SQL of a module from the `.sql` file beside it: statements by name, with named parameters for every value.

No statement is concatenated from pieces of text, so no value can change its meaning.
"""

import re
from collections.abc import Mapping
from importlib.resources import files
from typing import Final

_NAME: Final = re.compile(r"^-- name: ([a-z_]+)\n", re.MULTILINE)


def statements(module: str) -> Mapping[str, str]:
    """Return the statements of the `.sql` file beside a module (`__name__`), by the `-- name:` line above each.

    ValueError when a name stands there twice.
    """
    package, _, name = module.rpartition(".")
    _, *parts = _NAME.split(files(package).joinpath(f"{name}.sql").read_text("utf-8"))
    by_name = dict(zip(parts[::2], (part.strip() for part in parts[1::2]), strict=True))
    if len(by_name) < len(parts) // 2:
        raise ValueError(f"a name stands twice in {name}.sql")
    return by_name
