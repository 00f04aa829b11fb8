"""`plek doctor` on an instance with every part: healthy, then broken in several places at once, then ended."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

_PLEK = (sys.executable, "-m", "services.cli")
# Long enough for a busy machine; what is waited for is there within seconds
_WAIT_S = 120.0


def _doctor(data: Path) -> tuple[int, dict[str, list[dict[str, Any]]], str]:
    """Return the exit code, the findings by their names, and all that was written."""
    done = subprocess.run((*_PLEK, "doctor", "--json", "--data", str(data)), capture_output=True, text=True, check=False, timeout=90)
    findings: dict[str, list[dict[str, Any]]] = {}
    for each in json.loads(done.stdout)["findings"]:
        findings.setdefault(each["name"], []).append(each)
    return done.returncode, findings, done.stdout + done.stderr


def _states(findings: dict[str, list[dict[str, Any]]], state: str) -> set[str]:
    return {name for name, found in findings.items() if any(each["state"] == state for each in found)}


@contextmanager
def _frozen(*pids: int) -> Iterator[None]:
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Yield the data directory of an instance that runs, whose canary looks each second."""
    folder = tmp_path_factory.mktemp("doctor") / "data"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PLEK_")} | {"PLEK_CANARY_S": "1"}
    with subprocess.Popen((*_PLEK, "up", "--data", str(folder)), env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            assert any("Memory: " in line for line in process.stdout)
            yield folder
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=60)


def _pids(data: Path) -> dict[str, int]:
    done = subprocess.run((*_PLEK, "status", "--json", "--data", str(data)), capture_output=True, text=True, check=True)
    return {part["name"]: part["pid"] for part in json.loads(done.stdout)["parts"]}


def test_a_healthy_instance_has_nothing_wrong(data: Path) -> None:
    """Every part answers, the canary has compared both topics, exit code 0; no secret is printed, and no file of ours is changed."""
    kept = {name: (data / name).stat().st_mtime_ns for name in ("version", "status.json", "ports.json", "need.key", "lock")}
    deadline = time.monotonic() + _WAIT_S
    code, findings, said = _doctor(data)
    while {"canary of beds", "canary of demand"} & _states(findings, "warning") and time.monotonic() < deadline:
        code, findings, said = _doctor(data)
    assert (code, _states(findings, "wrong")) == (0, set())
    answering = {"Kafka", "Valkey", "issuer", "processor", "gateway", "api", "monitor", "web", "Redis", "clock"}
    looked_at = {"Python", "packages", "data directory", "its version", "who can read it", "view of beds", "last verify", "need keys"}
    assert answering | looked_at | {"canary of beds", "canary of demand"} <= _states(findings, "ok")
    for name in ("pseudonym.key", "audit-head.key", "need.key"):
        assert (data / name).read_text() not in said
    assert {name: (data / name).stat().st_mtime_ns for name in kept} == kept


def test_a_half_dead_instance_is_said_part_by_part(data: Path) -> None:
    """With Valkey and the processor frozen and a key open to others, each is a finding of its own, and the rest is still looked at."""
    pids = _pids(data)
    (data / "need.key").chmod(0o644)
    with _frozen(pids["Valkey"], pids["processor"]):
        code, findings, _ = _doctor(data)
    (data / "need.key").chmod(0o600)
    assert code == 1
    assert {"processor", "Redis", "view of beds", "last checks"} <= _states(findings, "wrong")
    assert {"need.key", "who can read it"} <= _states(findings, "warning")
    assert {"Python", "gateway", "Kafka", "audit heads"} & (_states(findings, "ok") | _states(findings, "warning"))
    (processor,) = findings["processor"]
    assert "does not answer" in processor["cause"]
    assert str(data / "logs" / "processor.log") in processor["advice"]
    assert all(each["advice"] for found in findings.values() for each in found if each["state"] != "ok")


def test_an_instance_without_kafka_is_said(data: Path) -> None:
    """With Kafka frozen the topics can't be looked at, the view's own checks can, and it ends within a minute."""
    began = time.monotonic()
    with _frozen(_pids(data)["Kafka"]):
        code, findings, _ = _doctor(data)
    assert (code, time.monotonic() - began < 60) == (1, True)
    assert {"topics", "audit heads"} <= _states(findings, "wrong")
    assert {"Redis", "last verify"} <= _states(findings, "ok")


def test_an_instance_that_was_ended_has_nothing_wrong(data: Path) -> None:
    """Where nothing runs, the machine and the directory are looked at, and that is no fault."""
    subprocess.run((*_PLEK, "down", "--data", str(data)), capture_output=True, check=True, timeout=60)
    code, findings, _ = _doctor(data)
    assert (code, _states(findings, "wrong")) == (0, set())
    assert "does not run" in findings["instance"][0]["cause"]
    assert "Redis" not in findings
