"""The household and what it needs as options, the same for a search, a fallback and a figure."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.cli.options.choices import format_choices, one_of
from services.cli.options.household import assumption, parse_household
from services.cli.options.language_names import complete_language, languages_callback
from services.cli.options.region_names import region_option
from services.domain.events.value_types import FEATURES, KINDS, SECURITY, SERVICES

if TYPE_CHECKING:
    from services.monitor.query import Household

People = Annotated[str, typer.Argument(metavar="ADULTS+CHILDREN", help="Such as 1+2; name a son among them with --boy.")]
Men = Annotated[int, typer.Option(min=0, help="How many of the adults are men.")]
Boys = Annotated[list[int] | None, typer.Option("--boy", min=0, max=18, help="Age of a son; repeat for each: not all take him.")]
Girls = Annotated[list[int] | None, typer.Option("--girl", min=0, max=18, help="Age of a daughter; repeat for more.")]
Excluded = Annotated[list[str] | None, region_option("--not", help="Region that is not safe, such as Breda; repeat for more.")]
Kinds = Annotated[
    list[str] | None, typer.Option("--kind", callback=one_of(KINDS), help=f"{format_choices(KINDS)}; repeat for more.", show_default="any")
]
Services = Annotated[
    list[str] | None, typer.Option("--service", callback=one_of(SERVICES), help=f"{format_choices(SERVICES)}; repeat for more.")
]
Languages = Annotated[
    list[str] | None,
    typer.Option(
        "--language",
        metavar="LANGUAGE",
        callback=languages_callback,
        autocompletion=complete_language,
        help="A language that must be spoken, such as Tigrinya or ti; repeat for more.",
    ),
]
Security = Annotated[str, typer.Option(callback=one_of(SECURITY), help=f"At least: {format_choices(SECURITY)}.")]
Wheelchair = Annotated[bool, typer.Option("--wheelchair", help="Wheelchair accessible.")]
Pets = Annotated[bool, typer.Option("--pets", help="Pets are allowed.")]
OwnKitchen = Annotated[bool, typer.Option("--own-kitchen", help="With a kitchen of its own.")]
OwnBathroom = Annotated[bool, typer.Option("--own-bathroom", help="With a bathroom of its own.")]
Cot = Annotated[bool, typer.Option("--cot", help="With a cot.")]


@dataclass(frozen=True, kw_only=True)
class HouseholdOptions:
    """The household, and what its place must have."""

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
        """The features that the unit must have."""
        return [name for name in FEATURES if getattr(self, name)]

    def assumption(self, people: str) -> str | None:
        """Return what is assumed of the household; None when nothing is. Raises UserError."""
        return assumption(people, len(self.boy or ()) + len(self.girl or ()))

    def to_figure_household(self, people: str) -> "Household":
        """Return the household in the form of a figure's query. Raises UserError."""
        from services.domain.events.catalog import Need
        from services.monitor.query import Household

        household = parse_household(people, self.men, self.boy or (), self.girl or ())
        need = Need(
            kinds=(),
            features=tuple(self.features),
            men=household["men"],
            oldest_son_age=household["oldest_son_age"],
            security=self.security,
            services=tuple(self.service or ()),
            languages=(),
        )
        return Household(adults=household["adults"], children=household["children"], need=need, exclude_regions=tuple(self.exclude or ()))


@dataclass(frozen=True, kw_only=True)
class Needs(HouseholdOptions):
    """The household and its needs, with kinds and languages."""

    kind: Kinds = None
    language: Languages = None

    def to_request(self, people: str) -> dict[str, Any]:
        """Return the household and its needs in the form of the API. Raises UserError."""
        return parse_household(people, self.men, self.boy or (), self.girl or ()) | {
            "kinds": self.kind or [],
            "features": self.features,
            "services": self.service or [],
            "languages": self.language or [],
            "security": self.security,
            "exclude_regions": self.exclude or [],
        }
