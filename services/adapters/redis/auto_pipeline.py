"""Automatic pipelining: the commands that all callers send to Redis while a reply is on its way leave together after it (ADR 30).

redis-py takes a connection, two timeouts and a task for each command, which is most of the cost of a small one, and the server a read and a
write. `kafka/batching.py` does the same for Kafka.
"""

import asyncio
from asyncio import Future, Task
from collections.abc import Sequence
from typing import Any

from redis import exceptions


class AutoPipeline:
    """Sends the commands of all callers with one client. No command may block: those behind it would wait with it."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._waiting: list[tuple[tuple[Any, ...], Future[Any]]] = []
        self._sending: Task[None] | None = None

    def script(self, text: str) -> Any:
        """Register a script with the client, to be executed by `run`."""
        return self._client.register_script(text)

    def execute(self, *command: Any) -> "Future[Any]":
        """Send a command; the future holds its reply, or the exception of redis-py."""
        reply: Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting.append((command, reply))
        if self._sending is None or self._sending.done():
            self._sending = asyncio.create_task(self._send())
        return reply

    async def run(self, script: Any, keys: Sequence[str], args: Sequence[Any]) -> Any:
        """Run a registered script; one that the server does not know yet is loaded."""
        try:
            return await self.execute("EVALSHA", script.sha, len(keys), *keys, *args)
        except exceptions.NoScriptError:
            return await script(keys=keys, args=args)

    async def _send(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            replies = await self._replies([command for command, _ in batch])
            for (_, reply), result in zip(batch, replies, strict=True):
                if reply.done():  # its caller has gone
                    continue
                if isinstance(result, Exception):
                    reply.set_exception(result)
                else:
                    reply.set_result(result)

    async def _replies(self, commands: Sequence[tuple[Any, ...]]) -> Sequence[Any]:
        """Return a reply or an exception for each command; when the pipeline as a whole fails, each has failed."""
        try:
            if len(commands) == 1:
                return [await self._client.execute_command(*commands[0])]
            async with self._client.pipeline(transaction=False) as pipeline:
                for command in commands:
                    pipeline.execute_command(*command)
                replies: list[Any] = await pipeline.execute(raise_on_error=False)
                return replies
        except Exception as wrong:  # raised to each caller
            return [wrong] * len(commands)
