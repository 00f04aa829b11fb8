"""The interval tables: the same however they are built, stopped where the log can't be understood, left alone without new records."""

from pathlib import Path

import pytest

from services.monitor.archive import partition_reader
from services.monitor.archive.paths import MonitorPaths
from services.monitor.intervals import builder
from services.monitor.intervals.builder import build, pending
from tests.monitor.archives import archived
from tests.monitor.logged_countries import simulate, to_records
from tests.monitor.naive.country import REGIONS
from tests.reference.log import Record

CODES = frozenset(REGIONS)


def contents(directory: MonitorPaths) -> dict[str, bytes]:
    """Return every file of the tables."""
    return {path.name: path.read_bytes() for path in sorted(directory.tables.glob("*"))}


def test_two_processes_build_what_one_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables built by two processes are the same to the byte as those built by one, and every record is reported as progress."""
    beds, demand = to_records(simulate(7, 3))
    tables, progress = {}, list[int]()
    for name, min_for_two in (("one", 10**9), ("two", 1)):
        monkeypatch.setattr(builder, "_MIN_FOR_TWO", min_for_two)
        archived(tmp_path / name, "beds", beds)
        directory = archived(tmp_path / name, "demand", demand)
        assert pending(directory, CODES) == len(beds) + len(demand)
        progress.clear()
        build(directory, CODES, progress.append)
        assert sum(progress) == len(beds) + len(demand)
        tables[name] = contents(directory)
    assert tables["one"] == tables["two"]


def test_a_partition_is_read_in_as_many_shares_as_memory_wants(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether a few keys or all are in memory at a time, the tables are the same to the byte, also with records that have no key."""
    beds, tables = [record._replace(partition=0) for record in to_records(simulate(7, 2))[0]], {}
    beds[10:10] = [Record(None, b"{}", beds[10].timestamp, 0)] * 3
    for name, share in (("few", 50), ("all", 10**9)):
        monkeypatch.setattr(partition_reader, "_SHARE", share)
        directory = archived(tmp_path / name, "beds", beds)
        build(directory, CODES)
        tables[name] = contents(directory)
    assert tables["few"] == tables["all"]


def test_a_partition_without_new_records_is_left_alone(tmp_path: Path) -> None:
    """A build without new records changes no file, and nothing is pending."""
    directory = archived(tmp_path, "beds", to_records(simulate(7, 2))[0])
    build(directory, CODES)
    before = {path.name: path.stat().st_mtime_ns for path in directory.tables.glob("*.parquet")}
    build(directory, CODES)
    assert {path.name: path.stat().st_mtime_ns for path in directory.tables.glob("*.parquet")} == before
    assert pending(directory, CODES) == 0


def test_a_type_too_new_stops_its_partition(tmp_path: Path) -> None:
    """R13: records after a type that is too new are not read in its partition, even those of an earlier key; other partitions are."""
    beds = [record._replace(partition=number % 2) for number, record in enumerate(to_records(simulate(7, 1))[0])]
    half = [number for number, record in enumerate(beds) if record.partition == 0][50]
    too_new = Record(b"zz", (beds[half].value or b"").replace(b".v1", b".v2"), beds[half].timestamp, 0)
    parts = build(archived(tmp_path, "beds", [*beds[:half], too_new, *beds[half:]]), CODES).parts["beds"]
    assert (parts[0].next, parts[0].stopped) == (50, True)
    assert (parts[1].next, parts[1].stopped) == (sum(record.partition == 1 for record in beds), False)
