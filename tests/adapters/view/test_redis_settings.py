"""What a view asks of its Redis: that it evicts nothing, and that a connection which a restart broke is tried once more."""

import pytest

from services.adapters.view.redis_writer import RedisWriter

_NOWHERE = "redis://127.0.0.1:1/0"


class _Redis:
    """Answers with a policy of eviction."""

    def __init__(self, policy: str) -> None:
        self.policy = policy

    async def info(self, section: str) -> dict[str, str]:
        """Return the settings of memory."""
        assert section == "memory"
        return {"maxmemory_policy": self.policy}


@pytest.mark.parametrize(("policy", "faults"), [("noeviction", 0), ("allkeys-lru", 1), ("volatile-ttl", 1)])
async def test_a_redis_that_evicts_is_set_up_wrongly(policy: str, faults: int) -> None:
    """Any policy but `noeviction` would remove parts of a view, and is named as a fault."""
    view = RedisWriter(_NOWHERE, "plek", 2)
    view._redis = _Redis(policy)
    assert len(await view.faults()) == faults


async def test_a_connection_that_broke_is_tried_once_more() -> None:
    """Each call is tried twice where its connection fails, and no more: the fence refuses a write that was applied already."""
    view = RedisWriter(_NOWHERE, "plek", 2)
    assert view._redis.connection_pool.connection_kwargs["retry"].get_retries() == 1
    await view.close()
