"""Events as a client sends them: JSON objects of the contract, valid until a test spoils one."""

import hashlib
from typing import Any
from urllib.parse import quote
from uuid import UUID

from services.adapters.clock import now_ms
from services.adapters.rfc3339 import show


def event(name: str, shelter: str = "berk", /, *, source: str | None = None, number: int = 0, **data: Any) -> dict[str, Any]:
    """Make an event of a shelter, recorded just now by its own desk."""
    return {
        "specversion": "1.0",
        "id": id_of(name, number),
        "source": source or f"urn:plek:shelter:{shelter}:desk-1",
        "type": f"nl.plek.{name}.v1",
        "subject": shelter,
        "time": show(now_ms() * 1_000_000),
        "data": {"shelter": shelter} | data,
    }


def attributes_of(sent: dict[str, Any]) -> dict[str, str]:
    """Return the attributes of an event as binary mode has them: all but its data, as text."""
    return {name: str(value) for name, value in sent.items() if name != "data"}


def http_headers(sent: dict[str, Any]) -> dict[str, str]:
    """Return the headers of an event in binary mode over HTTP."""
    return {f"ce-{name}": quote(text) for name, text in attributes_of(sent).items()}


def kafka_headers(sent: dict[str, Any]) -> list[tuple[str, bytes]]:
    """Return the headers of an event in binary mode over Kafka."""
    return [("content-type", b"application/json"), *((f"ce_{name}", text.encode()) for name, text in attributes_of(sent).items())]


def registered(shelter: str = "berk", region: str = "R07", organisation: str = "org-1", **envelope: Any) -> dict[str, Any]:
    """Make a registration."""
    return event(
        "shelter-registered",
        shelter,
        name="Locatie",
        organisation=organisation,
        region=region,
        security="open",
        audience=["women"],
        max_son_age=None,
        languages=["nl"],
        services=[],
        intake_phone="0800-000001",
        **envelope,
    )


def declared(unit: str = "u1", shelter: str = "berk", **envelope: Any) -> dict[str, Any]:
    """Make the declaration of a unit for a mother with two children."""
    facts: dict[str, Any] = {"kind": "crisis", "overflow": False, "max_adults": 1, "max_children": 2, "beds": 3, "features": []}
    return event("unit-declared", shelter, unit=unit, **facts | {"number": int(unit[1:])} | envelope)


def admitted(unit: str = "u1", shelter: str = "berk", stay: int = 1, **envelope: Any) -> dict[str, Any]:
    """Make an admission."""
    return event("admission", shelter, unit=unit, stay=uuid(stay), adults=1, children=1, number=stay, **envelope)


def asked(asked_by: str, shelter: str = "berk", hold: int = 1, desk: str = "crisis-oost") -> dict[str, Any]:
    """Make a request for a hold."""
    need = {"adults": 1, "children": 1, "kinds": [], "features": [], "ttl_seconds": 1_800}
    return event("hold-requested", shelter, source="urn:plek:worker", hold=uuid(hold), desk=desk, asked_by=asked_by, number=hold, **need)


def of_demand(name: str, region: str = "R07", /, *, number: int = 0, **data: Any) -> dict[str, Any]:
    """Make an event of demand, recorded just now by a worker of a region."""
    made = event(name, source="urn:plek:worker", number=number)
    return made | {"subject": region, "data": data}


def ended(fallback: int = 1, region: str = "R07", **envelope: Any) -> dict[str, Any]:
    """Make the end of a fallback."""
    return of_demand("fallback-ended", region, fallback=uuid(fallback), outcome="placed", **envelope)


def waiting(entry: int = 1, region: str = "R07", **envelope: Any) -> dict[str, Any]:
    """Make an entry of a waiting list."""
    household = {"region": region, "kind": "crisis", "adults": 1, "children": 1}
    return of_demand("waiting-list-joined", region, number=entry, entry=uuid(entry), **household, **envelope)


def left(entry: int = 1, region: str = "R07", **envelope: Any) -> dict[str, Any]:
    """Make the end of an entry."""
    return of_demand("waiting-list-left", region, number=entry, entry=uuid(entry), outcome="placed", **envelope)


def id_of(name: str, number: int = 0) -> str:
    """Make the id of an event: the same for the same name and number."""
    return str(UUID(bytes=hashlib.sha256(f"{name}-{number}".encode()).digest()[:16], version=4))


def uuid(number: int) -> str:
    """Make an id of the contract's form."""
    return str(UUID(int=number | (4 << 76) | (2 << 62)))
