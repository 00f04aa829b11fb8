"""What a worker looks up: `plek duty`, `regions` and `me`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Final

import typer

from services.cli.options.api_options import DatasetWorkerOptions, DeskRegion, Json, WorkerOptions
from services.cli.options.dataclass_options import expand_dataclass_options
from services.cli.options.instance import Data
from services.cli.options.region_names import complete_region, region_callback

_LIMITS: Final = {"search": "searches", "refinement": "refinements of each household", "hold": "holds", "request": "requests in all"}


@expand_dataclass_options
def duty(
    by: DatasetWorkerOptions,
    region: Annotated[
        str | None,
        typer.Argument(
            metavar="[REGION]", callback=region_callback, autocompletion=complete_region, help="This region only, such as Breda."
        ),
    ] = None,
    *,
    as_json: Json = False,
) -> None:
    """Show the numbers to phone: one for each organisation and region, with its date.

    The list is kept here for 24 hours, for you alone: when the API is away, it is shown with its age.
    """
    from services.cli.clients.duty_client import duty_lines, read_duty_list
    from services.cli.options.region_names import region_names
    from services.cli.output.wrapped_lines import print_answer

    duty_list = read_duty_list(by)
    if region:
        duty_list["entries"] = [entry for entry in duty_list["entries"] if entry["region"]["code"] == region]
    print_answer(duty_list, duty_lines(duty_list, region_names(by.data).name(region) if region else None), as_json=as_json)


def regions(data: Data = None, *, as_json: Json = False) -> None:
    """List the regions. A verb takes the name of a region, its beginning, or its code: --not Breda, --near "Den Haag"."""
    from services.cli.options.region_names import all_names, read_instance_regions
    from services.cli.output.wrapped_lines import print_answer
    from services.monitor.publication.release_grid import NAMES

    rows = read_instance_regions(data).values()
    width = max(len(all_names(row.centre)) for row in rows)
    document = [{"code": row.code, "name": row.centre, "province": row.province} for row in rows]
    lines = (f"{row.code}  {all_names(row.centre):<{width}}  {NAMES.get(row.province, row.province)}" for row in rows)
    print_answer(document, lines, as_json=as_json)


@expand_dataclass_options
def me(by: WorkerOptions, region: DeskRegion = None, *, as_json: Json = False) -> None:
    """Show who you are, your desk and regions, until when, and how often you can still search and hold now."""
    from services.cli.clients.api_client import open_in_region
    from services.cli.output.wrapped_lines import print_answer

    with open_in_region(by, region) as api:
        answer = api.request("GET", "/v1/me").body
    print_answer(answer, caller_lines(answer), as_json=as_json)


def caller_lines(caller: dict[str, Any]) -> Iterator[str]:
    """Yield the lines of an answer of GET /v1/me."""
    from services.cli.output.clock_text import clock, clock_rounded_up
    from services.cli.output.code_text import list_regions
    from services.cli.output.wrapped_lines import wrap

    desk = f" of {caller['desk']}" if caller.get("desk") else ""
    yield f"{str(caller['role']).capitalize()}{desk}" + (f", until {clock(caller['expires'])}" if caller.get("expires") else "")
    if regions := caller.get("regions"):
        yield wrap(f"Regions: {list_regions(regions)}", 2, "")
    if shelters := caller.get("shelters"):
        yield wrap(f"Shelters: {', '.join(shelters)}", 2, "")
    for limit in {limit["name"]: limit for limit in caller.get("limits", ()) if limit["name"] in _LIMITS}.values():
        next_one = f"; one more from {clock_rounded_up(limit['again_at'])}" if limit.get("again_at") else ""
        left = f"{limit['left']} left now, " if limit.get("left") is not None else ""
        yield f"{_LIMITS[limit['name']]}: {left}{limit['quota']} an hour{next_one}"
    if caller.get("announcement"):
        yield wrap(str(caller["announcement"]), 2, "")
