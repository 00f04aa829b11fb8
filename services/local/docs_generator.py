"""Writes the pages of docs/ that are generated from the code.

`python -m services.local.docs_generator` from the top of the project; a test fails when a page is stale.
"""

import ast
import json
from collections.abc import Iterator
from pathlib import Path

from fastapi import FastAPI
from pydantic.fields import FieldInfo

from services.adapters.audit.records import HAPPENINGS
from services.adapters.config.settings import Settings
from services.adapters.http.openapi_merge import merged
from services.adapters.http.route_policy import RoutePolicy, policies
from services.adapters.kafka.topic_admin import Plan
from services.adapters.kafka.topics import Topics, plans
from services.adapters.observability.metrics import DESCRIBED, MetricDescription
from services.adapters.roles import ROLES
from services.adapters.view.redis_acl_rules import acl_lines
from services.api.app import create_app as create_api
from services.domain.durations import DAY_MS
from services.gateway.app import create_app as create_gateway
from services.local.operator_manifests import manifests
from services.monitor.app import create_app as create_monitor
from services.monitor.figures.definitions import DEFINITIONS, UNAVAILABLE, Definition
from services.monitor.figures.serialization import COLUMNS

_SETTINGS = """# Settings

Every setting is an environment variable. A program reads it once, when it starts. A variable `PLEK_…` that is not in this table is refused,
and the error names the nearest setting. Written by `make docs` from `services/adapters/config/settings.py`.

| variable | default | what it does |
|---|---|---|
"""
_METRICS = """# Metrics

`GET /metrics` of each service, in the format of Prometheus; a service shows the metrics that it counts. A label is a code of Plek, never a
value that was sent. Written by `make docs` from `services/adapters/observability/metrics.py`.

| metric | labels | meaning |
|---|---|---|
"""
_HTTP = """# HTTP

The routes of each service. `/v1/openapi.json` of the service has the bodies, the parameters and the meaning of each status. The processor
has `/healthz`, `/readyz` and `/metrics` only. A row is the policy of a route: the roles that may call it, the rate limit of each call, the
event of the [audit log](audit.md) that a call is recorded as, and the kinds of problems it answers with (`urn:plek:problem:<kind>`). Every
route below `/v1/` also answers `invalid` to a parameter it does not document, and `HEAD` wherever it answers `GET`. Written by `make docs`
from the services themselves.

| service | route | what it does | roles | rate | audit | answers | problems |
|---|---|---|---|---|---|---|---|
"""

_AUDIT = """# The audit log

Who looked at what, and who decided what: the topic `<prefix>.audit`, one partition, kept for five years (`plek forget`). Only the role
`auditor` can read it, with `GET /v1/audit` and `GET /v1/audit/search`, and sees no shelter there (below); every caller reads the records of
the own looks and acts with `GET /v1/me/trail`, without shelters for a worker and without objects of a refusal. `plek audit verify` checks
it. Written by `make docs` from `services/adapters/audit/records.py`.

A record is a JSON object with the fields of NEN 7513 (and ISO 27789):

| member | NEN 7513 | content |
|---|---|---|
| `chain`, `number`, `before` | integrity of the log | place in a chain; chain, number and SHA-256 of the record before |
| `salt` | integrity of the log | random, so that no hash of a record can be guessed at |
| `source` | source of the record | the program that wrote it |
| `at` | date and time | RFC 3339 in UTC, of the program's clock; the broker's stands beside it |
| `event` | kind of event | see below |
| `action` | action | `C`reate, `R`ead, `U`pdate, `D`elete, `E`xecute |
| `outcome` | outcome | `success`, `refused`, or `failed` if it was allowed and could not be done |
| `user`, `role` | user, and role | a pseudonym (a keyed hash of the token's `sub`), not the one in the other logs |
| `on_behalf_of` | for whom | `desk:…`, `shelter:…` or `region:…`, from the token |
| `purpose` | purpose of use | `care`, `placement`, `coordination`, `statistics`, `audit`, `operation`, `break-glass` |
| `objects` | object | type and id: shelters, holds, searches, fallbacks, entries. Plek has no persons, so neither has the audit log |
| `what` | details | types of events that were sent, and other codes |

A sent value that is no id of Plek is never written here, also not when it was refused. `before` is null in the very first record. A chain
begins when a program starts, or when it does not know whether its last records arrived. Then the old chain may have some records more than
the new one names, which is no break, and the uncertain records are in both. While Kafka is away, records wait on the disk of their program
and are written later, in order: `at` is when the event happened, the broker's time is when it was written. A missing end of the log is
detected only with a head that was stored before.

## Who sees what

| who | sees |
|---|---|
| an auditor: `GET /v1/audit`, `GET /v1/audit/search`, the page | all but shelters, and no hash of a record (below) |
| every caller: `GET /v1/me/trail` | the own records; an auditor's as the auditor saw them |
| coordinators: `GET /v1/alarms` | the shelter of an alarm, which is to be asked about |
| an operator: `plek audit verify`, `plek audit heads` | hashes and places; the command reads all and prints no record |
| what may read the topic in Kafka: gateway, API, monitor, operator | everything |

For an auditor a pseudonym stands in place of each shelter, and of each organisation and region, as many have one shelter: in `objects` and
in `on_behalf_of`, also before the id of a hold. `salt` and the hash in `before` are left out: on them guesses could be tried. A pseudonym
is a keyed hash (`PLEK_PSEUDONYM_KEY`), the same in every record. A search finds a shelter by its pseudonym alone: by its name it finds
nothing.

Two different auditors open a pseudonym with `POST /v1/audit/openings`, each with a code: `alarm`, `complaint`, `incident`, `authority`,
`spot_check`, `other`. The first request waits for a week; the second opens it to auditors for `PLEK_AUDIT_OPENING_HOURS`. Both are events
of this log, with the pseudonym, and a look while one is open says `opened`. Who has seen it opened knows it from then on: a pseudonym does
not change when its opening ends ([ADR 51](adr/0051-show-auditors-pseudonyms-until-two-open-one.md)).

## Signed heads

Every ten minutes the monitor signs what the log holds (Ed25519), so that records can't be erased, forged or cut off unseen by those who
can write to Kafka ([ADR 49](adr/0049-sign-heads-of-the-audit-log-in-the-monitor.md)). A head is a line of JSON with sorted members and no
space, in the topic `<prefix>.audit-heads` and in a file of the monitor:

| member | content |
|---|---|
| `topic`, `number`, `at` | the log; the place among the heads; when it was signed |
| `offset`, `time`, `hash` | place, broker's time and SHA-256 of the last record of the log |
| `first` | SHA-256 of the record that the log begins with |
| `digest` | of all records: SHA-256 of the digest before and the record's hash, hexadecimal and joined; none is before the first |
| `before` | SHA-256 of the head before, of its whole line; null in the first |
| `key`, `signature` | public key, and signature of the line without `signature`, in hexadecimal digits |

`plek audit heads > FILE` prints the newest, and the public key beside it. Keep both where no operator of Plek can change them. Where the
log is not the signed one, `plek audit verify --head FILE --key KEY` exits with 1 and names the record in English and Dutch: *erased,
changed or added*, *ends before*, *begun anew*. It also finds heads that were taken out of their topic. Without `--key` it trusts the key of
the heads given. What no head shows: a record that was appended with the rights of a service is signed with the next head as any other is.

## Events

| event | action | meaning |
|---|---|---|
"""


_FIGURES = """# Figures

What the monitor computes from the log alone. Each result names its definition and version, the offsets it was computed from, and the share
of shelters heard of. The same query with the same offsets gives the same digits. A figure is of an instant, of a period, or either. Over
what stands in "adds up over" its rows make up the whole; what is in no row has a row of its own, with the part `left_out=in_no_row`. Days
are those of the Dutch clock, also of 23 and 25 hours. Written by `make docs` from the `.toml` files of `services/monitor/figures/`.

| figure | version | unit | of | parts | adds up over | definition | source |
|---|---|---|---|---|---|---|---|
{figures}
## What is not available

{unavailable}
## The data dictionary

The columns of CSV and Parquet. JSON has the same members.

| column | type | meaning |
|---|---|---|
{columns}"""


_RETENTION = """| what | where | how long |
|---|---|---|
"""
_RETENTION_MARK = "Written by `make docs` from the settings and the topics as they are made."

_MAP = """# Map

The folders of `services/`, and what each contains. Written by `make docs` from the docstring of each package. import-linter checks what may
import what (`pyproject.toml`).

| folder | content |
|---|---|
"""
_OPENAPI = """The real-time registry of places in women's shelters: where a household can go tonight, and what shelters report.

Every error is a problem of RFC 9457: `type` (`urn:plek:problem:<kind>`) for programs, `title` for the fact, `detail` for what to do,
`errors` with a JSON pointer and a code for all that is wrong. A request with an `Idempotency-Key` can be sent again: it counts once. Events
of shelters are CloudEvents 1.0; `GET /v1/asyncapi.json` has the same events as they stand in Kafka. The major version is in the path, the
whole version in the header `API-Version`. Members may be added within a major version: ignore those that you do not know."""
_SERVICES = Path("services")
_NAMES = Topics()
_TOPICS_IN_WORDS = {
    _NAMES.dead_letters: "what was refused, with its bytes",
    _NAMES.audit: "who looked at what and decided what, by pseudonym",
    _NAMES.audit_heads: "signed heads of that",
    _NAMES.need_keys: "keys of sealed needs, wrapped; each is destroyed 30 days after its day",
    _NAMES.audit_openings: "which pseudonyms auditors opened",
    _NAMES.proposals: "changes of shelters that wait for a second person",
    _NAMES.alarms: "alarms about pseudonyms",
    _NAMES.revoked_tokens: "digests of tokens that were given back",
    _NAMES.push_subscriptions: "which browsers are notified, sealed",
    _NAMES.intake("ORGANISATION"): "what an organisation's own system sent",
    _NAMES.refused("ORGANISATION"): "what of it was refused, without values",
}
# The first status that is a problem
_REFUSED = "400"


def pages() -> dict[Path, str]:
    """Return every generated page by its path."""
    settings = Settings.model_construct()
    routes = (("gateway", create_gateway(settings)), ("api", create_api(settings)), ("monitor", create_monitor(settings)))
    document = json.dumps(merged([app.openapi() for _, app in routes], "Plek", _OPENAPI), indent=1, ensure_ascii=False) + "\n"
    return manifests() | {
        Path("schemas/openapi.json"): document,
        Path("services/api/operator/openapi.json"): document,
        Path("docs/settings.md"): _SETTINGS + "".join(_setting(name, field) for name, field in Settings.model_fields.items()),
        Path("deploy/redis/users.acl"): "".join(f"{line}\n" for line in acl_lines(settings.prefix)),
        Path("docs/metrics.md"): _METRICS + "".join(_metric(name, metric) for name, metric in sorted(DESCRIBED.items())),
        Path("docs/audit.md"): _AUDIT
        + "".join(f"| `{name}` | {event.action} | {event.sentence} |\n" for name, event in sorted(HAPPENINGS.items())),
        Path("docs/figures.md"): _FIGURES.format(
            figures="".join(map(_figure, DEFINITIONS.values())),
            unavailable="".join(f"- **{figure.en.name}** / {figure.nl.name}: {figure.en.definition}\n" for figure in UNAVAILABLE),
            columns="".join(f"| `{column.name}` | {column.type} | {column.description} |\n" for column in COLUMNS),
        ),
        Path("docs/map.md"): _MAP + "".join(_folder(path) for path in sorted(_SERVICES.rglob("__init__.py"))),
        Path("docs/privacy.md"): _with_retention(Path("docs/privacy.md").read_text("utf-8"), settings),
        Path("docs/http.md"): _HTTP + "".join(line for service, app in routes for line in _routes(service, app)),
    }


def _with_retention(page: str, settings: Settings) -> str:
    """Return the page with the table of how long everything is kept, which is its last part."""
    text, _, rest = page.partition(_RETENTION_MARK)
    return f"{text}{_RETENTION_MARK}{rest.partition(chr(10) + chr(10))[0]}\n\n{_RETENTION}{''.join(_retention(settings))}"


def _retention(settings: Settings) -> Iterator[str]:
    names = Topics()
    forgotten = f"{settings.keep_months} months and the current one (`PLEK_KEEP_MONTHS`), then `plek forget`"
    yield f"| facts, holds, searches, fallbacks, waiting lists | `{names.bed_events}`, `{names.demand_events}` | {forgotten} |\n"
    yield "| what is still true of them: who is present, units, open hotels | checkpoints, the view in Redis | for as long as it is so |\n"
    yield "| digests of the names of events | checkpoints, the view in Redis | 400 days |\n"
    yield "| the archive and the tables of the monitor | files | as the truth topics, at the second update after `plek forget` |\n"
    yield "| published releases and snapshots: no household | `plek.monitor-snapshots` | for ever |\n"
    for plan in plans(names, brokers=1, organisations=["ORGANISATION"]):
        if plan.name not in (names.bed_events, names.demand_events, names.checkpoints, names.monitor_snapshots):
            kept = "five years, then `plek forget`" if plan.name == names.audit else _kept(plan)
            yield f"| {_TOPICS_IN_WORDS.get(plan.name, 'see the contract, section 2')} | `{plan.name}` | {kept} |\n"


def _kept(plan: Plan) -> str:
    kept = int(plan.settings["retention.ms"])
    newest = "the newest of each key, " if "compact" in plan.settings["cleanup.policy"] else ""
    return newest + ("for ever" if kept < 0 else f"{kept // DAY_MS} days")


def _folder(package: Path) -> str:
    docstring = ast.get_docstring(ast.parse(package.read_text("utf-8"))) or ""
    return f"| `{package.parent}/` | {' '.join(docstring.split())} |\n"


def _setting(name: str, field: FieldInfo) -> str:
    # The folder of the cache differs from user to user: its description names it
    default = "" if field.default_factory or field.default is None else f"`{field.default}`"
    return f"| `PLEK_{name.upper()}` | {default} | {field.description} |\n"


def _figure(definition: Definition) -> str:
    parts = ", ".join(f"`{part}`" for part in definition.parts)
    texts = "<br>".join(f"**{text.name}.** {text.definition}" for text in (definition.en, definition.nl))
    unit = f"{definition.unit}, can pass 1" if definition.above_one else definition.unit
    head = f"| `{definition.figure}` | {definition.version} | {unit} | {definition.when} |"
    return f"{head} {parts} | {', '.join(definition.adds_up)} | {texts} | {definition.source} |\n"


def _metric(name: str, metric: MetricDescription) -> str:
    return f"| `{name}` | {', '.join(f'`{label}`' for label in metric.labels)} | {metric.sentence} |\n"


def _routes(service: str, app: FastAPI) -> Iterator[str]:
    paths = app.openapi()["paths"]
    for method, path, policy in policies(app):
        if operation := paths.get(path, {}).get(method.lower()):
            answers = ", ".join(sorted(status for status in operation["responses"] if status < _REFUSED))
            audit = f"`{policy.audit}`" if policy.audit else f"no: {policy.not_audited}"
            head = f"| {service} | `{method} {path}` | {operation['summary']} | {_roles(policy)} | {_rate(policy)} | {audit}"
            yield f"{head} | {answers} | {', '.join(f'`{kind}`' for kind in policy.problems)} |\n"


def _roles(policy: RoutePolicy) -> str:
    if policy.public:
        return f"public: {policy.public}"
    return "all" if set(policy.roles) == set(ROLES) else ", ".join(f"`{role}`" for role in policy.roles)


def _rate(policy: RoutePolicy) -> str:
    return f"`{policy.rate}`" if policy.roles and policy.rate else f"no: {policy.unlimited}" if policy.unlimited else ""


if __name__ == "__main__":
    for path, text in pages().items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
