"""A later start of the broker maps its classes instead of reading them."""

import sys
from pathlib import Path

import psutil
import pytest

from services.local.kafka import Kafka

pytestmark = [pytest.mark.e2e, pytest.mark.skipif(sys.platform != "linux", reason="only Linux shows what a process has mapped")]


async def test_the_start_after_quicken_maps_the_archive(tmp_path: Path, cache: Path) -> None:
    """The first start makes one archive in the cache; Java takes it for the next start, so it fits."""
    own = tmp_path / "cache"
    own.mkdir()
    (own / "jars").symlink_to(cache / "jars")
    async with Kafka(tmp_path / "kafka", own) as kafka:
        await kafka.quicken()
    [archive] = own.glob("kafka-*")
    async with Kafka(tmp_path / "kafka", own) as kafka:
        assert str(archive) in {file.path for file in psutil.Process(kafka.pid).memory_maps()}
