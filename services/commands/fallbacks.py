"""`plek fallbacks`: who is put up in a hotel or elsewhere now, and since when."""

from services.commands import case_tables
from services.commands.desk import Onlooker
from services.commands.options import spread
from services.commands.said import Json, Region


@spread
def run(by: Onlooker, region: Region = None, *, as_json: Json = False) -> None:
    """List who is put up now in your regions, the earliest first."""
    columns = ("fallback", "accommodation", "region", "reason")
    case_tables.listed(by, region, "/v1/fallbacks?open=true", "fallbacks", columns, as_json=as_json)
