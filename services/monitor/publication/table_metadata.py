"""Metadata of the CSV of a release, after CSV on the Web (W3C): what each column holds, and how what is hidden is written."""

from collections.abc import Sequence
from typing import Any, Final

from services.monitor.figures.serialization import UNKNOWN, Column

_TYPES: Final = {"text": "string", "time": "dateTime", "whole": "integer", "number": "decimal", "yes or no": "boolean"}


def table_metadata(url: str, columns: Sequence[Column], key: Sequence[str], *, licence: str) -> dict[str, Any]:
    """Return the metadata of the CSV at an address, of which these columns together are the key."""
    return {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "en"}],
        "url": url,
        "dc:license": {"@id": licence},
        "dialect": {"header": True, "delimiter": ",", "encoding": "utf-8"},
        "tableSchema": {"columns": [_column(column, required=column.name in key) for column in columns], "primaryKey": list(key)},
    }


def _column(column: Column, *, required: bool) -> dict[str, Any]:
    null = {"null": [UNKNOWN]} if column.type == "number" else {}
    return {
        "name": column.name,
        "titles": column.name,
        "dc:description": column.description,
        "datatype": _TYPES[column.type],
        "required": required,
        **null,
    }
