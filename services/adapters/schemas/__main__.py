"""Write schemas/ anew, or say with --check what is stale: `python -m services.adapters.schemas [--check]`."""

import json
import sys
from pathlib import Path
from typing import Any

import yaml

from services.adapters.schemas.asyncapi import asyncapi
from services.adapters.schemas.events import EVENTS, event_schema
from services.adapters.schemas.examples import NAMES, example
from services.adapters.schemas.refused import REFUSALS
from services.adapters.wire import encode
from services.domain.events import SHORT_NAMES

ROOT = Path(__file__).parents[3]
# The API answers from its own package, which is installed without schemas/.
_SERVED = "services/api/asyncapi.json"


def documents() -> dict[str, str]:
    """Work out every generated file, by its path from the root of the repository."""
    made = {f"schemas/events/{SHORT_NAMES[shape]}.v1.json": _json(event_schema(shape)) for shape in EVENTS}
    for shape in EVENTS:
        examples = {name: json.loads(encode(example(shape, name))) for name in NAMES}
        made[f"schemas/examples/{SHORT_NAMES[shape]}.json"] = _json(examples)
    made |= {f"schemas/examples/refused/{name}.json": _json(refusal.document) for name, refusal in REFUSALS.items()}
    made["schemas/asyncapi.yaml"] = _yaml(asyncapi(lambda shape: {"$ref": f"./events/{SHORT_NAMES[shape]}.v1.json"}))
    made[_SERVED] = _json(asyncapi(event_schema))
    return made


def stale() -> list[str]:
    """Name each generated file that is missing, differs, or is left over from a type that is gone."""
    made = documents()
    found = {str(path.relative_to(ROOT)) for folder in ("events", "examples") for path in (ROOT / "schemas" / folder).rglob("*.json")}
    return sorted({name for name, text in made.items() if _read(ROOT / name) != text} | (found - made.keys()))


def write() -> None:
    """Write what is stale and remove what is left over."""
    made = documents()
    for name in stale():
        path = ROOT / name
        if name in made:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(made[name], "utf-8")
        else:
            path.unlink()


def main(arguments: list[str]) -> int:
    """Write, or check and name what is stale."""
    if arguments == ["--check"]:
        found = stale()
        sys.stderr.writelines(f"stale: {name} (make schemas)\n" for name in found)
        return 1 if found else 0
    write()
    return 0


def _read(path: Path) -> str | None:
    return path.read_text("utf-8") if path.exists() else None


def _json(value: Any) -> str:
    return json.dumps(value, indent=2) + "\n"


class _Plain(yaml.SafeDumper):
    """Writes what stands twice out twice."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - the name is the library's
        return True


def _yaml(value: Any) -> str:
    return yaml.dump(value, Dumper=_Plain, sort_keys=False, allow_unicode=True, width=130)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
