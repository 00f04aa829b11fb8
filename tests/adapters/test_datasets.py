"""Data sets: the prefix says the kind."""

import pytest

from services.adapters.config.settings import Settings
from services.adapters.datasets import NAME, World
from services.adapters.kafka.topics import Topics, plans


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
def test_the_prefix_says_the_kind(prefix: str, kind: World) -> None:
    """The prefix alone says the kind of a data set, and whether its writer sets the times of its truth topics."""
    settings = Settings(prefix=prefix)
    assert settings.world == kind
    assert bool(NAME.fullmatch(prefix)) == (kind != "live")
    truth, _, letters, *_ = plans(Topics(prefix), brokers=1)
    assert truth.settings["message.timestamp.type"] == ("LogAppendTime" if kind == "live" else "CreateTime")
    assert letters.settings["message.timestamp.type"] == "LogAppendTime"


@pytest.mark.parametrize("name", ["", "plek", "sim-", "Sim", "sim-2023.x", "sim 2023", "sim-" + "x" * 41])
def test_other_names_are_no_data_set(name: str) -> None:
    """A name that would be the live data set, or no topic, is not accepted."""
    assert not NAME.fullmatch(name)
