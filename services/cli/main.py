"""The `plek` command. An error is one clear line on standard error and an exit code, never a traceback.

A verb is a function with the name of the verb, or a group of verbs with that name, in a module of `VERB_MODULES`. Only the module of the
verb that is called is imported, so that it starts fast.
"""

import inspect
import os
import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from keyword import iskeyword
from typing import Final, NoReturn

import typer
from typer.exceptions import TyperException

from services.cli.output.pipe_writer import guard_stdout
from services.local.user_error import UserError

VERB_MODULES: Final[Mapping[str, Mapping[str, str]]] = {
    "instance.verbs": {
        "up": "Start Kafka, Valkey and every service on this machine",
        "status": "Show address, process, memory and state of every part",
        "down": "End what `plek up` started",
        "token": "Make a bearer token for a role",
        "cluster": "Make topics, users and rights in a Kafka of your own",
    },
    "instance.doctor": {"doctor": "Check everything, and say what to do"},
    "instance.intake": {"intake": "Let an organisation's own system write to Kafka"},
    "datasets.verbs": {
        "simulate": "Simulate a country: live, as a file, a world, or its figures",
        "import": "Import history into a world of its own",
        "world": "List the worlds beside the real country, or remove one",
    },
    "bring_in.bring_in": {"bring-in": "Bring in a spreadsheet: shelters, occupancy, stays"},
    "events.emit": {"emit": "Send a recording, or events one a line"},
    "worker.searches": {
        "find": "Find where a household can go",
        "end-search": "Log how the last search ended",
    },
    "worker.holds": {
        "hold": "Hold an offer of the last search, and wait for the shelter",
        "holds": "List your holds, and live ones of your desk",
        "extend": "Keep a hold for half an hour more, once",
        "release": "Give a hold back",
        "take-over": "Take over a live hold of a colleague",
    },
    "worker.lookups": {
        "duty": "Show the numbers to phone, also when the API is away",
        "regions": "List the regions by code, name and province",
        "me": "Show who you are, and what is left of your limits",
    },
    "worker.cases": {
        "fallback": "Log a hotel, its end, or that it was a mistake",
        "fallbacks": "List the households that are in a hotel or elsewhere now",
        "waiting-list": "Join, leave or list a waiting list",
    },
    "shelter.answers": {
        "accept": "For a shelter: accept a household, or list who waits",
        "decline": "For a shelter: decline a household, and why",
    },
    "shelter.fact_verbs": {
        "admit": "For a shelter: a household takes a unit",
        "discharge": "For a shelter: a household has left",
        "transfer": "For a shelter: a household moved to another unit",
        "close": "For a shelter: a unit can't be used for now",
        "reopen": "For a shelter: a unit can be used again",
        "pause": "For a shelter: it takes no households for now",
        "resume": "For a shelter: it takes households again",
        "count": "For a shelter: what is shown is right; how many are free",
    },
    "shelter.sent_events": {
        "history": "For a shelter: what it sent lately",
        "undo": "For a shelter: take back what was sent",
    },
    "shelter.registration_verbs": {"shelter": "Register or change a shelter, confirm what another proposed"},
    "shelter.unit_verbs": {"unit": "Add units to a shelter, or withdraw one"},
    "operator.verbs": {
        "watch": "Watch places come and go, and what is logged",
        "counts": "Show how many places are free, as it changes",
        "verify": "Compare every byte of the view with the log",
        "dead-letters": "List what was refused, and why",
        "audit": "Verify that the audit log is complete and unchanged",
        "rebuild": "Fold the log of a partition anew",
        "forget": "Delete what is older than it may be kept",
    },
    "monitor.monitor": {"monitor": "Figures from the log: a moment, a period, a report"},
}
VERBS: Final = {verb: summary for verbs in VERB_MODULES.values() for verb, summary in verbs.items()}


def main() -> None:
    """Run the verb that the command line names."""
    words = _words_to_complete() or sys.argv[1:]
    if words[:1] != ["up"]:  # the parts that it started need it, also when its first lines were all that was read
        guard_stdout()
    if unknown := _unknown_variables():
        _end(unknown, 2)
    try:
        code = _app(words[0] if words else None)(prog_name="plek", standalone_mode=False)
        sys.stdout.flush()
        sys.exit(code)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except UserError as error:
        _end(str(error), error.code)
    except TyperException as error:
        _end_misspelt(error, words[0] if words else "")
    except typer.Abort:
        _end("stopped: nothing was done", 1)
    except ModuleNotFoundError as missing:
        _end_not_installed(missing)
    except Exception as error:
        _end_unexpected(error)


def _words_to_complete() -> list[str]:
    """Return the words that a shell wants completed; none where it wants nothing."""
    if not os.environ.get("_PLEK_COMPLETE"):  # noqa: TID251  a variable of the shell, not a setting
        return []
    typed = os.environ.get("COMP_WORDS") or os.environ.get("_TYPER_COMPLETE_ARGS") or ""  # noqa: TID251  the same
    return typed.split()[1:]


def _unknown_variables() -> str | None:
    """Return which variables look like settings and are none. The settings are read only where there is such a variable."""
    if not any(name.upper().startswith("PLEK_") for name in os.environ):  # noqa: TID251  no value is read
        return None
    from services.adapters.config.settings import unknown_variables

    return unknown_variables()


def _app(called: str | None) -> typer.Typer:
    app = typer.Typer(
        name="plek",
        help="The real-time registry of places in women's shelters: admissions and discharges in, free places out.",
        epilog="Start with: plek up --demo",
        no_args_is_help=True,
        add_completion=True,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_listed_only)
    for verb, summary in VERBS.items():
        run = find_verb(verb) if verb == called else _listed_only
        if isinstance(run, typer.Typer):
            for command in run.registered_commands:
                command.help = _reflowed_doc(command.callback)
            app.add_typer(run, name=verb, short_help=summary)
        else:
            app.command(verb, short_help=summary, help=_reflowed_doc(run))(run)
    return app


def _listed_only() -> None:
    """Stand in for a verb that is not called."""


def find_verb(verb: str) -> Callable[..., None] | typer.Typer:
    """Return the function or the group of a verb. Raises StopIteration where there is no such verb."""
    module = import_module(f"services.cli.{next(module for module, verbs in VERB_MODULES.items() if verb in verbs)}")
    name = verb.replace("-", "_")
    run: Callable[..., None] | typer.Typer = getattr(module, f"{name}_" if iskeyword(name) else name)
    return run


def _reflowed_doc(run: object) -> str:
    """Return a docstring with a line for each paragraph: it is wrapped to the width of the terminal."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in (inspect.getdoc(run) or "").split("\n\n"))


def _end_misspelt(error: TyperException, verb: str) -> NoReturn:
    """End with what is wrong in a command line. Where there is no message the help was printed."""
    line = " ".join(error.format_message().split()).rstrip(".")
    if not line:
        sys.exit(error.exit_code)
    command = getattr(getattr(error, "ctx", None), "command_path", f"plek {verb}")  # a verb of a group has help of its own
    _end(f"{line}: see `{command} --help`" if verb in VERBS else f"{line}: `plek --help` lists the verbs", error.exit_code)


def _end_not_installed(missing: ModuleNotFoundError) -> NoReturn:
    """End with the package that a verb needs and that only an extra of the wheel installs."""
    package = (missing.name or "").partition(".")[0]
    if package == __name__.partition(".")[0]:
        _end_unexpected(missing)
    _end(f"this verb needs {package}, which is not installed; the wheel has it as an extra: pipx install 'plek[local]'", 1)


def _end_unexpected(error: Exception) -> NoReturn:
    """End with the setting that breaks its rule, or with the type of an unexpected error."""
    from pydantic import ValidationError

    from services.adapters.config.setting_errors import error_line
    from services.adapters.config.settings import Settings

    if isinstance(error, ValidationError):
        _end(error_line(error), 2)
    if Settings().log_level == "debug":
        raise error
    _end(f"unexpected {type(error).__name__}; PLEK_LOG_LEVEL=debug shows where", 1)


def _end(line: str, code: int) -> NoReturn:
    from services.cli.output.wrapped_lines import wrap_for

    sys.stderr.write(f"{wrap_for(sys.stderr, f'plek: {line}')}\n")
    sys.exit(code)
