"""The recorded logs through real Kafka, Faust and Valkey give the state two other programs agree on."""

from collections.abc import Callable

import pytest

from services.adapters.config.settings import Settings
from tests import tapes
from tests.controlled_servers import Kafka, Valkey
from tests.servers import Service, running
from tests.world import world

pytestmark = pytest.mark.e2e


@pytest.mark.parametrize("tape", tapes.names(timed=False))
async def test_a_tape_through_kafka_gives_its_state_and_again_only_more_dead_letters(
    tape: str, kafka: Kafka, valkey: Valkey, prefix: str, service: Callable[[str, Settings], Service]
) -> None:
    """Sent once, the state equals the expected one in every member; sent again, only the dead letters double."""
    expected = tapes.expected(tape)
    async with world(kafka, valkey, prefix) as here, running(service("processor", here.settings)):
        await here.play(tapes.load(tape))
        await here.folded()
        assert await here.state() == expected
        await here.play(tapes.load(tape))
        await here.folded()
        assert await here.state() == expected | {"dead_letters": 2 * expected["dead_letters"]}
