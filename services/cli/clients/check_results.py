"""Stores what a check found, for the pages of operators and auditors; a check that can't be stored has been made all the same."""

import typer

from services.adapters.config.settings import Settings
from services.adapters.view.last_checks import AuditCheck, RedisLastChecks, ViewCheck
from services.adapters.view.ports import ViewUnavailableError


async def store_check(settings: Settings, check: ViewCheck | AuditCheck) -> None:
    """Store the result of a check, or print that it was not stored; where no Redis is named there is no view, and no page to show it."""
    if "redis" not in settings.model_fields_set:
        return
    kept = RedisLastChecks(settings.redis, settings.prefix)
    try:
        await kept.write(check)
    except ViewUnavailableError:
        typer.echo("Redis can't be reached: the pages go on to show the check before this one", err=True)
    finally:
        await kept.close()
