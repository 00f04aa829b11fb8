"""Options of the verbs that call the API: where it is, who the caller is, and what they call it about."""

from dataclasses import dataclass, replace
from typing import Annotated, Final, Self

import typer

from services.cli.options.choices import format_choices, one_of
from services.cli.options.instance import Data, World, data_directory
from services.cli.options.region_names import region_option

DEFAULT_WORKER: Final = "desk-worker"
DEFAULT_DESK: Final = "desk-1"
DEFAULT_SHELTER_USER: Final = "desk-shelter"
DEFAULT_COORDINATOR: Final = "coordinator"
BREAK_GLASS_REASONS: Final = ("many_households", "several_needs", "colleague_away", "other")
"""The reasons for which the API answers beyond a limit. Each use is recorded, and the coordinator sees it."""

# A token on the command line is seen by every user of the machine, so the environment may have it
Token = Annotated[str | None, typer.Option(help="Bearer token.", envvar="PLEK_TOKEN", show_default="one of the local issuer")]
# Another name than for other roles: what a worker's shell has must not become an operator's token
OperatorToken = Annotated[
    str | None, typer.Option(help="Bearer token.", envvar="PLEK_OPERATOR_TOKEN", show_default="an operator's of the local issuer")
]
Api = Annotated[str | None, typer.Option(metavar="URL", help="API.", envvar="PLEK_API", show_default="that of the instance")]
OperatorApi = Annotated[str | None, typer.Option("--api", metavar="URL", help="API.", show_default="that of the instance")]
Gateway = Annotated[
    str | None, typer.Option(metavar="URL", help="Gateway.", envvar="PLEK_GATEWAY", show_default="that of --api, or of the instance")
]
User = Annotated[str, typer.Option("--as", help="Who you are, where no token says it.")]
Hold = Annotated[str, typer.Argument(metavar="HOLD", help="The id of the hold, or its beginning: `plek holds` lists them.")]
Urgent = Annotated[
    str | None,
    typer.Option(
        "--urgent",
        metavar="REASON",
        callback=one_of(BREAK_GLASS_REASONS),
        help=f"Beyond the limit, and recorded: {format_choices(BREAK_GLASS_REASONS)}.",
    ),
]
Shelters = Annotated[
    list[str] | None,
    typer.Option("--shelter", help="The shelter you work for, where no token says it.", show_default="each that has a hold"),
]
Key = Annotated[str | None, typer.Option(help="Key of the same command, when it got no answer.", show_default="a new one")]
DeskRegion = Annotated[
    str | None,
    region_option(help="Region of your desk, such as Breda; kept for the next time.", show_default="the one you gave before"),
]
OnlyRegion = Annotated[str | None, region_option(help="This region only, such as Breda.", show_default="all of yours")]
Json = Annotated[bool, typer.Option("--json", help="For programs: as JSON.")]


@dataclass(frozen=True, kw_only=True)
class ApiOptions:
    """Where the API is, and how it knows the caller."""

    token: Token = None
    api: Api = None
    data: Data = None


@dataclass(frozen=True, kw_only=True)
class WorkerOptions(ApiOptions):
    """A worker who calls the API."""

    worker: User = DEFAULT_WORKER


@dataclass(frozen=True, kw_only=True)
class DatasetWorkerOptions(WorkerOptions):
    """A worker who only reads, also in a world beside the real country."""

    world: World = None

    def in_dataset(self) -> Self:
        """Return the options with the data directory of the world. Raises UserError for a wrong name."""
        return replace(self, data=data_directory(self.data, self.world))


@dataclass(frozen=True, kw_only=True)
class ShelterOptions(ApiOptions):
    """A user of a shelter who sends what happened there to the gateway, once for each key."""

    gateway: Gateway = None
    user: User = DEFAULT_SHELTER_USER
    key: Key = None
    as_json: Json = False


@dataclass(frozen=True, kw_only=True)
class CoordinatorOptions(ShelterOptions):
    """A coordinator who registers and changes shelters, at the gateway as well."""

    user: User = DEFAULT_COORDINATOR


@dataclass(frozen=True, kw_only=True)
class DemandOptions(WorkerOptions):
    """A worker who logs a fallback or a waiting-list entry, once for each key."""

    key: Key = None
    as_json: Json = False
