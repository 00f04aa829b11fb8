"""Which parts an instance has, on which ports: worked out once, before anything starts.

What the user has set himself is taken as it is: a Kafka, a Redis or an issuer of his own is not started here.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from services.adapters.settings import Settings
from services.local.instance import Instance
from services.local.kafka import Kafka
from services.local.part import Part, Service
from services.local.ports import LOOPBACK, settle
from services.local.valkey import Valkey

_GATEWAY = "gateway"
_OF_A_WORLD = ("api_port", "processor_port", "monitor_port")
_SETTABLE = ("api_port", "gateway_port", "processor_port", "monitor_port")


@dataclass(frozen=True, slots=True)
class Layout:
    """The settings all parts share, and the parts in waves: what stands on nothing, what needs that and the topics, and guests."""

    settings: Settings
    servers: Sequence[Part]
    services: Sequence[Part]
    guests: Sequence[Part] = ()

    @property
    def has_issuer(self) -> bool:
        """Whether tokens are made here."""
        return any(part.address == self.settings.issuer for part in self.servers)

    @property
    def parts(self) -> list[Part]:
        """Every part, in the order of its start."""
        return [*self.servers, *self.services, *self.guests]


def lay_out(wanted: Settings, instance: Instance, workers: int) -> Layout:
    """Choose ports (those of the last start where they are free) and make the parts, none of them started."""
    more = [f"processor_{number}" for number in range(2, workers + 1)]
    ports = settle(["kafka", "controller", "redis", "issuer", *_SETTABLE, *more], instance.ports)
    instance.ports = instance.ports | ports
    kafka = Kafka(instance.data / "kafka", wanted.cache, (ports["kafka"], ports["controller"]))
    valkey = Valkey(instance.data / "valkey", ports["redis"])
    ours: dict[str, object] = {"kafka": kafka.bootstrap, "redis": valkey.url, "issuer": f"http://{LOOPBACK}:{ports['issuer']}"}
    ours |= {name: ports[name] for name in _SETTABLE}
    if wanted.pseudonym_key is None:
        ours["pseudonym_key_file"] = instance.pseudonym_key
    theirs = {name: getattr(wanted, name) for name in wanted.model_fields_set}
    settings = wanted.model_copy(update={**ours, **theirs, "data": instance.data})
    issuer = Service("issuer", "services.local.issuer", settings.issuer, settings, instance.logs / "issuer.log")
    servers: dict[str, Part] = {"kafka": kafka, "redis": valkey, "issuer": issuer}
    processors = [settings.processor_port, *(ports[name] for name in more)]
    return Layout(settings, [part for name, part in servers.items() if name not in theirs], _services(settings, instance, processors))


def lay_out_world(wanted: Settings, instance: Instance, workers: int, servers: Sequence[Part]) -> Layout:
    """Choose ports for a world beside the real one, on servers that run already or are started with it: nobody sends it anything."""
    more = [f"processor_{number}" for number in range(2, workers + 1)]
    ports = settle([*_OF_A_WORLD, *more], instance.ports)
    instance.ports = instance.ports | ports
    settings = wanted.model_copy(update={**{name: ports[name] for name in _OF_A_WORLD}, "data": instance.data})
    processors = [ports["processor_port"], *(ports[name] for name in more)]
    return Layout(settings, servers, [part for part in _services(settings, instance, processors) if part.child.name != _GATEWAY])


def _services(settings: Settings, instance: Instance, processors: Sequence[int]) -> list[Part]:
    found: list[Part] = []
    for number, port in enumerate(processors, 1):
        name = f"processor-{number}" if len(processors) > 1 else "processor"
        found.append(_service(name, "processor", port, settings.model_copy(update={"processor_port": port}), instance))
    found.append(_service(_GATEWAY, _GATEWAY, settings.gateway_port, settings, instance))
    found.append(_service("api", "api", settings.api_port, settings, instance))
    found.append(_service("monitor", "monitor", settings.monitor_port, settings, instance))
    return found


def _service(name: str, module: str, port: int, settings: Settings, instance: Instance) -> Service:
    return Service(name, f"services.{module}", f"http://{settings.host}:{port}", settings, instance.logs / f"{name}.log")
