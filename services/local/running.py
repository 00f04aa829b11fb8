"""How another command finds a running instance: by its data directory alone."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from services.adapters.settings import Settings
from services.local.instance import Instance, Status
from services.local.tokens import Mint
from services.local.trouble import Trouble


@dataclass(frozen=True, slots=True)
class Running:
    """An instance that runs: with which settings, and the mint of its tokens."""

    settings: Settings
    status: Status
    mint: Mint
    has_issuer: bool
    """Whether its tokens are made here."""

    @property
    def gateway(self) -> str:
        """Where events go in. Raises Trouble where none do."""
        if self.settings.world != "live":
            raise Trouble(f"{self.settings.prefix} is {self.settings.world}: nothing is sent to it; `plek import` writes a world", code=2)
        return f"http://{self.settings.host}:{self.settings.gateway_port}"

    @property
    def api(self) -> str:
        """Where questions are answered."""
        return f"http://{self.settings.host}:{self.settings.api_port}"

    @property
    def monitor(self) -> str:
        """Where figures are told."""
        return f"http://{self.settings.host}:{self.settings.monitor_port}"


def find(data: Path | None) -> Running:
    """Return the instance of this data directory, by default that of the settings. Raises Trouble when none runs there."""
    instance = Instance(data or Settings().data)
    if not instance.is_running():
        raise Trouble(_absent(instance, "does not run"))
    return last(data)


def last(data: Path | None) -> Running:
    """Return the instance as it runs or ran last. Raises Trouble when it never did."""
    instance = Instance(data or Settings().data)
    status = instance.status()
    if status is None:
        raise Trouble(_absent(instance, "never ran"))
    settings = _whole(status.settings)
    home = status if instance.home == instance.data else Instance(instance.home).status()
    issuers = {part.address for part in home.parts} if home else set()
    return Running(settings, status, Mint(instance.keys, settings.issuer, settings.audience), settings.issuer in issuers)


def _absent(instance: Instance, how: str) -> str:
    if instance.home != instance.data:
        return f"The world {instance.data.name} {how}: start it with `plek up --world {instance.data.name}`"
    return f"Plek {how} in {instance.data}: start it with `plek up`, or name its directory with --data"


def _whole(kept: dict[str, Any]) -> Settings:
    """Return the settings that were kept; a password of Redis never is: it comes from the environment when that names the same Redis."""
    settings = Settings.model_validate(kept)
    own = Settings.model_validate({name: value for name, value in kept.items() if name != "redis"})
    return own if "redis" in own.model_fields_set and own.redis_shown == settings.redis_shown else settings
