"""Only jars with the SHA-256 of jars.txt reach the class path."""

import re
from pathlib import Path

import pytest

from services.local.servers.kafka_jars import Jar, fetch_jars, locked_jars
from services.local.user_error import UserError


def test_the_lock_names_every_jar_by_version_and_sum() -> None:
    """jars.txt has 46 jars, each with a SHA-256, none twice, and no address."""
    jars = locked_jars()
    assert len(jars) == 46
    assert len({jar.filename for jar in jars}) == 46
    assert all(re.fullmatch(r"[0-9a-f]{64}", jar.sha256) for jar in jars)
    assert not any("/" in jar.coordinate for jar in jars)


def test_what_is_in_the_cache_is_not_downloaded_again(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the jars in the cache no registry is requested."""
    fetch_jars(cache)
    monkeypatch.setattr("services.local.servers.kafka_jars.MavenContext", None)
    assert len(fetch_jars(cache)) == 46


def test_another_file_than_the_locked_one_is_refused(tmp_path: Path) -> None:
    """A downloaded jar with another SHA-256 is an error that names it, and is not kept."""
    wrong = Jar("org.jspecify:jspecify:1.0.0", "0" * 64)
    with pytest.raises(UserError, match=r"^org\.jspecify:jspecify:1\.0\.0 is not the file that was locked.*$"):
        fetch_jars(tmp_path, [wrong])
    assert list((tmp_path / "jars").iterdir()) == []


def test_a_spoiled_jar_in_the_cache_is_replaced(tmp_path: Path) -> None:
    """A jar that was changed after its download is downloaded again."""
    [jar] = [jar for jar in locked_jars() if "jspecify" in jar.coordinate]
    [path] = fetch_jars(tmp_path, [jar])
    path.write_bytes(b"spoiled")
    assert jar.is_at(fetch_jars(tmp_path, [jar])[0])


def test_a_registry_out_of_reach_is_one_clear_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a network the error is one line."""
    for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with pytest.raises(UserError, match=r"^Kafka's jars can't be downloaded: the registry is out of reach.*$"):
        fetch_jars(tmp_path, locked_jars()[:1])
