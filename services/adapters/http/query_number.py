"""Reads a whole number from the query of a request, within the bounds that its parameter states."""

import re
from typing import Any, Final

from fastapi import Request

from services.adapters.problem_details import ErrorItem, ProblemError

MOST: Final = 10**16 - 1
"""The largest number that any parameter takes: it has 16 digits, as an offset."""
_NUMBER: Final = re.compile("[0-9]{1,16}", re.ASCII)


def number_parameter(name: str, least: int, most: int, description: str, **more: Any) -> dict[str, Any]:
    """Return a parameter as OpenAPI describes it."""
    schema = {"type": "integer", "minimum": least, "maximum": most, **more}
    return {"name": name, "in": "query", "required": False, "description": description, "schema": schema}


def query_number(request: Request, parameter: dict[str, Any]) -> int | None:
    """Read a parameter, or its default where it is not stated; ProblemError 400 when it is not one number within its bounds."""
    name, schema = parameter["name"], parameter["schema"]
    stated, least, most = request.query_params.getlist(name), schema["minimum"], schema["maximum"]
    if not stated:
        default: int | None = schema.get("default")
        return default
    numbers = [int(text) for text in stated if _NUMBER.fullmatch(text)]
    if len(numbers) != 1 or len(stated) != 1 or not least <= numbers[0] <= most:
        raise ProblemError("invalid", errors=[ErrorItem(None, name, "bad_format", f"a number from {least} to {most}")])
    return numbers[0]
