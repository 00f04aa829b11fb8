"""`plek up` on real servers, with a stand-in for the services."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jwt
import pytest

from services.local.http import says_ok
from tests.servers import ended

pytestmark = pytest.mark.e2e


@dataclass
class Instance:
    """A running `plek up` and what it has said so far."""

    data: Path
    process: subprocess.Popen[str]
    lines: list[str] = field(default_factory=list)

    def until(self, pattern: str) -> str:
        """Read on to the first line that matches; fails when it ends before."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip())
            if re.search(pattern, line):
                return line
        pytest.fail(f"it ended without {pattern!r}, having said:\n" + "\n".join(self.lines))

    def plek(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run another verb of the command on the same data directory."""
        command = (sys.executable, "-m", "services.cli", *words, "--data", str(self.data))
        return subprocess.run(command, capture_output=True, text=True, check=False)

    def parts(self) -> dict[str, dict[str, Any]]:
        """Return every part by its name."""
        return {part["name"]: part for part in json.loads(self.plek("status", "--json").stdout)["parts"]}


def _command(data: Path) -> tuple[tuple[str, ...], dict[str, str]]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PLEK_")}
    return (sys.executable, "-m", "tests.local.small_up"), environment | {"PLEK_DATA": str(data)}


@contextmanager
def _up(data: Path) -> Iterator[Instance]:
    command, environment = _command(data)
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        try:
            instance = Instance(data, process)
            instance.until("Memory: ")
            yield instance
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
            process.communicate(timeout=30)


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    """One instance for the tests that leave it running."""
    with _up(tmp_path_factory.mktemp("up") / "data") as found:
        yield found


def test_parts_are_ready_in_order_each_with_its_time(instance: Instance) -> None:
    """What others stand on comes first, and every part says how long it took."""
    ready = [line.split()[0] for line in instance.lines if re.search(r"ready in \d+\.\d s$", line)]
    assert set(ready[:3]) == {"Kafka", "Valkey", "issuer"}
    assert ready[3:] == ["topics", "stand-in"]


def test_the_last_lines_hold_a_question_to_copy(instance: Instance) -> None:
    """A curl line with a token made on the spot, and the memory of everything in MiB."""
    assert any(re.search(r'curl -s -H "Authorization: Bearer \$\(.*plek token worker', line) for line in instance.lines)
    assert re.fullmatch(r"Memory: \d+ MiB for all of it", instance.lines[-1])


def test_status_shows_address_process_and_memory_of_every_part(instance: Instance) -> None:
    """For programs as JSON, for people as a table."""
    parts = instance.parts()
    assert set(parts) == {"Kafka", "Valkey", "issuer", "stand-in"}
    assert all(part["state"] == "ready" and part["pid"] and part["memory"] > 0 and part["address"] for part in parts.values())
    assert "Memory: " in instance.plek("status").stdout


async def test_a_token_of_the_command_line_is_verified_by_the_issuer_that_runs(instance: Instance) -> None:
    """`plek token` and the running issuer share the key, and every claim asked for is in it."""
    issuer = instance.parts()["issuer"]["address"]
    assert await says_ok(f"{issuer}/.well-known/openid-configuration")
    token = instance.plek("token", "shelter", "--shelter", "berk-4", "--shelter", "pruim-2", "--hours", "1").stdout.strip()
    key = jwt.PyJWKClient(f"{issuer}/jwks.json").get_signing_key_from_jwt(token)
    claims = jwt.decode(token, key, algorithms=["ES256"], audience="plek", issuer=issuer)
    assert (claims["role"], claims["shelters"], claims["exp"] - claims["iat"]) == ("shelter", ["berk-4", "pruim-2"], 3600)


def test_a_second_instance_on_the_same_data_is_refused(instance: Instance) -> None:
    """One line says who holds the directory and what can be done."""
    command, environment = _command(instance.data)
    second = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert second.returncode == 1
    assert second.stderr.startswith("Plek already runs in ")
    assert len(second.stderr.splitlines()) == 1


def test_a_second_instance_on_other_data_runs_beside_it(instance: Instance, tmp_path: Path) -> None:
    """Every port of the one differs from every port of the other."""
    with _up(tmp_path / "other") as other:
        addresses = [part["address"] for each in (instance, other) for part in each.parts().values()]
    assert len(set(addresses)) == len(addresses)


@pytest.mark.parametrize("name", ["stand-in", "Valkey", "Kafka"])
def test_what_dies_is_started_again_at_the_same_address(instance: Instance, name: str) -> None:
    """A part killed with -9 is back by itself, with a line that says so."""
    before = instance.parts()[name]
    os.kill(before["pid"], signal.SIGKILL)
    assert "signal 9" in instance.until(f"^{name} .*starting it again")
    instance.until(f"^{name} .*ready again")
    after = instance.parts()[name]
    assert after["pid"] != before["pid"]
    assert (after["address"], after["state"], after["restarts"]) == (before["address"], "ready", before["restarts"] + 1)


def test_down_leaves_no_process_and_a_new_start_has_the_same_addresses(tmp_path: Path) -> None:
    """`plek down` returns within seconds when all is gone; the ports are kept for the next start."""
    with _up(tmp_path / "data") as first:
        before = first.parts()
        began = time.monotonic()
        assert first.plek("down").returncode == 0
        assert time.monotonic() - began < 8
        assert all(ended(part["pid"], within_s=0.5) for part in before.values())
        assert first.process.wait(5) == 0
        assert first.plek("status").returncode == 1
    with _up(tmp_path / "data") as second:
        assert {name: part["address"] for name, part in second.parts().items()} == {name: part["address"] for name, part in before.items()}


def test_a_supervisor_killed_with_9_leaves_no_process(tmp_path: Path) -> None:
    """Every part ends although nobody was left to end it, and the directory is free again."""
    with _up(tmp_path / "data") as killed:
        parts = killed.parts()
        killed.process.kill()
        assert all(ended(part["pid"], within_s=5) for part in parts.values())
    assert killed.plek("status").stderr.startswith("plek: Plek does not run in ")


def test_a_part_that_cannot_start_ends_all_of_it_in_one_line(tmp_path: Path) -> None:
    """When a service ends while starting, its last words are the one line, and nothing else keeps running."""
    command, environment = _command(tmp_path / "data")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        environment["PLEK_GATEWAY_PORT"] = str(taken.getsockname()[1])
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert re.fullmatch(r"stand-in ended while starting .*Address already in use\n", done.stderr)
    status = json.loads((tmp_path / "data" / "status.json").read_text())
    assert {part["state"] for part in status["parts"]} == {"stopped"}


def test_a_kafka_of_ones_own_that_is_away_is_one_line(tmp_path: Path) -> None:
    """PLEK_KAFKA is taken as it is: no broker is started, and the address is named when nothing answers there."""
    command, environment = _command(tmp_path / "data")
    done = subprocess.run(command, env=environment | {"PLEK_KAFKA": "127.0.0.1:9"}, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "127.0.0.1:9" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert "Kafka  " not in done.stdout
