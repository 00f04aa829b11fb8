"""What a directory knows an area by: women's shelter in the area, as a service with an id and a name. The same in each format."""

from typing import Final
from uuid import NAMESPACE_URL, uuid5

from services.api.areas.models import AreaAnswer

AREA: Final = "urn:plek:area"
"""The system of the names of areas."""


def service_id(area: AreaAnswer, part: str = "") -> str:
    """Return the id (UUID) of the service in an area, or of a part of that service."""
    name = f"{AREA}:{area.area}"
    return str(uuid5(NAMESPACE_URL, f"{name}:{part}" if part else name))


def service_name(area: AreaAnswer) -> str:
    """Return the name of the service in an area: its regions, in Dutch."""
    return "Vrouwenopvang " + ", ".join(region.name for region in area.regions)
