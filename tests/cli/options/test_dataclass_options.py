"""Options as a dataclass: one on the command line for each field, one value for the verb."""

from dataclasses import dataclass
from typing import Annotated

import typer
from typer.testing import CliRunner

from services.cli.options.dataclass_options import expand_dataclass_options

_Loud = Annotated[bool, typer.Option("--loud", help="Louder.")]


@dataclass(frozen=True, kw_only=True)
class _Voice:
    times: int = 1


@dataclass(frozen=True, kw_only=True)
class _Louder(_Voice):
    loud: _Loud = False


app = typer.Typer()


@app.command()
@expand_dataclass_options
def _say(word: str, by: _Louder, end: str = ".") -> None:
    """Say a word."""
    typer.echo(" ".join([word] * by.times) + ("!" if by.loud else end))


def test_each_field_is_an_option_of_the_verb() -> None:
    """Of the dataclass and of what it extends, with its default and its help, behind the verb's own."""
    result = CliRunner().invoke(app, ["oh", "--times", "2", "--loud"])
    assert (result.exit_code, result.stdout) == (0, "oh oh!\n")
    assert CliRunner().invoke(app, ["oh", "--end", "?"]).stdout == "oh?\n"
    help_text = CliRunner().invoke(app, ["--help"]).stdout
    assert "Say a word." in help_text
    assert "Louder." in help_text
    assert help_text.index("--end") < help_text.index("--times") < help_text.index("--loud")
    assert "--by" not in help_text
