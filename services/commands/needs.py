"""The household and what it needs as options, the same for a search, for a hotel and for a figure."""

from dataclasses import dataclass
from typing import Annotated, Any

import typer

from services.commands.codes import among, of
from services.commands.household import guessed, household
from services.domain.events import Need
from services.domain.values import FEATURES, KINDS, SECURITY, SERVICES
from services.monitor.question import Household

People = Annotated[str, typer.Argument(metavar="ADULTS+CHILDREN", help="Such as 1+2; a son among them is said with --boy.")]
Men = Annotated[int, typer.Option(min=0, help="How many of the adults are men.")]
Boys = Annotated[list[int] | None, typer.Option("--boy", min=0, max=18, help="Age of a son, say it of each: not all take him.")]
Girls = Annotated[list[int] | None, typer.Option("--girl", min=0, max=18, help="Age of a daughter; repeat for more.")]
Excluded = Annotated[list[str] | None, typer.Option("--not", metavar="R07", help="Region that is not safe; repeat for more.")]
Kinds = Annotated[
    list[str] | None, typer.Option("--kind", callback=among(KINDS), help=f"{of(KINDS)}; repeat for more.", show_default="any")
]
Services = Annotated[list[str] | None, typer.Option("--service", callback=among(SERVICES), help=f"{of(SERVICES)}; repeat for more.")]
Languages = Annotated[list[str] | None, typer.Option("--language", metavar="ti", help="Language that must be spoken; repeat for more.")]
Security = Annotated[str, typer.Option(callback=among(SECURITY), help=f"At least: {of(SECURITY)}.")]
Wheelchair = Annotated[bool, typer.Option("--wheelchair", help="Wheelchair accessible.")]
Pets = Annotated[bool, typer.Option("--pets", help="Pets may come.")]
OwnKitchen = Annotated[bool, typer.Option("--own-kitchen", help="With a kitchen of its own.")]
OwnBathroom = Annotated[bool, typer.Option("--own-bathroom", help="With a bathroom of its own.")]
Cot = Annotated[bool, typer.Option("--cot", help="With a cot.")]


@dataclass(frozen=True, kw_only=True)
class Whose:
    """Who they are, and what their place must have."""

    men: Men = 0
    boy: Boys = None
    girl: Girls = None
    exclude: Excluded = None
    service: Services = None
    security: Security = SECURITY[0]
    wheelchair: Wheelchair = False
    pets: Pets = False
    own_kitchen: OwnKitchen = False
    own_bathroom: OwnBathroom = False
    cot: Cot = False

    @property
    def features(self) -> list[str]:
        """The features of a unit that are needed."""
        return [name for name in FEATURES if getattr(self, name)]

    def guessed(self, people: str) -> str | None:
        """Tell what is taken for granted of them; None where nothing is. Raises Trouble."""
        return guessed(people, len(self.boy or ()) + len(self.girl or ()))

    def household(self, people: str) -> Household:
        """Return them as a figure asks for them. Raises Trouble."""
        found = household(people, self.men, self.boy or (), self.girl or ())
        need = Need(
            kinds=(),
            features=tuple(self.features),
            men=self.men,
            oldest_son_age=max(self.boy or (), default=None),
            security=self.security,
            services=tuple(self.service or ()),
            languages=(),
        )
        adults, children = found["women"] + found["men"], len(found["children"])
        return Household(adults=adults, children=children, need=need, exclude_regions=tuple(self.exclude or ()))


@dataclass(frozen=True, kw_only=True)
class Needs(Whose):
    """What a household needs, beside how many they are."""

    kind: Kinds = None
    language: Languages = None

    def of(self, people: str) -> dict[str, Any]:
        """Write a household and its needs as the API takes them. Raises Trouble."""
        return household(people, self.men, self.boy or (), self.girl or ()) | {
            "kinds": self.kind or [],
            "features": self.features,
            "services": self.service or [],
            "languages": self.language or [],
            "security": self.security,
            "exclude_regions": self.exclude or [],
        }
