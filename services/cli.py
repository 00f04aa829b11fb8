"""The `plek` command. Law: an error is one clear line on standard error and an exit code, never a traceback.

A verb is the function `run` in services/commands/<verb>.py, or a `group` of verbs there, and one line in VERBS; only the verb that is
called is imported.
"""

import inspect
import keyword
import sys
from importlib import import_module

import typer
from pydantic import ValidationError
from typer.exceptions import TyperException

from services.adapters.settings import Settings, refusal, strangers
from services.local.trouble import Trouble

VERBS = {
    "up": "Start Kafka, Valkey and every service on this machine",
    "status": "Show address, process, memory and state of every part",
    "down": "End what `plek up` started",
    "token": "Make a bearer token for a role",
    "emit": "Send a tape, or events one a line",
    "simulate": "Simulate a country: live, as a tape, a world, or its figures",
    "import": "Import history into a world of its own",
    "world": "List the worlds beside the real country, or remove one",
    "watch": "Watch places come and go, and what is logged",
    "counts": "Show how many places are free, as it changes",
    "find": "Ask where a household can go",
    "hold": "Hold an offer of the last search",
    "holds": "List your holds",
    "extend": "Keep a hold for half an hour more, once",
    "release": "Give a hold back",
    "accept": "Of a shelter: accept a household, or list who waits",
    "decline": "Of a shelter: decline a household, and why",
    "fallback": "Log a hotel, its end, or that it was a mistake",
    "fallbacks": "List who is put up in a hotel or elsewhere now",
    "waiting-list": "Join, leave or list who waits for a place",
    "verify": "Compare every byte of the view with the log",
    "dead-letters": "List what was refused, and why",
    "audit": "Verify that the audit log holds together",
    "cluster": "Make topics, users and rights in a Kafka of your own",
    "rebuild": "Fold the log of a partition anew",
    "monitor": "Figures from the stream: a moment, a period, a report",
}


def main() -> None:
    """Run the verb that the command line names."""
    words = sys.argv[1:]
    if strange := strangers():
        _end(strange, 2)
    try:
        sys.exit(_app(words[0] if words else None)(prog_name="plek", standalone_mode=False))
    except Trouble as trouble:
        _end(str(trouble), trouble.code)
    except TyperException as wrong:
        _end_misspelt(wrong, words[0] if words else "")
    except typer.Abort:
        _end("stopped: nothing was done", 1)
    except ValidationError as error:
        _end(refusal(error), 2)
    except Exception as error:
        if Settings().log_level == "debug":
            raise
        _end(f"unexpected {type(error).__name__}; PLEK_LOG_LEVEL=debug shows where", 1)


def _app(verb: str | None) -> typer.Typer:
    app = typer.Typer(
        name="plek",
        help="The real-time registry of places in women's shelters: admissions and discharges in, free places out.",
        epilog="Start with: plek up --demo",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_nothing)
    for name, summary in VERBS.items():
        module = import_module(module_of(name)) if name == verb else None
        if group := getattr(module, "group", None):
            for command in group.registered_commands:
                command.help = _flowing(command.callback)
            app.add_typer(group, name=name, short_help=summary)
        else:
            run = module.run if module else _nothing
            app.command(name, short_help=summary, help=_flowing(run))(run)
    return app


def _flowing(run: object) -> str:
    """Return what a verb says of itself, in lines as long as the terminal is wide and not as the code is."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in (inspect.getdoc(run) or "").split("\n\n"))


def module_of(verb: str) -> str:
    """Name the module of a verb; one that Python keeps for itself has a line behind it."""
    return f"services.commands.{verb.replace('-', '_')}{'_' * keyword.iskeyword(verb)}"


def _nothing() -> None:
    """Stand in for a verb that is only listed."""


def _end_misspelt(wrong: TyperException, verb: str) -> None:
    """Say what of a command line makes no sense; one without words has had its help printed, and says no more."""
    line = " ".join(wrong.format_message().split()).rstrip(".")
    if not line:
        sys.exit(wrong.exit_code)
    asked = getattr(getattr(wrong, "ctx", None), "command_path", f"plek {verb}")  # a verb of a group has help of its own
    _end(f"{line}: see `{asked} --help`" if verb in VERBS else f"{line}: `plek --help` lists the verbs", wrong.exit_code)


def _end(line: str, code: int) -> None:
    sys.stderr.write(f"plek: {line}\n")
    sys.exit(code)


if __name__ == "__main__":
    main()
