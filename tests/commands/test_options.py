"""Options as a dataclass: one on the command line for each field, one value for the verb."""

from dataclasses import dataclass
from typing import Annotated

import typer
from typer.testing import CliRunner

from services.commands.options import spread

_Loud = Annotated[bool, typer.Option("--loud", help="Louder.")]


@dataclass(frozen=True, kw_only=True)
class _Voice:
    times: int = 1


@dataclass(frozen=True, kw_only=True)
class _Louder(_Voice):
    loud: _Loud = False


app = typer.Typer()


@app.command()
@spread
def _say(word: str, by: _Louder, end: str = ".") -> None:
    """Say a word."""
    typer.echo(" ".join([word] * by.times) + ("!" if by.loud else end))


def test_each_field_is_an_option_of_the_verb() -> None:
    """Of the dataclass and of what it extends, with its default and its help, behind the verb's own."""
    said = CliRunner().invoke(app, ["oh", "--times", "2", "--loud"])
    assert (said.exit_code, said.stdout) == (0, "oh oh!\n")
    assert CliRunner().invoke(app, ["oh", "--end", "?"]).stdout == "oh?\n"
    told = CliRunner().invoke(app, ["--help"]).stdout
    assert "Say a word." in told
    assert "Louder." in told
    assert told.index("--end") < told.index("--times") < told.index("--loud")
    assert "--by" not in told
