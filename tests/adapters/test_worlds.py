"""Worlds: the name says what kind of country it is."""

import pytest

from services.adapters.settings import Settings
from services.adapters.topics import Topics, plans
from services.adapters.worlds import NAME, World


@pytest.mark.parametrize(
    ("prefix", "kind"),
    [
        ("plek", "live"),
        ("north", "live"),
        ("simply-so", "live"),
        ("sim", "simulated"),
        ("sim-2023", "simulated"),
        ("imported", "imported"),
        ("imported-2022", "imported"),
    ],
)
def test_the_name_says_which_kind(prefix: str, kind: World) -> None:
    """No setting beside it can be forgotten; whoever writes the truth topics of a country that is not real sets their times."""
    settings = Settings(prefix=prefix)
    assert settings.world == kind
    assert bool(NAME.fullmatch(prefix)) == (kind != "live")
    truth, _, letters, *_ = plans(Topics(prefix), brokers=1)
    assert truth.settings["message.timestamp.type"] == ("LogAppendTime" if kind == "live" else "CreateTime")
    assert letters.settings["message.timestamp.type"] == "LogAppendTime"


@pytest.mark.parametrize("name", ["", "plek", "sim-", "Sim", "sim-2023.x", "sim 2023", "sim-" + "x" * 41])
def test_other_names_are_no_names_of_worlds(name: str) -> None:
    """What would be the real country, or no topic, is none."""
    assert not NAME.fullmatch(name)
