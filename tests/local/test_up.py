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
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import jwt
import pytest
from aiokafka.errors import KafkaConnectionError, TopicAuthorizationFailedError

from services.adapters.config.kafka_connection import KafkaConnection
from services.adapters.kafka.clients import new_producer
from services.local.instance.health_probe import fetch_ok
from tests.servers import ended

pytestmark = pytest.mark.e2e


@dataclass
class Instance:
    """A running `plek up` and what it has printed so far."""

    data: Path
    process: subprocess.Popen[str]
    lines: list[str] = field(default_factory=list)

    def until(self, pattern: str) -> str:
        """Return the next line that matches; fails when the process ends before."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip())
            if re.search(pattern, line):
                return line
        pytest.fail(f"it ended without {pattern!r}, having printed:\n" + "\n".join(self.lines))

    def plek(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run another command on the same data directory."""
        command = (sys.executable, "-m", "services.cli", *words, "--data", str(self.data))
        return subprocess.run(command, capture_output=True, text=True, check=False)

    def components(self) -> dict[str, dict[str, Any]]:
        """Return the status of every component by its name."""
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
    with _up(tmp_path_factory.mktemp("up") / "data") as running:
        yield running


def test_components_are_ready_in_order_each_with_its_time(instance: Instance) -> None:
    """Servers are ready first, then topics, then services, and each line has a time."""
    ready = [line.split()[0] for line in instance.lines if re.search(r"ready in \d+\.\d s$", line)]
    assert set(ready[:3]) == {"Kafka", "Valkey", "issuer"}
    assert ready[3:] == ["topics", "stand-in"]


def test_the_last_lines_have_a_request_to_copy(instance: Instance) -> None:
    """`plek up` prints a curl command with a token, and the memory of all components in MiB."""
    assert any(re.search(r'curl -s -H "Authorization: Bearer \$\(.*plek token worker', line) for line in instance.lines)
    assert re.fullmatch(r"Memory: \d+ MiB for all of it", instance.lines[-1])


def test_others_can_read_no_file_of_it(instance: Instance) -> None:
    """Every file and folder of an instance that runs is open to its owner alone: servers, services, keys and logs."""
    modes: dict[Path, int] = {}
    for path in (instance.data, *instance.data.rglob("*")):
        with suppress(FileNotFoundError):  # a file that a server removes meanwhile
            modes[path] = path.lstat().st_mode
    assert {path.name for path in modes} >= {"pseudonym.key", "audit-head.key", "server.properties", "issuer.log"}
    assert [path for path, mode in modes.items() if mode & 0o077] == []


def test_status_shows_address_process_and_memory_of_every_component(instance: Instance) -> None:
    """`plek status` has address, process and memory of every component, in JSON and in a table."""
    parts = instance.components()
    assert set(parts) == {"Kafka", "Valkey", "issuer", "stand-in"}
    assert all(part["state"] == "ready" and part["pid"] and part["memory"] > 0 and part["address"] for part in parts.values())
    assert "Memory: " in instance.plek("status").stdout


async def test_a_token_of_the_command_line_is_verified_by_the_issuer_that_runs(instance: Instance) -> None:
    """A token of `plek token` is verified by the keys of the running issuer, and has the claims that were asked for."""
    issuer = instance.components()["issuer"]["address"]
    assert await fetch_ok(f"{issuer}/.well-known/openid-configuration")
    token = instance.plek("token", "shelter", "--shelter", "berk-4", "--shelter", "pruim-2", "--hours", "1").stdout.strip()
    key = jwt.PyJWKClient(f"{issuer}/jwks.json").get_signing_key_from_jwt(token)
    claims = jwt.decode(token, key, algorithms=["ES256"], audience="plek", issuer=issuer)
    assert (claims["role"], claims["shelters"], claims["exp"] - claims["iat"]) == ("shelter", ["berk-4", "pruim-2"], 3600)


async def test_a_system_of_an_organisation_logs_in_as_in_an_installation(instance: Instance) -> None:
    """`plek intake add` names a listener that takes the password it shows and no other, and that lets in no client without one."""
    added = instance.plek("intake", "add", "de-linden", "--json")
    made = json.loads(added.stdout)
    assert made["bootstrap"] != instance.components()["Kafka"]["address"]
    allowed = KafkaConnection(made["bootstrap"], made["security"], made["user"], made["password"])
    async with new_producer(allowed) as producer:
        await producer.send_and_wait(made["topic"], b"{}", b"berk")
        with pytest.raises(TopicAuthorizationFailedError):
            await producer.send_and_wait("plek.bed-events", b"{}", b"berk")
    for refused in (replace(allowed, password="wrong"), KafkaConnection(made["bootstrap"])):
        producer = new_producer(refused, request_timeout_ms=5_000)
        with pytest.raises(KafkaConnectionError):
            await producer.start()
        await producer.stop()
    assert instance.plek("intake", "remove", "de-linden", "--yes").returncode == 0


def test_a_second_instance_on_the_same_data_is_refused(instance: Instance) -> None:
    """A second `plek up` on one data directory ends with one line that says what can be done."""
    command, environment = _command(instance.data)
    second = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert second.returncode == 1
    assert second.stderr.startswith("Plek already runs in ")
    assert len(second.stderr.splitlines()) == 1


def test_a_second_instance_on_other_data_runs_beside_it(instance: Instance, tmp_path: Path) -> None:
    """Two instances on different data directories have different ports."""
    with _up(tmp_path / "other") as other:
        addresses = [part["address"] for running in (instance, other) for part in running.components().values()]
    assert len(set(addresses)) == len(addresses)


@pytest.mark.parametrize("name", ["stand-in", "Valkey", "Kafka"])
def test_a_component_that_ends_is_started_again_at_the_same_address(instance: Instance, name: str) -> None:
    """A component killed with -9 runs again at its address, and two lines say so."""
    before = instance.components()[name]
    os.kill(before["pid"], signal.SIGKILL)
    assert "signal 9" in instance.until(f"^{name} .*starting it again")
    instance.until(f"^{name} .*ready again")
    after = instance.components()[name]
    assert after["pid"] != before["pid"]
    assert (after["address"], after["state"], after["restarts"]) == (before["address"], "ready", before["restarts"] + 1)


def test_down_leaves_no_process_and_a_new_start_has_the_same_addresses(tmp_path: Path) -> None:
    """`plek down` returns within seconds when all processes have ended; the next start has the same ports."""
    with _up(tmp_path / "data") as first:
        before = first.components()
        began = time.monotonic()
        assert first.plek("down").returncode == 0
        assert time.monotonic() - began < 8
        assert all(ended(component["pid"], within_s=0.5) for component in before.values())
        assert first.process.wait(5) == 0
        assert first.plek("status").returncode == 1
    with _up(tmp_path / "data") as second:
        assert {name: part["address"] for name, part in second.components().items()} == {
            name: part["address"] for name, part in before.items()
        }


def test_a_supervisor_killed_with_9_leaves_no_process(tmp_path: Path) -> None:
    """Every component ends when `plek up` is killed with -9, and the data directory is free again."""
    with _up(tmp_path / "data") as killed:
        parts = killed.components()
        killed.process.kill()
        assert all(ended(part["pid"], within_s=5) for part in parts.values())
    assert killed.plek("status").stderr.startswith("plek: Plek does not run in ")


def test_a_port_in_use_is_one_line_before_anything_starts(tmp_path: Path) -> None:
    """A port of the user's own that another program has is named with its variable, and nothing was started."""
    command, environment = _command(tmp_path / "data")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        environment["PLEK_GATEWAY_PORT"] = str(taken.getsockname()[1])
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    port = environment["PLEK_GATEWAY_PORT"]
    line = f"Port {port} is in use by .*\\(process {os.getpid()}\\), and .* needs it: end that program, or set another port "
    line += "\\(PLEK_GATEWAY_PORT\\)\n"
    assert (done.returncode, done.stdout) == (1, "")
    assert re.fullmatch(line, done.stderr)
    assert not (tmp_path / "data" / "status.json").exists()


def test_a_broken_view_is_set_aside(tmp_path: Path) -> None:
    """Garbage in the file of Redis is said and set aside, and the instance starts: the view is folded again from the log."""
    with _up(tmp_path / "data"):
        pass
    manifest = tmp_path / "data" / "valkey" / "appendonlydir" / "appendonly.aof.manifest"
    manifest.write_bytes(b"garbage")
    with _up(tmp_path / "data") as again:
        assert any("set aside as appendonlydir.broken-1" in line for line in again.lines)
        assert again.components()["Valkey"]["state"] == "ready"
    assert (tmp_path / "data" / "valkey" / "appendonlydir.broken-1" / manifest.name).read_bytes() == b"garbage"


def test_a_kafka_of_the_user_that_is_away_is_one_line(tmp_path: Path) -> None:
    """With PLEK_KAFKA no broker is started, and the error names the address when nothing answers there."""
    command, environment = _command(tmp_path / "data")
    done = subprocess.run(command, env=environment | {"PLEK_KAFKA": "127.0.0.1:9"}, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "127.0.0.1:9" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert "Kafka  " not in done.stdout
