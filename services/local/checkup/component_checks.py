"""The parts of an instance: which run, which answer, what they say that they lack, and who holds a port that a start needs."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from typing import Any, Final
from urllib.parse import urlsplit

from services.adapters.config.settings import Settings
from services.local.checkup.finding import Finding, ok, warning, wrong
from services.local.instance.data_directory import ComponentStatus, DataDirectory, Status
from services.local.instance.health_probe import fetch
from services.local.processes.free_ports import holder_of, is_free
from services.local.processes.memory_usage import start_time

# A part that was started so often again has a reason of its own
_MANY_RESTARTS: Final = 3
_PORTS: Final = ("gateway_port", "api_port", "processor_port", "monitor_port", "web_port")


async def check_parts(settings: Settings) -> AsyncIterator[Finding]:
    """Yield what is found of the processes of this instance; where none runs, whether a start would have its ports."""
    instance = DataDirectory(settings.data)
    status = _status(instance)
    if not _runs(instance):
        yield ok("instance", "does not run: `plek up` starts it")
        for finding in (*_left_over(status), *check_ports(settings)):
            yield finding
        return
    if status is None:
        yield wrong("instance", "it runs, and its status.json can't be read", "end it with Ctrl-C where it was started, and start it again")
        return
    yield ok("instance", f"runs as process {status.pid}")
    for finding in await asyncio.gather(*(_part(part, instance) for part in status.parts)):
        yield finding


def _status(instance: DataDirectory) -> Status | None:
    with suppress(OSError, KeyError, TypeError):
        return instance.read_status()
    return None


def _runs(instance: DataDirectory) -> bool:
    try:
        return instance.is_running()
    except OSError:  # of another user
        return False


def _left_over(status: Status | None) -> Iterator[Finding]:
    """Yield what still runs of an instance that ended: on Linux nothing should."""
    for part in status.parts if status else ():
        if part.pid is not None and part.started is not None and start_time(part.pid) == part.started:
            cause = f"{part.name} of an earlier run still runs (process {part.pid})"
            yield warning("left over", cause, f"the next `plek up` ends it, or: kill {part.pid}")


def check_ports(settings: Settings) -> Iterator[Finding]:
    """Yield which of the ports that the user has set are taken; others are chosen anew at a start."""
    for name in _PORTS:
        port = getattr(settings, name)
        if name in settings.model_fields_set and not is_free(port):
            cause = f"{port} is in use by {holder_of(port) or 'another program'}"
            yield wrong(f"PLEK_{name.upper()}", cause, "end that program, or set another port")


async def _part(part: ComponentStatus, instance: DataDirectory) -> Finding:
    log = next((file for file in instance.data.glob(f"*/{part.name}.log")), instance.logs / f"{part.name.lower()}.log")
    if start_time(part.pid) is None or start_time(part.pid) != part.started:
        return wrong(part.name, f"is {part.state}: its process is gone", f"`plek up` starts it again within seconds; if not, see {log}")
    answer = await _readiness(part.address)
    if answer is None:
        return wrong(
            part.name,
            f"runs as process {part.pid}, and does not answer at {part.address}",
            f"see {log}; then kill {part.pid}: it is started anew",
        )
    if why := _lacking(*answer):
        return why_finding(part.name, answer[0], why)
    if part.restarts > _MANY_RESTARTS:
        return warning(part.name, f"answers, and was started again {part.restarts} times", f"see why in {log}")
    return ok(part.name, f"answers at {part.address}")


def why_finding(name: str, code: int, why: str) -> Finding:
    """Return that a part answers and lacks something: wrong where it can't serve."""
    advice = "see what is said here of that; the part goes on by itself"
    return warning(name, f"serves without {why}", advice) if code == 200 else wrong(name, f"waits: {why}", advice)


async def _readiness(address: str) -> tuple[int, dict[str, Any]] | None:
    """Ask a service whether it is ready; other servers whether they accept a connection. None where nothing answers."""
    parts = urlsplit(address if "://" in address else f"//{address}")
    if parts.scheme == "http":
        path = "/readyz" if not parts.path or parts.path == "/" else parts.path
        if (answer := await fetch(f"{address.rstrip('/')}{path}")) is None:
            return None
        try:
            said = json.loads(answer[1])
        except ValueError:
            said = {}
        # The issuer has no such route: that it answers is enough
        return (200, {}) if answer[0] == 404 else (answer[0], said if isinstance(said, dict) else {})
    try:
        _, writer = await asyncio.wait_for(asyncio.open_connection(parts.hostname, parts.port), 2.0)
    except (OSError, TimeoutError):
        return None
    writer.close()
    return 200, {}


def _lacking(code: int, said: dict[str, Any]) -> str:
    """Return what a part says that it lacks; empty where it lacks nothing."""
    away = [name for name, up in (said.get("parts") or {}).items() if not up]
    waiting = [str(why) for why in said.get("waiting") or ()]
    halted = [str(why) for topic in ("beds", "demand") for why in ((said.get(topic) or {}).get("halted") or {}).values()]
    if lacking := [*away, *waiting, *halted]:
        return ", ".join(dict.fromkeys(lacking))
    return "" if code == 200 else f"it answers {code}"
