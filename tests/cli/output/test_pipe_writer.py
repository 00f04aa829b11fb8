"""A verb whose reader goes away, and what is drawn once because there is no terminal."""

import os

import pytest

from services.cli.output.pipe_writer import PipeWriter


@pytest.mark.parametrize("written", ["a line\n", "a long one\n" * 100_000])
def test_a_reader_that_goes_away_ends_the_verb_with_0(written: str) -> None:
    """Without a reader a write of any length ends the process with exit code 0, and nothing is left that fails later."""
    reader, writer = os.pipe()
    os.close(reader)
    out = PipeWriter(os.fdopen(writer, "wb"), encoding="utf-8")
    with pytest.raises(SystemExit) as ended:
        print(written, file=out, flush=True)
    assert ended.value.code == 0
    out.write("more")
    out.close()


def test_a_reader_that_stays_reads_it() -> None:
    """With a reader the bytes arrive as they were written."""
    reader, writer = os.pipe()
    with PipeWriter(os.fdopen(writer, "wb"), encoding="utf-8") as out:
        out.write("één regel\n")
    with os.fdopen(reader, "rb") as end:
        assert end.read().decode() == "één regel\n"
