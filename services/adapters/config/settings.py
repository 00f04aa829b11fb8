"""Reads the settings from the environment; no other module does. Every setting is a field here; docs/settings.md is generated from it."""

import os
import sys
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final, Literal, NoReturn, Self

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.adapters.config import redis_url
from services.adapters.config.kafka_connection import KafkaConnection, Mechanism, Security
from services.adapters.config.loopback import on_loopback
from services.adapters.config.push_service import PUSH_HOSTS, read_push_hosts
from services.adapters.config.secret_forms import SECRET_FORMS, read_secret
from services.adapters.config.setting_errors import PREFIX, error_line
from services.adapters.config.strict_term import read_term
from services.adapters.config.transport import check_certificates, plain_connections
from services.adapters.datasets import World, dataset_kind
from services.adapters.regions import read_regions
from services.domain.beds.staleness import StalenessLimits
from services.domain.durations import HOUR_MS, HOUR_S

NO_SETTING: Final = frozenset({"TAPES", "TOKEN", "OPERATOR_TOKEN", "API", "GATEWAY"})
"""Where the tests find more recorded logs, and who types a verb at which address; no service reads them."""
# Each may be in a file instead, named by `<name>_FILE`
_SECRETS: Final = (*SECRET_FORMS, "kafka_password", "web_client_secret")
# The value of an optional number that is unset: an empty variable means its default
_NO_LIMIT = "none"


def _cache() -> Path:
    # The XDG base directory specification: an empty variable counts as none
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "plek"  # noqa: TID251  the one owner


class Settings(BaseSettings):
    """All that differs between one instance and another: read once, and passed on by a service's app.py."""

    # An error names the setting and the rule, never the value: some are secrets
    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore", env_ignore_empty=True, hide_input_in_errors=True)

    kafka: str = Field(default="127.0.0.1:9092", description="Kafka brokers as `host:port`, with commas. When set, `plek up` starts none.")
    kafka_security: Security = Field(default="PLAINTEXT", description="Security protocol of Kafka; anywhere but on loopback `SASL_SSL`.")
    kafka_mechanism: Mechanism = Field(default="SCRAM-SHA-512", description="How a client authenticates, with `SASL_…`.")
    kafka_user: str | None = Field(default=None, description="User of this service in Kafka, with `SASL_…`.")
    kafka_password: SecretStr | None = Field(default=None, description="Password of that user.")
    kafka_password_file: Path | None = Field(default=None, description="File that holds it, for secrets mounted as files.")
    kafka_ca_file: Path | None = Field(default=None, description="Certificates that verify Kafka's; unset: those of the system.")
    redis: str = Field(
        default="redis://127.0.0.1:6379/0",
        description="URL of Redis or Valkey; beyond loopback `rediss://…?ssl_ca_certs=FILE`. When set, `plek up` starts none.",
    )
    redis_password_file: Path | None = Field(default=None, description="File that holds the password of the Redis that `PLEK_REDIS` names.")
    prefix: str = Field(
        default="plek",
        pattern=r"^[a-z0-9][a-z0-9-]{0,62}$",
        description="First part of every topic and key: a data set of its own. One that begins with `sim` or `imported` is no real"
        " country: it is read at the clock of its log, every answer says so, and it accepts no events over HTTP.",
    )
    partitions: int = Field(default=12, ge=1, le=1024, description="Partitions of the truth topics. Fixed once events are written.")

    host: str = Field(default="127.0.0.1", description="Address the services listen on.")
    tls_file: Path | None = Field(
        default=None, description="PEM file of the key and certificates with which a service listens; unset: without TLS, on loopback only."
    )
    plaintext: Literal["loopback", "anywhere"] = Field(
        default="loopback", description="Where a service may do without TLS; `anywhere` is for a network that encrypts, such as a mesh."
    )
    api_port: int = Field(default=8080, ge=1, le=65535, description="Port of the API.")
    gateway_port: int = Field(default=8081, ge=1, le=65535, description="Port of the gateway.")
    processor_port: int = Field(default=8082, ge=1, le=65535, description="Port of the processor's readiness and metrics.")
    monitor_port: int = Field(default=8083, ge=1, le=65535, description="Port of the monitor.")
    web_port: int = Field(default=8084, ge=1, le=65535, description="Port of the pages.")

    web_address: str | None = Field(
        default=None, description="Address of the pages as browsers know it, for the way back from the log-in; unset: that on this machine."
    )
    web_behind: str | None = Field(
        default=None, description="Address of the front door as the pages reach it; unset: each service at its own port on this machine."
    )
    web_behind_ca_file: Path | None = Field(default=None, description="Certificates that verify that door's; unset: the system's.")
    web_client: str = Field(default="plek-web", description="How the issuer knows the pages (`client_id`).")
    web_client_secret: SecretStr | None = Field(default=None, description="Secret of that client, where the issuer wants one.")
    web_client_secret_file: Path | None = Field(default=None, description="File that holds it.")
    web_key: SecretStr | None = Field(
        default=None,
        description="Key of the pages' cookies, 64 hexadecimal digits, the same for all their processes; unset: each makes its own, and a"
        " restart logs everyone out.",
    )
    web_practice: bool = Field(
        default=False, description="The pages say that no shelter is real, and show a household to practise with; a demo sets it."
    )
    web_key_file: Path | None = Field(default=None, description="File that holds it.")

    issuer: str = Field(default="http://127.0.0.1:8090", description="OpenID issuer of the tokens that are accepted.")
    audience: str = Field(default="plek", description="The `aud` a token must carry.")
    token_hours: float = Field(
        default=12,
        gt=0,
        le=168,
        description="A token that is valid for longer is refused: there is no list of revoked tokens. More only where the issuer can't make"
        " shorter ones.",
    )
    issuer_away_hours: float = Field(
        default=12,
        gt=0,
        le=24,
        description="How long the issuer's keys are believed, in memory and on disk, while it does not answer; then every token is"
        " refused. As long as a token lasts, so that an outage of the issuer at night locks no user out.",
    )

    role_claim: str = Field(
        default="role",
        pattern=r"^[A-Za-z0-9_-]{1,64}(\.[A-Za-z0-9_-]{1,64}){0,4}$",
        description="The claim of a token that names the role, alone or in a list with others; dots lead into objects.",
    )
    calls_per_minute: int = Field(
        default=600,
        ge=1,
        le=1_000_000,
        description="Requests a person may make in a minute; an operator, who sends whole logs, 100 times as many.",
    )
    refusals_per_hour: int = Field(
        default=60,
        ge=1,
        le=1_000_000,
        description="Requests of a person that are refused with 403 and recorded, at once and an hour; those beyond get 429 and no record."
        " An operator 100 times as many.",
    )
    searches_at_once: int = Field(default=20, ge=1, le=1_000_000, description="Searches a person may make at once.")
    searches_per_hour: int = Field(default=30, ge=1, le=1_000_000, description="Searches a person may make in an hour beside those.")
    refinements_per_hour: int = Field(
        default=12,
        ge=1,
        le=1_000_000,
        description="Searches again for one household (`again_of`), at once and an hour, that count as none; then they count as searches.",
    )
    holds_at_once: int = Field(
        default=6,
        ge=1,
        le=1_000_000,
        description="Requests a person may make at once for what names a shelter: a hold, or whom to call first. Given back when the"
        " shelter answers.",
    )
    holds_per_hour: int = Field(default=6, ge=1, le=1_000_000, description="The same, in an hour beside those.")
    requests_per_hour: int = Field(
        default=120,
        ge=1,
        le=1_000_000,
        description="Searches and holds a person may ask for in any hour, refused ones and broken glass included: the limit for scripts.",
    )
    searches_unheld: int = Field(default=10, ge=2, description="An alarm at so many searches of a person within an hour without a hold.")
    holds_given_back: int = Field(
        default=2,
        ge=1,
        description="An alarm at so many holds that a person gives back or lets expire within an hour and no shelter had accepted.",
    )
    call_lists_flagged: int = Field(
        default=4, ge=1, description="An alarm at so many answers of an hour that name a person shelters to call; it refuses nothing."
    )
    take_overs_flagged: int = Field(
        default=4, ge=1, description="An alarm at so many holds of colleagues that a person takes over in an hour; it refuses nothing."
    )
    fallbacks_flagged: int = Field(
        default=60, ge=1, description="An alarm at more than so many fallbacks of a person within an hour; none is refused."
    )
    desk_searches: int = Field(default=20, ge=2, description="An alarm at so many searches of a desk within an hour; it refuses nothing.")

    shelter_events_per_day: int = Field(
        default=5_000,
        ge=1,
        description="An alarm at more than so many events of a shelter on one day (UTC), by HTTP and intake together; none is refused. What"
        " an operator sends is not counted: that may be a whole log.",
    )

    fresh_hours: float = Field(default=8, gt=0, description="A shelter heard of less than this long ago is `fresh`.")
    unknown_hours: float = Field(default=24, gt=0, description="From this age on a shelter is `unknown`, never counted as free.")
    too_old_days: int | None = Field(
        default=400, ge=1, description="`time` further back is refused on the way in; `none`: any age, and any id."
    )
    # Fewer than 14 months, and a name (R1) that is no longer known could come back
    keep_months: int = Field(default=24, ge=14, le=1_200, description="Months that `plek forget` keeps, beside the current one.")
    degraded_after_s: float = Field(default=15, gt=0, description="Answers older than this are marked degraded.")
    unavailable_after_s: float = Field(default=60, gt=0, description="Data older than this is refused with 503 and the duty list.")
    areas_minutes: float = Field(default=15, gt=0, le=60, description="Counts of areas that workers see are renewed this often.")
    session_timeout_s: float = Field(default=8, ge=1, description="A processor silent for this long loses its partitions to the others.")

    monitor_minutes: float = Field(default=15, gt=0, description="The monitor computes its figures again when they are older than this.")
    area_shelters: int = Field(
        default=5, ge=1, description="An area is a region joined with neighbouring regions until it has at least this many shelters."
    )
    area_organisations: int = Field(default=2, ge=1, description="And until these belong to at least this many organisations.")
    area_heard_days: int = Field(default=30, ge=1, description="A shelter not heard of for so many days does not count for that.")
    second_person: Literal["on", "off"] = Field(
        default="on",
        description="Whether a coordinator needs a second person to register a shelter, or to change its region, organisation, intake"
        " phone, security or audience. `off` is for an installation with one coordinator; what shelters and systems propose still waits.",
    )
    disclosure: str = Field(
        default="guarded",
        description="How much is disclosed before a hold: `guarded`, or for a time of threat `strict until YYYY-MM-DD` (that day included):"
        " areas of ten shelters and three organisations, half the rates. After it `guarded` again.",
    )
    watchdog_s: float = Field(default=30, gt=1, description="A processor with a partition that stands still so long ends.")
    regions: Path | None = Field(default=None, description="A region file of your own, in the form of `services/adapters/regions.csv`.")

    pseudonym_key: SecretStr | None = Field(
        default=None,
        description="Secret from which ids, pseudonyms and sealed offers are derived, 32 bytes or more and the same for all services;"
        " where the issuer is on this machine and none is set, each makes one.",
    )
    pseudonym_key_file: Path | None = Field(default=None, description="File that holds the pseudonym key, for secrets mounted as files.")
    audit_head_key: SecretStr | None = Field(
        default=None,
        description="The monitor's key (Ed25519) to sign heads of the audit log: 64 hexadecimal digits; unset: none is signed.",
    )
    audit_head_key_file: Path | None = Field(default=None, description="File that holds it.")
    need_key: SecretStr | None = Field(default=None, description="Wraps the keys of needs: 64 hexadecimal digits; unset: a derived one.")
    need_key_file: Path | None = Field(default=None, description="File that holds it; for the API and the monitor alone.")
    audit_head_minutes: float = Field(default=10, gt=0, le=1_440, description="A head of the audit log is signed this often.")
    audit_opening_hours: float = Field(default=24, gt=0, le=168, description="Two auditors open a pseudonym of the audit log for so long.")
    audit_heads: Path | None = Field(
        default=None,
        description="Folder in which the monitor keeps the signed heads too, one file of JSON lines for each data set: a disk that takes"
        " additions only is best. Unset: `audit-heads` under `PLEK_DATA`.",
    )
    notice_hooks: SecretStr | None = Field(
        default=None,
        description='Where the pager of an organisation is called, and the secret that signs the call, as JSON: `{"<code>": {"url":'
        ' "https://…", "secret": "whsec_…"}}` ([notices](notices.md)).',
    )
    notice_hooks_file: Path | None = Field(default=None, description="File that holds that JSON, for secrets mounted as files.")
    push_key: SecretStr | None = Field(
        default=None, description="Key of Web Push (P-256): 43 characters of base64url; unset: none is sent."
    )
    push_key_file: Path | None = Field(default=None, description="File that holds it.")
    push_hosts: str = Field(default=PUSH_HOSTS, description="Push services that may be called, with commas; no other address is.")
    nudge_hours: float = Field(default=8, gt=0, le=168, description="A shelter not heard of for this long gets one notice of it.")
    contact_name: str = Field(default="Plek", description="Who answers for this installation, in its OpenAPI document.")
    contact_url: str = Field(default="https://plek.example", description="Where that is explained.")
    contact_email: str = Field(default="beheer@plek.example", description="Where a developer of a client can ask.")
    public_address: str | None = Field(default=None, description="Address of the monitor in the catalogue; unset: its port here.")
    publisher_name: str = Field(default="Plek", description="Who publishes the releases, in their catalogue.")
    publisher_uri: str = Field(default="https://plek.example/publisher", description="URI of that organisation, such as its TOOI.")
    release_licence: str | None = Field(default=None, description="URI of the licence of the releases; unset: CC0.")
    canary_s: float = Field(default=60, gt=0, le=3_600, description="The processor compares the view with the log this often (seconds).")
    log_level: Literal["debug", "info", "warning", "error"] = Field(default="info", description="How much the services log.")
    data: Path = Field(default=Path(".plek"), description="Where `plek up` keeps everything of one instance.")
    outbox: Path | None = Field(
        default=None,
        description="Where a service keeps what must survive its restart: what waits for Kafka (demand, the audit log), and the issuer's"
        " public keys. Unset: `outbox` under `PLEK_DATA`.",
    )
    cache: Path = Field(default_factory=_cache, description="Where downloads are kept for all instances of a user: `$XDG_CACHE_HOME/plek`.")

    @model_validator(mode="before")
    @classmethod
    def _read(cls, values: dict[str, Any]) -> dict[str, Any]:
        """Read secrets from their files, and `none` as no limit."""
        for name in _SECRETS:
            file = values.get(f"{name}_file")
            if file and not values.get(name):
                values[name] = read_secret(f"{PREFIX}{name.upper()}_FILE", Path(file))
        file = values.get("redis_password_file")
        if file and type(values.get("redis")) is str:
            values["redis"] = redis_url.with_password(values["redis"], read_secret(f"{PREFIX}REDIS_PASSWORD_FILE", Path(file)))
        if values.get("too_old_days") == _NO_LIMIT:
            values["too_old_days"] = None
        return values

    @field_validator("redis")
    @classmethod
    def _check_redis(cls, url: str) -> str:
        redis_url.check(url)
        return url

    @field_validator(*SECRET_FORMS)
    @classmethod
    def _check_secret(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if value is not None:
            SECRET_FORMS[info.field_name or ""](value.get_secret_value())
        return value

    @field_validator("push_hosts")
    @classmethod
    def _check_push_hosts(cls, hosts: str) -> str:
        read_push_hosts(hosts)
        return hosts

    @field_validator("disclosure")
    @classmethod
    def _check_disclosure(cls, text: str) -> str:
        if text != "guarded":
            read_term(text)
        return text

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        if self.fresh_hours >= self.unknown_hours:
            raise ValueError("PLEK_FRESH_HOURS must be less than PLEK_UNKNOWN_HOURS")
        if self.degraded_after_s >= self.unavailable_after_s:
            raise ValueError("PLEK_DEGRADED_AFTER_S must be less than PLEK_UNAVAILABLE_AFTER_S")
        return self

    @model_validator(mode="after")
    def _check_transport(self) -> Self:
        self.brokers.check()
        check_certificates(self.tls_file, self.web_behind_ca_file)
        return self

    @property
    def contact(self) -> dict[str, str]:
        """The contact of the OpenAPI document."""
        return {"name": self.contact_name, "url": self.contact_url, "email": self.contact_email}

    @property
    def brokers(self) -> KafkaConnection:
        """The address of Kafka, and the credentials of this service."""
        password = self.kafka_password.get_secret_value() if self.kafka_password else None
        return KafkaConnection(self.kafka, self.kafka_security, self.kafka_user, password, self.kafka_mechanism, self.kafka_ca_file)

    @property
    def world(self) -> World:
        """The kind of this data set."""
        return dataset_kind(self.prefix)

    @property
    def waiting(self) -> Path:
        """The folder of what waits for Kafka, one for each data set, so that no record goes to another's Kafka."""
        return (self.outbox or self.data / "outbox") / self.prefix

    @property
    def audit_head_file(self) -> Path:
        """The file of the signed heads of this data set."""
        return (self.audit_heads or self.data / "audit-heads") / f"{self.prefix}.jsonl"

    @property
    def head_key(self) -> str | None:
        """The key that signs heads of the audit log."""
        return self.audit_head_key.get_secret_value() if self.audit_head_key else None

    @property
    def secret(self) -> str | None:
        """The secret that pseudonyms, ids and sealed offers are derived from; None where each process makes its own."""
        return self.pseudonym_key.get_secret_value() if self.pseudonym_key else None

    @property
    def strict_until(self) -> date | None:
        """The last day of strict disclosure; None while it is guarded."""
        return None if self.disclosure == "guarded" else read_term(self.disclosure)

    @property
    def limits(self) -> StalenessLimits:
        """The ages at which a shelter becomes ageing and unknown (R9)."""
        return StalenessLimits(round(self.fresh_hours * HOUR_MS), round(self.unknown_hours * HOUR_MS))

    @property
    def token_s(self) -> float:
        """How long a token may be valid (seconds)."""
        return self.token_hours * HOUR_S

    @property
    def issuer_away_s(self) -> float:
        """How long the issuer's keys are believed while it is away (seconds)."""
        return self.issuer_away_hours * HOUR_S

    @property
    def pages(self) -> str:
        """The address of the pages as browsers know it. By name: a browser counts `localhost` as safe for cookies, without TLS too."""
        return self.web_address or f"http://localhost:{self.web_port}"

    def reached_by_pages(self, port: int) -> str:
        """Return where the pages reach the service of a port."""
        return self.web_behind or f"{'https' if self.tls_file else 'http'}://{self.host}:{port}"

    @property
    def redis_shown(self) -> str:
        """The URL of Redis as it may be shown and stored: without user and password."""
        return redis_url.shown(self.redis)

    def shown(self) -> dict[str, Any]:
        """Return every setting that may be shown and stored, as JSON: no secret and no password."""
        return self.model_dump(mode="json", exclude=set(_SECRETS)) | {"redis": self.redis_shown}

    def environment(self) -> dict[str, str]:
        """Return the environment of a service that runs with exactly these settings."""
        ours = {PREFIX + name.upper(): written for name in type(self).model_fields if (written := self._written(name)) is not None}
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}  # noqa: TID251  the one owner
        return inherited | ours

    def _written(self, name: str) -> str | None:
        value = getattr(self, name)
        if isinstance(value, SecretStr):
            return None if getattr(self, f"{name}_file") else value.get_secret_value()
        if name == "redis" and self.redis_password_file:
            return redis_url.without_password(value)
        if value is None:
            return _NO_LIMIT if name == "too_old_days" else None
        return str(value)


def read(*, derives: bool = False) -> Settings:
    """Read the settings of a service from the environment; a wrong one ends the program with a line that names it, and exit code 2.

    With `derives` the pseudonym key must be set: other services derive from the same one. Not so on one machine with its own issuer.
    """
    if unknown := unknown_variables():
        _end(unknown)
    try:
        settings = Settings()
    except ValidationError as error:
        _end(error_line(error))
    if derives and settings.secret is None and not on_loopback(settings.issuer):
        _end("PLEK_PSEUDONYM_KEY must be set, or its _FILE: another service can't open an offer or recognise a retry without the same key")
    if settings.plaintext == "loopback" and (plain := plain_connections(settings)):
        _end(plain)
    try:
        read_regions(settings.regions)
    except OSError:
        _end("PLEK_REGIONS: the file can't be read")
    except ValueError as wrong:
        _end(f"PLEK_REGIONS: {wrong}")
    return settings


def unknown_variables() -> str | None:
    """Return a line on the variables of the environment that have our prefix and are no settings; None without any.

    A misspelt name would leave its setting at the default unnoticed (ADR 18).
    """
    known = {name.upper() for name in Settings.model_fields}
    names = (name.upper() for name in os.environ)  # noqa: TID251  the one owner
    given = {name.removeprefix(PREFIX) for name in names if name.startswith(PREFIX)}
    return "; ".join(_unknown(name, known) for name in sorted(given - known - NO_SETTING)) or None


def _unknown(name: str, known: set[str]) -> str:
    near = get_close_matches(name, known, n=1)
    return f"{PREFIX}{name} is no setting: {f'{PREFIX}{near[0]} is' if near else 'docs/settings.md lists them'}"


def _end(line: str) -> NoReturn:
    sys.stderr.write(f"{line}\n")
    sys.exit(2)
