"""How another command finds a running instance: by its data directory alone."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from services.adapters.config.settings import Settings
from services.local.identity.tokens import TokenIssuer
from services.local.instance.data_directory import DataDirectory, Status
from services.local.user_error import UserError


@dataclass(frozen=True, slots=True)
class RunningInstance:
    """An instance that runs, its settings, and what issues its tokens; `has_issuer` says whether they are made here."""

    settings: Settings
    status: Status
    tokens: TokenIssuer
    has_issuer: bool

    @property
    def gateway(self) -> str:
        """The address to which events are sent. Raises UserError for a data set that takes none."""
        if self.settings.world != "live":
            raise UserError(f"{self.settings.prefix} is {self.settings.world}: nothing is sent to it; `plek import` writes a world", code=2)
        return f"http://{self.settings.host}:{self.settings.gateway_port}"

    @property
    def api(self) -> str:
        """The address of the API."""
        return f"http://{self.settings.host}:{self.settings.api_port}"

    @property
    def monitor(self) -> str:
        """The address of the monitor."""
        return f"http://{self.settings.host}:{self.settings.monitor_port}"


def find_running(data: Path | None) -> RunningInstance:
    """Return the instance of this data directory, by default that of the settings. Raises UserError when none runs there."""
    instance = DataDirectory(data or Settings().data)
    if not instance.is_running():
        raise UserError(_absent(instance, "does not run"))
    return find_last(data)


def find_last(data: Path | None) -> RunningInstance:
    """Return the instance as it runs or ran last. Raises UserError when it never did."""
    instance = DataDirectory(data or Settings().data)
    status = instance.read_status()
    if status is None:
        raise UserError(_absent(instance, "never ran"))
    settings = _with_password(status.settings)
    home = status if instance.home == instance.data else DataDirectory(instance.home).read_status()
    issuers = {component.address for component in home.parts} if home else set()
    tokens = TokenIssuer(instance.keys, settings.issuer, settings.audience)
    return RunningInstance(settings, status, tokens, has_issuer=settings.issuer in issuers)


def _absent(instance: DataDirectory, how: str) -> str:
    if instance.home != instance.data:
        return f"The world {instance.data.name} {how}: start it with `plek up --world {instance.data.name}`"
    return f"Plek {how} in {instance.data}: start it with `plek up`, or name its directory with --data"


def _with_password(shown: dict[str, Any]) -> Settings:
    """Return the settings that were written down without the password of Redis; the environment has it, if it names the same Redis."""
    settings = Settings.model_validate(shown)
    own = Settings.model_validate({name: value for name, value in shown.items() if name != "redis"})
    return own if "redis" in own.model_fields_set and own.redis_shown == settings.redis_shown else settings
