"""The OpenAPI document of all services behind the door, as `make docs` writes it into this package.

Services never import each other, so the document is merged when it is written. What is of one installation is put in when it is served:
its region codes, its contact, and its data set where that is not the real one.
"""

from collections.abc import Collection, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final

import orjson

from services.adapters.datasets import World

_OPENAPI: Final = files(__package__).joinpath("openapi.json")


class OpenApiFile:
    """The document of one installation, read once."""

    def __init__(self, regions: Collection[str], contact: Mapping[str, str], world: World) -> None:
        self._regions, self._contact, self._world = sorted(regions), dict(contact), world
        self.read = cache(self._read)

    def _read(self) -> bytes | None:
        """Return the document; None where it was not installed."""
        if not _OPENAPI.is_file():
            return None
        document: dict[str, Any] = orjson.loads(_OPENAPI.read_bytes())
        document["info"]["contact"] = self._contact
        if self._world != "live":
            document["info"]["title"] += f" ({self._world})"
        document["components"]["schemas"]["Region"]["enum"] = self._regions
        return orjson.dumps(document)
