"""Joined: what all callers ask of Redis at the same time leaves as one, in as few packets as there are answers to wait for.

redis-py has a connection, two time-outs and a task for each command, which is most of what a small one costs; and so has the server a
read and a write. Here what is asked while an answer is on its way goes with the next, as `lanes.py` has it for Kafka.
"""

import asyncio
from asyncio import Future, Task
from collections.abc import Sequence
from typing import Any

from redis import exceptions


class Joined:
    """Asks one client for all who share it. None of it may wait for long: who comes behind would wait with it."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._waiting: list[tuple[tuple[Any, ...], Future[Any]]] = []
        self._leaving: Task[None] | None = None

    def ask(self, *command: Any) -> "Future[Any]":
        """Ask one thing; awaited it gives the answer, or raises what redis-py would."""
        answered: Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting.append((command, answered))
        if self._leaving is None or self._leaving.done():
            self._leaving = asyncio.create_task(self._leave())
        return answered

    async def run(self, script: Any, keys: Sequence[str], args: Sequence[Any]) -> Any:
        """Run a script that was registered with this client; one that the server does not know yet is brought to it."""
        try:
            return await self.ask("EVALSHA", script.sha, len(keys), *keys, *args)
        except exceptions.NoScriptError:
            return await script(keys=keys, args=args)

    async def _leave(self) -> None:
        while self._waiting:
            leaving, self._waiting = self._waiting, []
            answers = await self._answers([command for command, _ in leaving])
            for (_, answered), found in zip(leaving, answers, strict=True):
                _tell(answered, found)

    async def _answers(self, commands: Sequence[tuple[Any, ...]]) -> Sequence[Any]:
        """Ask several things at once; where that fails as a whole, each has failed."""
        try:
            if len(commands) == 1:
                return [await self._client.execute_command(*commands[0])]
            async with self._client.pipeline(transaction=False) as pipeline:
                for command in commands:
                    pipeline.execute_command(*command)
                found: list[Any] = await pipeline.execute(raise_on_error=False)
                return found
        except Exception as wrong:  # whatever it is: it is raised where it was asked for
            return [wrong] * len(commands)


def _tell(answered: "Future[Any]", found: Any) -> None:
    if answered.done():  # who asked has left
        return
    if isinstance(found, Exception):
        answered.set_exception(found)
    else:
        answered.set_result(found)
