"""The verbs of an operator with their options; the other modules of this folder do the work."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from services.cli.options.api_options import ApiOptions, OnlyRegion, OperatorApi, OperatorToken
from services.cli.options.instance import Data, World, choose_partitions, data_directory
from services.local.user_error import UserError

if TYPE_CHECKING:
    from services.adapters.config.settings import Settings

Once = Annotated[bool, typer.Option("--once", help="Draw it once and end.")]


def counts(  # noqa: PLR0913  each is an option
    region: OnlyRegion = None,
    token: OperatorToken = None,
    api: OperatorApi = None,
    data: Data = None,
    world: World = None,
    *,
    redis: Annotated[bool, typer.Option("--redis", help="Straight from the view, past the API.")] = False,
    once: Once = False,
    as_json: Annotated[bool, typer.Option("--json", help="For programs: once, as JSON.")] = False,
) -> None:
    """Show how many places there are and how many are free, in the nation and its regions, until Ctrl-C; into a pipe once.

    On a low terminal the regions take turns, a page each.

    The age of the numbers comes first. No number is shown while the log is folded anew or when what is known is too old: exit code 1 then,
    with --once and --json.
    """
    from services.adapters.config.settings import Settings
    from services.local.instance.discovery import find_running

    if redis and (token or api):
        raise UserError("--redis goes past the API: leave out --token and --api", code=2)
    options = ApiOptions(token=token, api=api, data=data_directory(data, world))
    settings = _settings(data, world, "redis") if redis else Settings() if api and token else find_running(options.data).settings

    from services.cli.operator.counts_reader import show_counts  # once there is something to read

    show_counts(settings, options, region, redis=redis, once=once, as_json=as_json)


def watch(token: OperatorToken = None, api: OperatorApi = None, data: Data = None, world: World = None, *, once: Once = False) -> None:
    """Watch the areas, what is free and held in them, and what is logged, until Ctrl-C; into a pipe once.

    Its age and how far it is behind the log come first. It is for operators: it shows shelters, which no worker may see. With --once the
    exit code is 1 when no number may be shown: while the log is folded anew, or when what is known is too old.
    """
    settings = _settings(data, world, "kafka")

    from services.cli.operator.watch_screen import show_watch  # once there is something to watch

    show_watch(settings, ApiOptions(token=token, api=api, data=data_directory(data, world)), once=once)


def verify(
    partition: Annotated[list[int] | None, typer.Option("--partition", help="This one only; repeat for more.", show_default="all")] = None,
    data: Data = None,
    world: World = None,
) -> None:
    """Fold the log of beds and demand anew in this process, and compare every byte of the view with it; also while events arrive.

    Prints `0 differences`, or each of them with its key in Redis and exit code 1: ids and numbers only.
    """
    settings = _settings(data, world, "kafka", "redis")
    partitions = choose_partitions(settings, partition)

    from services.cli.operator.verify import verify_views

    verify_views(settings, partitions)


def rebuild(
    partition: Annotated[list[int] | None, typer.Option("--partition", help="This one; repeat for more.", show_default=False)] = None,
    data: Data = None,
    world: World = None,
    *,
    everything: Annotated[bool, typer.Option("--all", help="Every partition.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Don't ask.")] = False,
) -> None:
    """Delete the view of some partitions, or of all, so that their processor folds the log of beds and demand anew; wait for it.

    For a partition that stands still because its view does not fit its log. Meanwhile the API answers that it is rebuilding, and shows no
    number. Nothing is lost: everything is in the log. No dead letter is sent twice.
    """
    if everything == bool(partition):
        raise UserError("Say which: --partition N, once or more, or --all", code=2)
    settings = _settings(data, world, "redis")
    partitions = choose_partitions(settings, partition)

    from services.cli.operator.rebuild import rebuild_views

    rebuild_views(settings, partitions, yes=yes)


def forget(
    months: Annotated[
        int | None,
        typer.Option("--months", min=14, max=1_200, help="Keep so many, beside the current one.", show_default="PLEK_KEEP_MONTHS"),
    ] = None,
    data: Data = None,
    world: World = None,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what is due, and change nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Don't ask.")] = False,
) -> None:
    """Delete the records of beds and demand that are older than they may be kept, 24 months unless set otherwise.

    What still holds is kept in a checkpoint: who is where, which units there are, what is closed. Each partition is folded anew from it, so
    for a few seconds each its shelters are not shown. Killed or stopped anywhere, nothing is lost: run it again, and it goes on. It needs
    the rights of Kafka's admin.
    """
    settings = _settings(data, world, "kafka", "redis")

    from services.cli.operator.forget import forget as forget_records

    forget_records(settings, months, dry_run=dry_run, yes=yes)


def dead_letters(
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="How many, the latest.")] = 20,
    data: Data = None,
    world: World = None,
    *,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with new ones, until Ctrl-C.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For programs: an object a line.")] = False,
    show_bytes: Annotated[
        bool, typer.Option("--show-bytes", help="Key and value too: they may hold anything, also what should never have been sent.")
    ] = False,
) -> None:
    """List what was refused: when, for which reason, and where it stands in its topic. Its bytes only with --show-bytes."""
    settings = _settings(data, world, "kafka")

    from services.cli.operator.dead_letters import list_dead_letters

    list_dead_letters(settings, limit, follow=follow, as_json=as_json, show_bytes=show_bytes)


def audit(
    what: Annotated[Literal["verify", "heads"], typer.Argument(help="Check it, or print its newest signed heads to keep elsewhere.")],
    head: Annotated[
        list[str] | None,
        typer.Option("--head", metavar="FILE", help="What `plek audit heads` printed, or a printed OFFSET:HASH; repeat for more."),
    ] = None,
    key: Annotated[
        list[Path] | None,
        typer.Option("--key", help="File with the public key to trust; repeat for more.", show_default="that of the heads given"),
    ] = None,
    last: Annotated[int, typer.Option("--last", min=1, max=100_000, help="With `heads`: so many of the newest.")] = 1,
    data: Data = None,
) -> None:
    """Check the audit log: no record is missing, changed, moved or added. The first that does not fit is named, with exit code 1.

    Keep signed heads away from this machine (`plek audit heads > FILE`), and give one the next time: only that shows when the end of the
    log is missing, or when all of it was written anew.
    """
    settings = _settings(data, None, "kafka")
    if what == "heads":
        from services.cli.operator.audit_heads import export_heads

        export_heads(settings, last)
        return

    from services.cli.operator.audit import KeptHeads, verify_audit_log

    verify_audit_log(settings, KeptHeads.read(head or (), key or (), settings))


def _settings(data: Path | None, world: str | None, *needed: str) -> Settings:
    """Return the settings of an instance or its world, or of the environment where it sets all of `needed`. Raises UserError."""
    from services.cli.clients.connection import settings_of

    return settings_of(data_directory(data, world), *needed)
