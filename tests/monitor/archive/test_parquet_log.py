"""The archive of a topic: each record once, by month of the partition's clock, also after its writer was killed."""

from pathlib import Path

import pytest

from services.adapters.kafka.log_reader import fingerprint
from services.monitor.archive import parquet_log as archives
from services.monitor.archive.parquet_log import ArchiveError, ParquetLog, files
from tests.monitor.archives import read_archive
from tests.monitor.records import HOUR, JANUARY, MadeRecord, run


def rows(root: Path) -> list[tuple[int, int]]:
    """Return partition and offset of every row of the archive."""
    table = read_archive(root, ["partition", "offset"])
    return list(zip(table["partition"].to_pylist(), table["offset"].to_pylist(), strict=True))


def test_what_goes_in_comes_out(tmp_path: Path) -> None:
    """A row has the partition, offset, timestamp, key and value of its record, none at all included, and the clock there."""
    odd = [MadeRecord(4, JANUARY + 9, None, None), MadeRecord(7, JANUARY, b"\xff", b"no event")]
    with ParquetLog(tmp_path) as archive:
        archive.append(3, odd)
    assert read_archive(tmp_path).to_pylist() == [
        {"partition": 3, "offset": 4, "timestamp": JANUARY + 9, "clock": JANUARY + 9, "key": None, "value": None},
        {"partition": 3, "offset": 7, "timestamp": JANUARY, "clock": JANUARY + 9, "key": b"\xff", "value": b"no event"},
    ]


def test_a_month_has_a_file_of_its_own(tmp_path: Path) -> None:
    """Records go to the month of the partition's clock, so a record with an earlier timestamp follows those before it."""
    with ParquetLog(tmp_path) as archive:
        archive.append(0, [MadeRecord(0, JANUARY), MadeRecord(1, JANUARY + HOUR), MadeRecord(2, JANUARY)])
    assert [(file.path.parent.name, file.run.first, file.run.next) for file in files(tmp_path)] == [("2023-01", 0, 1), ("2023-02", 1, 3)]


def test_a_file_grows_in_its_place(tmp_path: Path) -> None:
    """Appending to a month replaces its file by a longer one, and the position is that of its last record."""
    with ParquetLog(tmp_path) as archive:
        for start in range(0, 30, 10):
            archive.append(1, run(start, 10))
    (only,) = files(tmp_path)
    assert (only.run.rows, only.run.next, only.run.mark) == (30, 30, fingerprint(run(29, 1, JANUARY + 9_000)[0]).text)
    assert rows(tmp_path) == [(1, offset) for offset in range(30)]


def test_a_large_file_is_left_alone(tmp_path: Path) -> None:
    """A file that has grown large is written no more: what comes then begins another."""
    with ParquetLog(tmp_path) as archive:
        archive.append(0, run(0, archives._GROWS_TO, every=0))
        archive.append(0, run(archives._GROWS_TO, 5, every=0))
    assert [file.run.rows for file in files(tmp_path)] == [archives._GROWS_TO, 5]


def test_the_position_is_found_again(tmp_path: Path) -> None:
    """The next writer continues where the archive ends; a partition without a file has no position."""
    with ParquetLog(tmp_path) as archive:
        archive.append(2, run(5, 10))
    with ParquetLog(tmp_path) as archive:
        position = archive.position(2)
        assert position is not None
        assert (position.next, position.clock, archive.position(1)) == (15, JANUARY + 9_000, None)


def test_nothing_is_written_twice(tmp_path: Path) -> None:
    """Records that stand in the archive already are an error of the caller, and nothing of them is written."""
    with ParquetLog(tmp_path) as archive:
        archive.append(0, run(0, 10))
        with pytest.raises(ValueError, match="already"):
            archive.append(0, run(9, 10))
    assert rows(tmp_path) == [(0, offset) for offset in range(10)]


def test_a_half_written_file_is_none(tmp_path: Path) -> None:
    """What a killed writer left half done is not read, and is cleared away by the next."""
    with ParquetLog(tmp_path) as archive:
        archive.append(0, run(0, 10))
    half = tmp_path / "2023-01" / "000-00000000000000000000.part"
    half.write_bytes(b"PAR1")
    assert len(rows(tmp_path)) == 10
    with ParquetLog(tmp_path):
        assert not half.exists()


def test_one_writer_at_a_time(tmp_path: Path) -> None:
    """A second writer is refused while the first has the archive, and not after."""
    with ParquetLog(tmp_path), pytest.raises(ArchiveError, match="another process"), ParquetLog(tmp_path):
        pass
    with ParquetLog(tmp_path):
        pass


def test_a_missing_file_is_noticed(tmp_path: Path) -> None:
    """Without one of its files an archive is refused, whichever it is but the last: that one is made again from the log."""
    with ParquetLog(tmp_path) as archive:
        archive.append(0, run(0, 3, every=31 * 24 * HOUR))
    first, middle, last = (file.path for file in files(tmp_path))
    middle.rename(tmp_path / "middle")
    with pytest.raises(ArchiveError, match="missing"):
        files(tmp_path)
    (tmp_path / "middle").rename(middle)
    last.unlink()
    assert rows(tmp_path) == [(0, 0), (0, 1)]
    first.unlink()
    with pytest.raises(ArchiveError, match="missing"):
        files(tmp_path)


def test_a_file_of_others_is_no_archive(tmp_path: Path) -> None:
    """A file that is no Parquet, or none of ours, is refused by its name."""
    (tmp_path / "2023-01").mkdir()
    (tmp_path / "2023-01" / "odd.parquet").write_bytes(b"PAR1")
    with pytest.raises(ArchiveError, match=r"odd\.parquet"):
        files(tmp_path)


def test_a_clock_beyond_the_calendar_has_a_month(tmp_path: Path) -> None:
    """A timestamp that no calendar holds is kept in the last month there is."""
    with ParquetLog(tmp_path) as archive:
        archive.append(0, [MadeRecord(0, 2**62)])
    assert [file.path.parent.name for file in files(tmp_path)] == ["9999-12"]
