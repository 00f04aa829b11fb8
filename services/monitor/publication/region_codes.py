"""The regions of Plek beside the codes of Statistics Netherlands (CBS), as a table that anyone may read.

Law: it states what is known and no more. The province and the codes of the centre municipality are exact. Which other municipalities
belong to a region stands in no file of Plek, so there is no row for each municipality; both numbers are estimates.
"""

from collections.abc import Iterable
from typing import Any, Final

from services.adapters.regions import PROVINCE_NAMES, RegionRow
from services.monitor.figures.definitions import Document
from services.monitor.figures.serialization import Column

REGION_COLUMNS: Final = (
    Column("region", "text", "The code of Plek (R01 to R35)"),
    Column("name", "text", "The centre municipality"),
    Column("centre_gm", "text", "The centre municipality by its code of CBS (GM)"),
    Column(
        "centre_vr",
        "text",
        "The safety region of the centre municipality by its code of CBS (VR01 to VR25); others of the region may be in another",
    ),
    Column("province_pv", "text", "The province by its code of CBS (PV20 to PV31)"),
    Column("province", "text", "The province by name"),
    Column("municipalities", "whole", "For how many municipalities it runs women's shelter: an estimate; which ones is not known"),
    Column("inhabitants", "whole", "Inhabitants: an estimate"),
)


class RegionCodes(Document):
    """A region and its codes; null: the region file does not say so."""

    region: str
    name: str
    centre_gm: str | None
    centre_vr: str | None
    province_pv: str
    province: str
    municipalities: int | None
    inhabitants: int


class RegionTable(Document):
    """Every region, by code."""

    regions: list[RegionCodes]


def region_table(rows: Iterable[RegionRow]) -> RegionTable:
    """Return the table of a region file."""
    return RegionTable(
        regions=[
            RegionCodes(
                region=row.code,
                name=row.name,
                centre_gm=row.centre_code,
                centre_vr=row.safety_region,
                province_pv=row.province,
                province=PROVINCE_NAMES.get(row.province, row.province),
                municipalities=row.municipalities,
                inhabitants=row.inhabitants,
            )
            for row in sorted(rows, key=lambda row: row.code)
        ]
    )


def region_rows(table: RegionTable) -> list[tuple[Any, ...]]:
    """Write the table as rows, in the order of REGION_COLUMNS."""
    return [tuple(getattr(row, column.name) for column in REGION_COLUMNS) for row in table.regions]
