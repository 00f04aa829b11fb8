"""What must be so before anything is started, each with one line that says what is wrong and what to do."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from services.adapters.kafka.topics import Topics
from services.local.instance.data_directory import DataDirectory
from services.local.layout import Layout
from services.local.processes.component import Component
from services.local.processes.free_ports import holder_of, is_free
from services.local.user_error import UserError

# Kafka keeps a file of 10 MB for each of some 60 partitions open, mostly empty; below this it stops in the middle
LEAST_FREE: Final = 500 * 2**20


def free_bytes(folder: Path) -> int:
    """Return how many bytes the disk of a folder has left."""
    return shutil.disk_usage(folder).free


def check_start(layout: Layout, instance: DataDirectory, *, demo: bool, free: Callable[[Path], int] = free_bytes) -> None:
    """Check ports, disk and, for a demo, that no shelters of another kind live here. Raises UserError for the first that is wrong."""
    for component in layout.components:
        port = _port(component)
        if port is not None and not is_free(port):
            raise UserError(
                f"Port {port} is in use by {holder_of(port) or 'another program'}, and {component.child.name} needs it: end that program,"
                f" or set another port ({_setting(layout, port)})"
            )
    left = free(instance.data)
    if left < LEAST_FREE:
        raise UserError(f"The disk of {instance.data} has {left // 2**20} MB left, and Plek needs {LEAST_FREE // 2**20} MB: free some")
    if demo and layout.has_kafka and _has_events(layout, instance) and instance.resume_state is None:
        raise UserError(
            f"{instance.data} has shelters of its own, and a demo would mix made-up ones with them: choose another --data", code=2
        )


def _port(component: Component) -> int | None:
    try:
        return urlsplit(component.address if "://" in component.address else f"//{component.address}").port
    except ValueError:
        return None


def _setting(layout: Layout, port: int) -> str:
    """Return the variable that sets a port."""
    fields = type(layout.settings).model_fields
    names = [name for name in fields if name.endswith("_port") and getattr(layout.settings, name) == port]
    return f"PLEK_{names[0].upper()}" if names else "PLEK_KAFKA, PLEK_REDIS and PLEK_ISSUER name servers that run elsewhere"


def _has_events(layout: Layout, instance: DataDirectory) -> bool:
    """Return whether the log on this disk has an event of a shelter."""
    topic = Topics(layout.settings.prefix).bed_events
    return any(file.stat().st_size for file in (instance.data / "kafka").glob(f"log/{topic}-*/*.log"))
