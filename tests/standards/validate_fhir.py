"""Reads FHIR bundles as a JSON list and prints what is wrong with each, by `fhir.resources`; runs beside the tools of others.

The package has R4B and no R4: `Bundle` and `HealthcareService` have the same elements in both, and R4B is what it says it checks.
"""

import json
import sys

from fhir.resources.R4B.bundle import Bundle
from pydantic import ValidationError


def errors(document: object) -> list[str]:
    """Return the places that are wrong, each with why."""
    try:
        Bundle.model_validate(document)
    except ValidationError as invalid:
        return [f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in invalid.errors()]
    return []


sys.stdout.write(json.dumps([errors(document) for document in json.load(sys.stdin)]))
