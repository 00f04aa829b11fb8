"""An archive whose log begins with a checkpoint: nothing before it is read again, whatever was being removed when its writer was killed."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from services.adapters.checkpoints.checkpoint import Checkpoint
from services.adapters.regions import read_regions
from services.adapters.view.ports import Position, Saved
from services.monitor.archive.parquet_log import ArchiveError, ParquetLog, checkpoints, files, read_checkpoint
from services.monitor.archive.partition_reader import PartitionReader
from services.monitor.archive.paths import MonitorPaths
from services.monitor.figures.evaluate import answer
from services.monitor.intervals.builder import build
from services.monitor.intervals.table_store import TableStore
from services.monitor.query import Query
from tests.monitor.records import HOUR, JANUARY, MadeRecord, run

LIMIT = JANUARY + 20_000


def checkpoint(offset: int, partition: int = 0) -> Checkpoint:
    """Return a checkpoint without any fact."""
    position = Position(offset=offset - 1, clock=JANUARY + 3 * HOUR, swept_at=JANUARY + 3 * HOUR, checkpoint=offset)
    return Checkpoint(topic="beds", partition=partition, limit=LIMIT, mark="", state=Saved(position=position))


def read(root: Path, first: int = 0) -> list[int]:
    """Return the offsets that a reader of partition 0 reads."""
    return [offset for offset, *_ in PartitionReader.of([file for file in files(root) if file.run.partition == 0], first).by_offset()]


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    """Return an archive of 40 records over two months."""
    with ParquetLog(tmp_path) as archive:
        archive.append(0, run(0, 20))
        archive.append(0, run(20, 20, JANUARY + HOUR))
        archive.append(1, run(0, 5))
    return tmp_path


@pytest.mark.parametrize("offset", [0, 7, 20, 33, 40, 55])
def test_only_what_follows_is_left(filled: Path, offset: int) -> None:
    """Records before the checkpoint are in no file; those after it, and other partitions, are as they were, and it goes on behind them."""
    with ParquetLog(filled) as archive:
        archive.begin_with(checkpoint(offset))
        assert archive.begins(0) == offset
        archive.append(0, run(max(40, offset), 3, JANUARY + 2 * HOUR))
    with ParquetLog(filled) as archive:
        assert read(filled) == [*range(offset, 40), *range(max(40, offset), max(40, offset) + 3)]
        assert [file.run.rows for file in files(filled) if file.run.partition == 1] == [5]
    assert {*filled.glob("*/0*")} == {*(file.path for file in files(filled)), *checkpoints(filled).values()}


def test_the_clock_goes_on_from_the_checkpoint(tmp_path: Path) -> None:
    """The clock of the first record after a checkpoint is no earlier than that of the records before it."""
    with ParquetLog(tmp_path) as archive:
        archive.begin_with(checkpoint(7))
        archive.append(0, [MadeRecord(7, JANUARY)])
    (only,) = files(tmp_path)
    assert only.run.clock == JANUARY + 3 * HOUR


def test_killed_while_it_removes_it_reads_the_same(filled: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """With the checkpoint in place and an old file still there, a reader reads what follows, and the next writer removes it."""
    before = tmp_path_factory.mktemp("before")
    shutil.copytree(filled, before, dirs_exist_ok=True)
    with ParquetLog(filled) as archive:
        archive.begin_with(checkpoint(33))
    for old in before.glob("20*/000-*.parquet"):
        half_done = tmp_path_factory.mktemp("half")
        shutil.copytree(filled, half_done, dirs_exist_ok=True)
        target = half_done / old.parent.name / old.name
        target.parent.mkdir(exist_ok=True)
        shutil.copy(old, target)
        assert read(half_done, 33) == list(range(33, 40))
        with ParquetLog(half_done):
            pass
        assert read(half_done) == list(range(33, 40))


def test_a_file_that_is_missing_after_a_checkpoint_is_found(filled: Path) -> None:
    """A gap behind the checkpoint is refused as any other."""
    with ParquetLog(filled) as archive:
        archive.begin_with(checkpoint(7))
    next(filled.glob("2023-01/000-*.parquet")).unlink()
    with pytest.raises(ArchiveError, match="missing"):
        files(filled)


def test_a_file_that_is_no_checkpoint_is_refused(filled: Path) -> None:
    """A damaged checkpoint is one clear error: it can't be made again."""
    with ParquetLog(filled) as archive:
        archive.begin_with(checkpoint(7))
    (path,) = checkpoints(filled).values()
    path.write_bytes(b"x")
    with pytest.raises(ArchiveError, match="is no checkpoint"):
        read_checkpoint(path)


def test_a_number_about_a_time_before_it_is_forgotten(tmp_path: Path) -> None:
    """Of an instant before the limit nothing is told but that it is forgotten; of one after it, what is known."""
    directory = MonitorPaths(tmp_path)
    with ParquetLog(directory.archive("beds")) as archive:
        archive.begin_with(checkpoint(7))
        archive.append(0, [replace(record, value=b"no event") for record in run(7, 3, JANUARY + 3 * HOUR)])
    build(directory, frozenset(read_regions()), processes=1)
    store = TableStore(tmp_path, read_regions(), simulated=True)
    assert store.kept_from == LIMIT
    found = {at: answer(store, Query(figures=("capacity",), at=at))["capacity"].rows[0] for at in (LIMIT - 1, LIMIT)}
    assert (found[LIMIT - 1].value, found[LIMIT - 1].forgotten) == (None, True)
    assert not found[LIMIT].forgotten
