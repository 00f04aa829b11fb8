"""Writes the pages of docs/ that are worked out from the code, so that they can't say anything else.

`python -m services.local.reference` from the top of the project; a test fails when a page is stale.
"""

from collections.abc import Iterator
from pathlib import Path

from fastapi import FastAPI
from pydantic.fields import FieldInfo

from services.adapters.audit.gate import NOTED, UNNOTED
from services.adapters.audit.records import HAPPENINGS
from services.adapters.metrics import DESCRIBED, Described
from services.adapters.settings import Settings
from services.api.app import create_app as create_api
from services.gateway.app import create_app as create_gateway
from services.monitor.app import create_app as create_monitor
from services.monitor.definition import Definition
from services.monitor.definitions import DEFINITIONS, NOT_TOLD
from services.monitor.shown import COLUMNS

_SETTINGS = """# Settings

Every setting is an environment variable, read once when a program starts; one that is called `PLEK_…` and is not in this table is refused
then, with the nearest name that is. Written by `make docs` from `services/adapters/settings.py`.

| variable | unless set | what it does |
|---|---|---|
"""
_METRICS = """# Metrics

`GET /metrics` of each service, as Prometheus reads them; a service shows those it has something to say about. A label holds a code of
ours, never a value that somebody sent. Written by `make docs` from `services/adapters/metrics.py`.

| metric | labels | what it says |
|---|---|---|
"""
_HTTP = """# HTTP

What each service answers; `/v1/openapi.json` of the service has the bodies, the parameters and what each status means. The processor has
`/healthz`, `/readyz` and `/metrics` only. The last column says as what a call is noted in the [audit log](audit.md), or why it is not.
Written by `make docs` from the services themselves.

| service | route | what it does | answers | audit |
|---|---|---|---|---|
"""

_AUDIT = """# The audit log

Who looked at what, and who decided what: the topic `<prefix>.audit`, one partition, kept for ever. Read by the role `auditor` with
`GET /v1/audit`, by nobody else; checked with `plek audit verify`. Written by `make docs` from `services/adapters/audit/records.py`.

A record is a JSON object. After NEN 7513 (and ISO 27789):

| member | NEN 7513 | holds |
|---|---|---|
| `chain`, `number`, `before` | integrity of the log | place in a chain; chain, number and SHA-256 of the record before |
| `source` | source of the record | the program that wrote it |
| `at` | date and time | RFC 3339 in UTC, of the program's clock; the broker's stands beside it |
| `event` | kind of event | see below |
| `action` | action | `C`reate, `R`ead, `U`pdate, `D`elete, `E`xecute |
| `outcome` | outcome | `success`, `refused`, or `failed` where it was to be done and could not |
| `user`, `role` | user, and role | a pseudonym (a keyed hash of the token's `sub`), not the one in the other logs |
| `on_behalf_of` | for whom | `desk:…`, `shelter:…` or `region:…`, from the token |
| `purpose` | purpose of use | `care`, `placement`, `coordination`, `statistics`, `audit`, `operation`, `break-glass` |
| `objects` | what it was about | type and id: shelters, holds, searches, fallbacks, entries. No person stands in Plek, so none here |
| `what` | what of it | kinds of events that were sent, and other codes |

What was sent and is no id of ours is never written here, also not when it was refused. `before` is null in the very first record. A chain
begins when a program starts, or when it could not tell whether its last record came in; then the old chain may have some records more
than the new one names, which is no break. That the end of the log is missing shows only to whoever has kept a head.

| event | action | what it says |
|---|---|---|
"""


_FIGURES = """# Figures

What the monitor works out from the log alone. Each answer names definition and version, the offsets it looked at, and the share of
shelters heard of; asked again for the same offsets it gives the same digits. Of an instant, of a period, or either. Written by
`make docs` from `services/monitor/definitions.py`.

| figure | version | unit | of | parts | what it is | after |
|---|---|---|---|---|---|---|
{figures}
## What is not told

{not_told}
## The data dictionary

The columns of CSV and Parquet; JSON has the same members.

| column | type | what it says |
|---|---|---|
{columns}"""


def pages() -> dict[Path, str]:
    """Return every generated page by its path."""
    settings = Settings.model_construct()
    routes = (("gateway", create_gateway(settings)), ("api", create_api(settings)), ("monitor", create_monitor(settings)))
    return {
        Path("docs/settings.md"): _SETTINGS + "".join(_setting(name, field) for name, field in Settings.model_fields.items()),
        Path("docs/metrics.md"): _METRICS + "".join(_metric(name, of) for name, of in sorted(DESCRIBED.items())),
        Path("docs/audit.md"): _AUDIT + "".join(f"| `{name}` | {of.action} | {of.sentence} |\n" for name, of in sorted(HAPPENINGS.items())),
        Path("docs/figures.md"): _FIGURES.format(
            figures="".join(_figure(each) for each in DEFINITIONS.values()),
            not_told="".join(f"- **{each.english[0]}** / {each.dutch[0]}: {each.english[1]}\n" for each in NOT_TOLD),
            columns="".join(f"| `{each.name}` | {each.type} | {each.sentence} |\n" for each in COLUMNS),
        ),
        Path("docs/http.md"): _HTTP + "".join(line for service, app in routes for line in _routes(service, app)),
    }


def _setting(name: str, field: FieldInfo) -> str:
    # The place of the cache differs from user to user, and is said in words
    default = "" if field.default_factory or field.default is None else f"`{field.default}`"
    return f"| `PLEK_{name.upper()}` | {default} | {field.description} |\n"


def _figure(of: Definition) -> str:
    parts = ", ".join(f"`{part}`" for part in of.of)
    said = f"**{of.english[0]}.** {of.english[1]}<br>**{of.dutch[0]}.** {of.dutch[1]}"
    return f"| `{of.id}` | {of.version} | {of.unit} | {of.when} | {parts} | {said} | {of.source} |\n"


def _metric(name: str, of: Described) -> str:
    return f"| `{name}` | {', '.join(f'`{label}`' for label in of.labels)} | {of.sentence} |\n"


def _routes(service: str, app: FastAPI) -> Iterator[str]:
    for path, methods in app.openapi()["paths"].items():
        for method, described in methods.items():
            answers, noted = ", ".join(sorted(described["responses"])), described.get(NOTED)
            told = f"`{noted}`" if noted else described[UNNOTED]
            yield f"| {service} | `{method.upper()} {path}` | {described['summary']} | {answers} | {told} |\n"


if __name__ == "__main__":
    for path, text in pages().items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
