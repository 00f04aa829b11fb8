"""Which components an instance has, and on which ports: decided once, before anything starts.

What the user has set is taken as it is: a Kafka, a Redis or an issuer of the user's own is not started here.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from services.adapters.config.settings import Settings
from services.local.instance.data_directory import DataDirectory
from services.local.processes.component import Component, Service
from services.local.processes.free_ports import LOOPBACK, choose_ports
from services.local.servers.kafka import Kafka
from services.local.servers.valkey import Valkey

SYSTEMS_PORT = "kafka-systems"
"""The name of the port at which the broker lets systems of organisations log in."""
_GATEWAY = "gateway"
_WEB = "web"
_DATASET_PORTS = ("api_port", "processor_port", "monitor_port")
_PORTS = ("gateway_port", "web_port", *_DATASET_PORTS)


@dataclass(frozen=True, slots=True)
class Layout:
    """The settings of all components, and the components in waves: servers, the services that need them and the topics, the optional."""

    settings: Settings
    servers: Sequence[Component]
    services: Sequence[Component]
    optional: Sequence[Component] = ()

    @property
    def has_issuer(self) -> bool:
        """Whether tokens are made here."""
        return any(component.address == self.settings.issuer for component in self.servers)

    @property
    def has_kafka(self) -> bool:
        """Whether a broker is started here."""
        return any(isinstance(component, Kafka) for component in self.servers)

    @property
    def components(self) -> list[Component]:
        """Every component, in the order of its start."""
        return [*self.servers, *self.services, *self.optional]


def plan_layout(wanted: Settings, instance: DataDirectory, workers: int) -> Layout:
    """Return an instance with its components, none of them started; ports are those of the last start where they are free."""
    more = _more_workers(workers)
    ports = _choose_ports(instance, ["kafka", "controller", SYSTEMS_PORT, "redis", "issuer", *_PORTS, *more])
    kafka = Kafka(instance.data / "kafka", wanted.cache, (ports["kafka"], ports["controller"], ports[SYSTEMS_PORT]))
    valkey = Valkey(instance.data / "valkey", ports["redis"])
    ours: dict[str, object] = {"kafka": kafka.address, "redis": valkey.address, "issuer": f"http://{LOOPBACK}:{ports['issuer']}"}
    ours |= {name: ports[name] for name in _PORTS}
    if wanted.pseudonym_key is None:
        ours["pseudonym_key_file"] = instance.pseudonym_key
    if wanted.audit_head_key is None:
        ours["audit_head_key_file"] = instance.audit_head_key
    if wanted.need_key is None:
        ours["need_key_file"] = instance.need_key
    set_by_user = {name: getattr(wanted, name) for name in wanted.model_fields_set}
    settings = wanted.model_copy(update={**ours, **set_by_user, "data": instance.data})
    issuer = Service("issuer", "services.local.servers.oidc_issuer", settings.issuer, settings, instance.logs / "issuer.log")
    servers: dict[str, Component] = {"kafka": kafka, "redis": valkey, "issuer": issuer}
    started = [component for name, component in servers.items() if name not in set_by_user]
    processors = [settings.processor_port, *(ports[name] for name in more)]
    return Layout(settings, started, _services(settings, instance, processors))


def plan_dataset_layout(wanted: Settings, instance: DataDirectory, workers: int, servers: Sequence[Component]) -> Layout:
    """Return the components of a data set beside the real country, on servers that run or start with it; it has no gateway."""
    more = _more_workers(workers)
    ports = _choose_ports(instance, [*_DATASET_PORTS, *more])
    settings = wanted.model_copy(update={**{name: ports[name] for name in _DATASET_PORTS}, "data": instance.data})
    processors = [ports["processor_port"], *(ports[name] for name in more)]
    services = _services(settings, instance, processors)
    return Layout(settings, servers, [component for component in services if component.child.name not in {_GATEWAY, _WEB}])


def _more_workers(workers: int) -> list[str]:
    return [f"processor_{number}" for number in range(2, workers + 1)]


def _choose_ports(instance: DataDirectory, names: Sequence[str]) -> dict[str, int]:
    """Return a port for each name, and keep them for the next start."""
    ports = choose_ports(names, instance.ports)
    instance.ports = instance.ports | ports
    return ports


def _services(settings: Settings, instance: DataDirectory, processors: Sequence[int]) -> list[Component]:
    services: list[Component] = []
    for number, port in enumerate(processors, 1):
        name = f"processor-{number}" if len(processors) > 1 else "processor"
        services.append(_service(name, "processor", port, settings.model_copy(update={"processor_port": port}), instance))
    ports = {_GATEWAY: settings.gateway_port, "api": settings.api_port, "monitor": settings.monitor_port, _WEB: settings.web_port}
    return services + [_service(name, name, port, settings, instance) for name, port in ports.items()]


def _service(name: str, module: str, port: int, settings: Settings, instance: DataDirectory) -> Component:
    return Service(name, f"services.{module}", f"http://{settings.host}:{port}", settings, instance.logs / f"{name}.log")
