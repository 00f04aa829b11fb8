"""Automatic pipelining by itself, with a client that answers when a test says so: which caller gets which reply."""

import asyncio
from typing import Any, Self

import pytest
from redis import exceptions

from services.adapters.redis.auto_pipeline import AutoPipeline


class _Client:
    """Answers each command with its last word, `fail` with an error; `sent` has what left together."""

    def __init__(self) -> None:
        self.sent: list[list[str]] = []
        self.goes_on = asyncio.Event()
        self.goes_on.set()
        self.away = False

    async def answers(self, commands: list[str]) -> list[Any]:
        """Answer what left together."""
        self.sent.append(commands)
        await self.goes_on.wait()
        if self.away:
            raise exceptions.ConnectionError("away")
        return [exceptions.ResponseError("wrong") if command == "fail" else command for command in commands]

    async def execute_command(self, command: str) -> Any:
        """Answer one command that leaves alone."""
        [answer] = await self.answers([command])
        if isinstance(answer, Exception):
            raise answer
        return answer

    def pipeline(self, *, transaction: bool) -> "_Pipeline":
        """Begin a pipeline."""
        assert not transaction
        return _Pipeline(self)


class _Pipeline:
    def __init__(self, client: _Client) -> None:
        self._client, self._commands = client, list[str]()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        pass

    def execute_command(self, command: str) -> None:
        """Add a command."""
        self._commands.append(command)

    async def execute(self, *, raise_on_error: bool) -> list[Any]:
        """Send what was added."""
        answers = await self._client.answers(self._commands)
        wrong = [answer for answer in answers if isinstance(answer, Exception)]
        if wrong and raise_on_error:
            raise wrong[0]
        return answers


async def test_an_error_of_one_command_is_its_callers_alone() -> None:
    """Of three commands that leave together the second fails: its caller gets the error, and the others their replies."""
    joined = AutoPipeline(_Client())
    answers = await asyncio.gather(*(joined.execute(each) for each in ("a", "fail", "c")), return_exceptions=True)
    assert (answers[0], type(answers[1]), answers[2]) == ("a", exceptions.ResponseError, "c")


async def test_a_caller_that_has_gone_holds_up_no_other() -> None:
    """The reply to a caller that has gone is passed over; the callers behind it get theirs, and the next command is sent."""
    client = _Client()
    client.goes_on.clear()
    joined = AutoPipeline(client)
    asking = [joined.execute(each) for each in ("a", "b", "c")]
    await asyncio.sleep(0)
    asking[0].cancel()
    client.goes_on.set()
    async with asyncio.timeout(1):
        assert await asyncio.gather(*asking[1:]) == ["b", "c"]
        assert await joined.execute("d") == "d"
    assert client.sent == [["a", "b", "c"], ["d"]]


async def test_what_comes_while_a_pipeline_is_under_way_leaves_with_the_next() -> None:
    """Commands that come meanwhile wait, and leave together when the replies are there: one pipeline at a time."""
    client = _Client()
    client.goes_on.clear()
    joined = AutoPipeline(client)
    first = joined.execute("a")
    await asyncio.sleep(0)
    later = [joined.execute(each) for each in ("b", "c")]
    for _ in range(5):
        await asyncio.sleep(0)
    assert client.sent == [["a"]]
    client.goes_on.set()
    assert await asyncio.gather(first, *later) == ["a", "b", "c"]
    assert client.sent == [["a"], ["b", "c"]]


@pytest.mark.parametrize("commands", [("a",), ("a", "b")])
async def test_while_redis_is_away_each_caller_gets_the_error(commands: tuple[str, ...]) -> None:
    """When what left together fails as a whole each of its callers gets the error, and the next command is sent."""
    client = _Client()
    client.away = True
    joined = AutoPipeline(client)
    wrong = await asyncio.gather(*map(joined.execute, commands), return_exceptions=True)
    assert [type(each) for each in wrong] == [exceptions.ConnectionError] * len(commands)
    client.away = False
    assert await joined.execute("d") == "d"


async def test_a_script_that_the_server_does_not_know_is_loaded() -> None:
    """Where the server has lost a script it is sent whole, and its reply is that of the caller; else its hash alone is sent."""
    loaded: list[tuple[Any, Any]] = []

    class Script:
        sha = "lost"

        async def __call__(self, *, keys: Any, args: Any) -> str:
            loaded.append((keys, args))
            return "whole"

    class Forgetful(AutoPipeline):
        def execute(self, *command: Any) -> "asyncio.Future[Any]":
            reply = asyncio.get_running_loop().create_future()
            assert command == ("EVALSHA", "lost", 1, "k", 5)
            reply.set_exception(exceptions.NoScriptError())
            return reply

    assert await Forgetful(_Client()).run(Script(), ["k"], [5]) == "whole"
    assert loaded == [(["k"], [5])]
