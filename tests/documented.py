"""Holds an answer against the OpenAPI document of the service that gave it."""

import jsonschema
from httpx import AsyncClient, Response


async def documented(client: AsyncClient, template: str, method: str, answer: Response) -> None:
    """Fail unless the document has this status for this route, with a schema that the answer keeps."""
    document = (await client.get("/v1/openapi.json")).json()
    described = document["paths"][template][method]["responses"][str(answer.status_code)]
    schema = described["content"][answer.headers["content-type"]]["schema"]
    jsonschema.validate(answer.json(), schema | {"components": document["components"]})
