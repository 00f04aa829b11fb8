"""The interval tables are built the same however it is done, stop where the log can't be understood, and are left alone otherwise."""

from pathlib import Path

import pytest

from services.monitor import building, records
from services.monitor.building import build, pending
from services.monitor.directory import Directory
from tests.monitor.archives import archived
from tests.monitor.countries_logged import logged, said
from tests.monitor.naive.country import REGIONS
from tests.reference.log import Record

CODES = frozenset(REGIONS)


def contents(directory: Directory) -> dict[str, bytes]:
    """Return every file of the tables."""
    return {path.name: path.read_bytes() for path in sorted(directory.tables.glob("*"))}


def test_two_processes_build_what_one_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Much work is shared by two processes, and the tables are the same to the byte; all of it is told to whoever shows progress."""
    beds, demand = logged(said(7, 3))
    made, heard = {}, list[int]()
    for name, worth_two in (("one", 10**9), ("two", 1)):
        monkeypatch.setattr(building, "_WORTH_TWO", worth_two)
        archived(tmp_path / name, "beds", beds)
        directory = archived(tmp_path / name, "demand", demand)
        assert pending(directory, CODES) == len(beds) + len(demand)
        heard.clear()
        build(directory, CODES, heard.append)
        assert sum(heard) == len(beds) + len(demand)
        made[name] = contents(directory)
    assert made["one"] == made["two"]


def test_a_partition_is_read_in_as_many_shares_as_memory_wants(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read a few keys at a time or all of them at once, records without a key among them, the tables are the same to the byte."""
    beds, made = [record._replace(partition=0) for record in logged(said(7, 2))[0]], {}
    beds[10:10] = [Record(None, b"{}", beds[10].timestamp, 0)] * 3
    for name, share in (("few", 50), ("all", 10**9)):
        monkeypatch.setattr(records, "_SHARE", share)
        directory = archived(tmp_path / name, "beds", beds)
        build(directory, CODES)
        made[name] = contents(directory)
    assert made["few"] == made["all"]


def test_what_has_not_gone_on_is_left_alone(tmp_path: Path) -> None:
    """Built again without anything new, no file changes and nothing is pending."""
    directory = archived(tmp_path, "beds", logged(said(7, 2))[0])
    build(directory, CODES)
    before = {path.name: path.stat().st_mtime_ns for path in directory.tables.glob("*.parquet")}
    build(directory, CODES)
    assert {path.name: path.stat().st_mtime_ns for path in directory.tables.glob("*.parquet")} == before
    assert pending(directory, CODES) == 0


def test_a_type_too_new_stops_its_partition(tmp_path: Path) -> None:
    """R13: what follows a type too new is not looked at in its partition, though its key would be read before; others go on."""
    beds = [record._replace(partition=number % 2) for number, record in enumerate(logged(said(7, 1))[0])]
    half = [number for number, record in enumerate(beds) if record.partition == 0][50]
    too_new = Record(b"zz", (beds[half].value or b"").replace(b".v1", b".v2"), beds[half].timestamp, 0)
    parts = build(archived(tmp_path, "beds", [*beds[:half], too_new, *beds[half:]]), CODES).parts["beds"]
    assert (parts[0].next, parts[0].stopped) == (50, True)
    assert (parts[1].next, parts[1].stopped) == (sum(record.partition == 1 for record in beds), False)
