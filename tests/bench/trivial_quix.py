"""The trivial fold with Quix Streams, in the way it is meant to be used: a batching sink, written at each checkpoint."""

import sys
from typing import Any

from quixstreams import Application
from quixstreams.sinks import BatchingSink, SinkBatch
from redis import Redis

from tests.bench.trivial import SCRIPT, arguments, counted, options


class View(BatchingSink):  # type: ignore[misc]  # untyped where it is not installed
    """Counts what came of one partition since the last checkpoint, and writes it in one script."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._apply: Any = Redis.from_url(url).register_script(SCRIPT)

    def write(self, batch: SinkBatch) -> None:
        """Write one partition."""
        items = list(batch)
        written = self._apply(**arguments(batch.partition, items[0].offset, items[-1].offset, counted(item.value for item in items)))
        if not written:
            raise RuntimeError("the batch does not follow on the view")


def main(text: str) -> None:
    """Run until killed."""
    chosen: dict[str, Any] = options(text)
    app = Application(
        broker_address=chosen["kafka"],
        consumer_group=chosen["group"],
        auto_offset_reset="earliest",
        commit_interval=float(chosen["commit_s"]),
        auto_create_topics=False,
        loglevel="WARNING",
    )
    topic = app.topic(chosen["topic"], key_deserializer="bytes", value_deserializer="bytes")
    app.dataframe(topic).sink(View(chosen["redis"]))
    app.run()


if __name__ == "__main__":
    main(sys.argv[1])
