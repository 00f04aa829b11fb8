"""The people of a local instance, one of each role: whoever logs in here chooses whom to be."""

from dataclasses import dataclass
from typing import Final

from services.local.identity.tokens import Person, Role

_BREDA: Final = "R07"


@dataclass(frozen=True, slots=True)
class LocalPerson:
    """A person to choose, with what each does, in Dutch and in English."""

    person: Person
    name: str
    does: str
    does_en: str


# Shelters and regions of the demo's country
PEOPLE: Final = (
    LocalPerson(
        Person(role=Role.WORKER, subject="worker-breda", desk="desk-breda", regions=(_BREDA,)),
        "Crisisdienst Breda",
        "zoekt 's nachts een plek voor een gezin",
        "crisis worker in Breda: looks for a place for a household at night",
    ),
    LocalPerson(
        Person(role=Role.SHELTER, subject="hazelaar-desk", shelters=("hazelaar-1",)),
        "Opvang Hazelaar 1",
        "meldt wie er komt en wie er gaat",
        "shelter: reports who comes and who goes",
    ),
    LocalPerson(
        Person(role=Role.COORDINATOR, subject="coordinator-1", regions=("R01", _BREDA)),
        "Coördinator 1, Alkmaar en Breda",
        "meldt opvang aan en houdt alles bij",
        "coordinator of Alkmaar and Breda: registers shelters and keeps watch",
    ),
    LocalPerson(
        Person(role=Role.COORDINATOR, subject="coordinator-2", regions=("R01", _BREDA)),
        "Coördinator 2, Alkmaar en Breda",
        "bevestigt wat een ander voorstelt",
        "coordinator of the same regions: confirms what another proposes",
    ),
    LocalPerson(
        Person(role=Role.ANALYST, subject="analyst"),
        "Onderzoeker",
        "bekijkt de cijfers, een dag later",
        "analyst: reads the figures, a day late",
    ),
    LocalPerson(
        Person(role=Role.AUDITOR, subject="auditor"), "Controleur", "ziet wie wat bekeken heeft", "auditor: sees who looked at what"
    ),
    LocalPerson(
        Person(role=Role.AUDITOR, subject="auditor-2"),
        "Controleur 2",
        "opent samen met de ander een pseudoniem",
        "auditor: opens a pseudonym together with the other",
    ),
    LocalPerson(Person(role=Role.OPERATOR, subject="operator"), "Beheerder", "houdt Plek draaiend", "operator: keeps Plek running"),
)
