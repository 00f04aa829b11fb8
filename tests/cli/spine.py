"""All of Plek on real servers for the verbs to call, found by its data directory as `plek up` leaves it."""

import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from services.adapters.config.settings import Settings
from services.adapters.kafka.topics import create_topics
from services.local.instance.data_directory import ComponentStatus, DataDirectory, Status
from services.local.processes.component import Service, start
from services.local.processes.free_ports import LOOPBACK
from tests.callers import Callers
from tests.controlled_servers import Kafka, Valkey
from tests.forked import forked, run_verb
from tests.free_ports import free_ports
from tests.leak.watch import WATCH
from tests.servers import settings_for


class Spine:
    """Issuer, processor, gateway and API, and the command that finds them."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        logs = settings.data / "logs"
        addresses = {"issuer": settings.issuer}
        addresses |= {name: f"http://{LOOPBACK}:{getattr(settings, f'{name}_port')}" for name in ("processor", "gateway", "api")}
        modules = {name: f"services.{'local.servers.oidc_issuer' if name == 'issuer' else name}" for name in addresses}
        self.parts = {name: forked(Service(name, modules[name], url, settings, logs / f"{name}.log")) for name, url in addresses.items()}

    def command(self, *words: str) -> tuple[tuple[str, ...], dict[str, str]]:
        """Return a command line of plek and its environment, without any setting but the data directory."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PLEK_")}
        return (sys.executable, "-m", "services.cli", *words), environment | {"PLEK_DATA": str(self.settings.data), "COLUMNS": "200"}

    def plek(self, *words: str, send: str = "") -> subprocess.CompletedProcess[str]:
        """Run a verb to its end, and search its output for canaries: only dead letters may be shown as they were sent."""
        done = run_verb(words, self.command(*words)[1], send, within_s=120)
        if "--show-bytes" not in words:
            WATCH.oracle.seek("command", f"plek {words[0]}", (done.stdout + done.stderr).encode())
        return done

    def json(self, *words: str) -> Any:
        """Run a verb that answers with JSON."""
        return json.loads(self.plek(*words).stdout)


@asynccontextmanager
async def spine(kafka: Kafka, valkey: Valkey, data: Path) -> AsyncIterator[Spine]:
    """Start all of it, in a world of its own."""
    (issuer,) = free_ports(1)
    settings = settings_for(kafka, valkey, data.name, issuer=f"http://{LOOPBACK}:{issuer}", data=data)
    await create_topics(settings.brokers, settings.prefix, settings.partitions)
    made, instance = Spine(settings), DataDirectory(data)
    async with AsyncExitStack() as stack:
        stack.enter_context(instance.lock())
        parts = tuple(ComponentStatus(name, "ready", part.address, None, None, 0) for name, part in made.parts.items())
        instance.write_status(Status(os.getpid(), settings.shown(), parts))
        for part in made.parts.values():
            stack.push_async_callback(part.child.stop)
            await start(part)
            stack.push_async_callback(WATCH.oracle.measure, part.address)
        WATCH.served += 1
        await WATCH.sow(Callers(data / "issuer", settings.issuer), *(made.parts[name].address for name in ("gateway", "api")))
        yield made
