"""Holds an answer against the OpenAPI document of the service that gave it."""

import jsonschema
from httpx import AsyncClient, Response


async def documented(client: AsyncClient, template: str, method: str, answer: Response) -> None:
    """Fail unless the document has this status for this route, in this form, with a schema that the answer keeps."""
    document = (await client.get("/v1/openapi.json")).json()
    described = document["paths"][template][method]["responses"][str(answer.status_code)]
    form = answer.headers["content-type"]
    # With a parameter that the document names, or with one that it leaves open
    schema = described["content"][form if form in described["content"] else form.partition(";")[0]]["schema"]
    if "json" in form:
        jsonschema.validate(answer.json(), schema | {"components": document["components"]})
