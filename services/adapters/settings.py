"""Law: nothing else reads the environment. Every setting is a field here, with its reason; docs/settings.md is generated from it."""

import os
import sys
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final, Literal, NoReturn, Self

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.adapters import redis_url
from services.adapters.brokers import Brokers, Mechanism, Security
from services.adapters.issuer import on_loopback
from services.adapters.regions import read_regions
from services.adapters.worlds import World, kind_of
from services.domain.freshness import HOUR_MS, Limits

_PREFIX = "PLEK_"
# Where the tests find more recorded logs; no service looks at it
_NO_SETTING: Final = frozenset({"TAPES"})
# Each may be mounted as a file instead, which `<name>_FILE` names
_SECRETS: Final = ("pseudonym_key", "kafka_password")
# As long as what is derived from it (SHA-256): a shorter key is found by trying, and with it who asked and what an offer hides
_KEY_BYTES: Final = 32
# How an optional number is left out: an empty variable means its default
_NO_LIMIT = "none"


def _cache() -> Path:
    # The XDG base directory specification: an empty variable counts as none
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "plek"  # noqa: TID251  the one owner


def _secret(name: str, file: Path) -> str:
    try:
        return file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as wrong:
        raise ValueError(f"the file that {_PREFIX}{name.upper()} names can't be read") from wrong


class Settings(BaseSettings):
    """All that differs between one world and another: read once by a service's app.py and passed on."""

    # An error names the setting and the rule, never the value: one of them is a secret, another may hold a password
    model_config = SettingsConfigDict(env_prefix=_PREFIX, frozen=True, extra="ignore", env_ignore_empty=True, hide_input_in_errors=True)

    kafka: str = Field(default="127.0.0.1:9092", description="Kafka brokers as `host:port`, with commas. When set, `plek up` starts none.")
    kafka_security: Security = Field(default="PLAINTEXT", description="How Kafka is spoken to; anywhere but on loopback `SASL_SSL`.")
    kafka_mechanism: Mechanism = Field(default="SCRAM-SHA-512", description="How a client proves who it is, with `SASL_…`.")
    kafka_user: str | None = Field(default=None, description="Who this service is to Kafka, with `SASL_…`.")
    kafka_password: SecretStr | None = Field(default=None, description="Secret of that user.")
    kafka_password_file: Path | None = Field(default=None, description="File that holds it, for secrets mounted as files.")
    kafka_ca_file: Path | None = Field(default=None, description="Certificates that Kafka's is checked with; unset: those of the system.")
    redis: str = Field(default="redis://127.0.0.1:6379/0", description="URL of Redis or Valkey. When set, `plek up` starts none.")
    redis_password_file: Path | None = Field(default=None, description="File that holds the password of the Redis that `PLEK_REDIS` names.")
    prefix: str = Field(
        default="plek",
        pattern=r"^[a-z0-9][a-z0-9-]{0,62}$",
        description="First part of every topic and key: a world of its own. One that begins with `sim` or `imported` is no real country: it"
        " is read at the clock of its log, every answer says so, and nothing is sent to it over HTTP.",
    )
    partitions: int = Field(default=12, ge=1, le=1024, description="Partitions of the truth topics. Fixed once events are written.")

    host: str = Field(default="127.0.0.1", description="Address the services listen on.")
    api_port: int = Field(default=8080, ge=1, le=65535, description="Port of the API.")
    gateway_port: int = Field(default=8081, ge=1, le=65535, description="Port of the gateway.")
    processor_port: int = Field(default=8082, ge=1, le=65535, description="Port of the processor's readiness and metrics.")
    monitor_port: int = Field(default=8083, ge=1, le=65535, description="Port of the monitor.")

    issuer: str = Field(default="http://127.0.0.1:8090", description="OpenID issuer whose tokens are accepted.")
    audience: str = Field(default="plek", description="The `aud` a token must carry.")

    role_claim: str = Field(
        default="role",
        pattern=r"^[A-Za-z0-9_-]{1,64}(\.[A-Za-z0-9_-]{1,64}){0,4}$",
        description="The claim of a token that names the role, or among others in a list the one that is ours; dots lead into objects.",
    )
    calls_per_minute: int = Field(
        default=600,
        ge=1,
        le=1_000_000,
        description="Requests a person may make in a minute; an operator, who sends whole logs, 100 times as many.",
    )
    searches_per_minute: int = Field(default=4, ge=1, le=1_000_000, description="Searches a person may make at once.")
    searches_per_hour: int = Field(
        default=1,
        ge=1,
        le=1_000_000,
        description="Searches a person may make in an hour beside those: more tell an insider who moved where.",
    )
    desk_persons: int = Field(default=3, ge=1, le=1_000_000, description="The persons of a desk together may search as often as so many.")
    names_at_once: int = Field(
        default=2,
        ge=1,
        le=1_000_000,
        description="Times a person may at once ask for what names a shelter: a hold, or whom to call first.",
    )
    names_per_hour: int = Field(default=1, ge=1, le=1_000_000, description="The same, in an hour beside those.")
    searches_unheld: int = Field(default=4, ge=2, description="An alarm at so many searches of a person within an hour without a hold.")
    holds_given_back: int = Field(
        default=2, ge=1, description="An alarm at so many holds that a person gives back within an hour and no shelter had accepted."
    )

    fresh_hours: float = Field(default=8, gt=0, description="A shelter heard of less than this long ago is `fresh`.")
    unknown_hours: float = Field(default=24, gt=0, description="From this age on a shelter is `unknown`, never counted as free.")
    too_old_days: int | None = Field(default=400, ge=1, description="`time` further back is refused on the way in; `none`: any age.")
    degraded_after_s: float = Field(default=15, gt=0, description="Answers older than this are marked degraded.")
    unavailable_after_s: float = Field(default=60, gt=0, description="Answers older than this are not given: 503, phone.")
    areas_minutes: float = Field(default=15, gt=0, le=60, description="What workers see of the country stands still for this long.")
    session_timeout_s: float = Field(default=8, ge=1, description="A worker silent for this long loses its partitions to the others.")

    monitor_minutes: float = Field(default=15, gt=0, description="The monitor works its figures out anew when they are older than this.")
    area_shelters: int = Field(default=10, ge=1, description="Workers see the country by areas of at least this many shelters.")
    crowd_shelters: int = Field(
        default=5,
        ge=1,
        description="A search that fewer shelters than this could ever take in is not answered: phone.",
    )
    alike_shelters: int = Field(
        default=30,
        ge=1,
        description="Of what a worker is told of a place before it is hers, so many shelters could be the one, or all that ever could.",
    )
    watchdog_s: float = Field(default=30, gt=1, description="A processor whose partition stands still this long ends, to be started again.")
    regions: Path | None = Field(default=None, description="A region file of your own, in the form of `services/adapters/regions.csv`.")

    pseudonym_key: SecretStr | None = Field(
        default=None,
        description="Secret from which ids, pseudonyms and sealed offers come, 32 bytes or more and the same for all services; each makes"
        " one up where the issuer is on this machine and none is set.",
    )
    pseudonym_key_file: Path | None = Field(default=None, description="File that holds the pseudonym key, for secrets mounted as files.")
    log_level: Literal["debug", "info", "warning", "error"] = Field(default="info", description="How much the services log.")

    data: Path = Field(default=Path(".plek"), description="Where `plek up` keeps everything of one instance.")
    outbox: Path | None = Field(
        default=None,
        description="Where the API keeps what must outlive it: what waits for Kafka, and the issuer's public keys for a day. Unset:"
        " `outbox` under `PLEK_DATA`.",
    )
    cache: Path = Field(default_factory=_cache, description="Where downloads are kept for all instances of a user: `$XDG_CACHE_HOME/plek`.")

    @model_validator(mode="before")
    @classmethod
    def _read(cls, values: dict[str, Any]) -> dict[str, Any]:
        """Read secrets from their files, and `none` as no limit of age."""
        for name in _SECRETS:
            file = values.get(f"{name}_file")
            if file and not values.get(name):
                values[name] = _secret(f"{name}_file", Path(file))
        file = values.get("redis_password_file")
        if file and type(values.get("redis")) is str:
            values["redis"] = redis_url.with_password(values["redis"], _secret("redis_password_file", Path(file)))
        if values.get("too_old_days") == _NO_LIMIT:
            values["too_old_days"] = None
        return values

    @field_validator("redis")
    @classmethod
    def _leads_to_redis(cls, url: str) -> str:
        redis_url.check(url)
        return url

    @field_validator("pseudonym_key")
    @classmethod
    def _hard_to_guess(cls, key: SecretStr | None) -> SecretStr | None:
        if key is not None and len(key.get_secret_value().encode()) < _KEY_BYTES:
            raise ValueError(f"must be {_KEY_BYTES} bytes or longer, also in its _FILE: `openssl rand -hex {_KEY_BYTES}` makes one")
        return key

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.fresh_hours >= self.unknown_hours:
            raise ValueError("PLEK_FRESH_HOURS must be less than PLEK_UNKNOWN_HOURS")
        if self.degraded_after_s >= self.unavailable_after_s:
            raise ValueError("PLEK_DEGRADED_AFTER_S must be less than PLEK_UNAVAILABLE_AFTER_S")
        return self

    @model_validator(mode="after")
    def _leads_to_kafka(self) -> Self:
        brokers = self.brokers
        if brokers.asks_who and not (brokers.user and brokers.password):
            raise ValueError("PLEK_KAFKA_SECURITY asks who you are: set PLEK_KAFKA_USER, and PLEK_KAFKA_PASSWORD or its _FILE")
        if brokers.user and not brokers.asks_who:
            raise ValueError("PLEK_KAFKA_USER needs SASL_SSL or SASL_PLAINTEXT as PLEK_KAFKA_SECURITY")
        if brokers.ca_file and not brokers.security.endswith("SSL"):
            raise ValueError("PLEK_KAFKA_CA_FILE needs SASL_SSL or SSL as PLEK_KAFKA_SECURITY")
        try:
            brokers.tls()
        except OSError as wrong:
            raise ValueError("the file that PLEK_KAFKA_CA_FILE names holds no certificates, or can't be read") from wrong
        return self

    @property
    def brokers(self) -> Brokers:
        """Where Kafka is, and who a service is to it."""
        password = self.kafka_password.get_secret_value() if self.kafka_password else None
        return Brokers(self.kafka, self.kafka_security, self.kafka_user, password, self.kafka_mechanism, self.kafka_ca_file)

    @property
    def world(self) -> World:
        """What kind of country this is."""
        return kind_of(self.prefix)

    @property
    def secret(self) -> str | None:
        """What pseudonyms, ids and sealed offers are derived from; None where each process makes up its own."""
        return self.pseudonym_key.get_secret_value() if self.pseudonym_key else None

    @property
    def limits(self) -> Limits:
        """When a shelter turns ageing, and when unknown."""
        return Limits(round(self.fresh_hours * HOUR_MS), round(self.unknown_hours * HOUR_MS))

    @property
    def redis_shown(self) -> str:
        """The URL of Redis as it may be shown and kept: without user and password."""
        return redis_url.shown(self.redis)

    def shown(self) -> dict[str, Any]:
        """Return every setting that may be kept for others to read, as JSON: no secret and no password."""
        return self.model_dump(mode="json", exclude=set(_SECRETS)) | {"redis": self.redis_shown}

    def environment(self) -> dict[str, str]:
        """Return the environment for a service that is to run with exactly these settings."""
        ours = {_PREFIX + name.upper(): written for name in type(self).model_fields if (written := self._written(name)) is not None}
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(_PREFIX)}  # noqa: TID251  the one owner
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

    A service that derives what others must derive alike can't do without their key, but where all of them are on one machine to try out.
    """
    if strange := strangers():
        _end(strange)
    try:
        settings = Settings()
    except ValidationError as error:
        _end(refusal(error))
    if derives and settings.secret is None and not on_loopback(settings.issuer):
        _end("PLEK_PSEUDONYM_KEY must be set, or its _FILE: another service can't open an offer or tell a retry without the same key")
    try:
        read_regions(settings.regions)
    except OSError:
        _end("PLEK_REGIONS: the file can't be read")
    except ValueError as wrong:
        _end(f"PLEK_REGIONS: {wrong}")
    return settings


def strangers() -> str | None:
    """Tell in one line which variables of the environment are called like settings and are none; None where there is no such.

    A name that is misspelt would leave its setting at the default, and nobody would see it (ADR 18).
    """
    known = {name.upper() for name in Settings.model_fields}
    named = (name.upper() for name in os.environ)  # noqa: TID251  the one owner
    given = {name.removeprefix(_PREFIX) for name in named if name.startswith(_PREFIX)}
    return "; ".join(_strange(name, known) for name in sorted(given - known - _NO_SETTING)) or None


def _strange(name: str, known: set[str]) -> str:
    near = get_close_matches(name, known, n=1)
    return f"{_PREFIX}{name} is no setting: {f'{_PREFIX}{near[0]} is' if near else 'docs/settings.md lists them'}"


def refusal(error: ValidationError) -> str:
    """Tell in one line which settings are wrong and how; never a value."""
    return "; ".join(_told(found["loc"], found["msg"].removeprefix("Value error, ")) for found in error.errors(include_input=False))


def _told(where: tuple[int | str, ...], message: str) -> str:
    # A rule about two settings has no place of its own; its message names both
    return f"{_PREFIX}{str(where[0]).upper()}: {message}" if where else message


def _end(line: str) -> NoReturn:
    sys.stderr.write(f"{line}\n")
    sys.exit(2)
