"""Writes the files of schemas/, or with --check lists the stale ones: `python -m services.adapters.schemas [--check]`."""

import json
import sys
from pathlib import Path
from typing import Any

import yaml

from services.adapters.codec.event_codec import encode
from services.adapters.schemas.asyncapi import asyncapi, bundled
from services.adapters.schemas.event_schema import EVENTS, event_schema
from services.adapters.schemas.examples import NAMES, example
from services.adapters.schemas.invalid_examples import REFUSALS
from services.domain.events.catalog import VERSIONED_NAMES

ROOT = Path(__file__).parents[3]
# The API serves it from its own package, which is installed without schemas/.
_SERVED = "services/api/operator/asyncapi.json"


def documents() -> dict[str, str]:
    """Return the text of every generated file, by its path from the root of the repository."""
    files = {f"schemas/events/{VERSIONED_NAMES[shape]}.json": _json(event_schema(shape)) for shape in EVENTS}
    for shape in EVENTS:
        examples = {name: json.loads(encode(example(shape, name))) for name in NAMES}
        files[f"schemas/examples/{VERSIONED_NAMES[shape].removesuffix('.v1')}.json"] = _json(examples)
    files |= {f"schemas/examples/refused/{name}.json": _json(refusal.document) for name, refusal in REFUSALS.items()}
    files["schemas/asyncapi.yaml"] = _yaml(asyncapi(lambda shape: {"$ref": f"./events/{VERSIONED_NAMES[shape]}.json"}))
    files[_SERVED] = _json(bundled())
    return files


def stale() -> list[str]:
    """List each generated file that is missing, differs, or belongs to no type any more."""
    current = documents()
    present = {str(path.relative_to(ROOT)) for folder in ("events", "examples") for path in (ROOT / "schemas" / folder).rglob("*.json")}
    return sorted({name for name, text in current.items() if _read(ROOT / name) != text} | (present - current.keys()))


def write() -> None:
    """Write the stale files, and remove those of no type."""
    current = documents()
    for name in stale():
        path = ROOT / name
        if name in current:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(current[name], "utf-8")
        else:
            path.unlink()


def main(arguments: list[str]) -> int:
    """Write the files, or with --check list the stale ones; return the exit code."""
    if arguments == ["--check"]:
        names = stale()
        sys.stderr.writelines(f"stale: {name} (make schemas)\n" for name in names)
        return 1 if names else 0
    write()
    return 0


def _read(path: Path) -> str | None:
    return path.read_text("utf-8") if path.exists() else None


def _json(value: Any) -> str:
    return json.dumps(value, indent=2) + "\n"


class _Plain(yaml.SafeDumper):
    """A dumper without aliases: equal values are written out each time."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - the name is the library's
        return True


def _yaml(value: Any) -> str:
    return yaml.dump(value, Dumper=_Plain, sort_keys=False, allow_unicode=True, width=130)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
