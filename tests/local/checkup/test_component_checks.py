"""What `plek doctor` says of the parts: which run, which answer and what they lack, and who holds a port that a start needs."""

import json
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from services.adapters.config.settings import Settings
from services.local.checkup.component_checks import check_parts, check_ports
from services.local.checkup.finding import Finding
from services.local.instance.data_directory import ComponentStatus, DataDirectory, Status
from services.local.processes.memory_usage import start_time


@contextmanager
def answering(code: int, body: dict[str, Any]) -> Iterator[str]:
    """Yield the address of a service that answers so."""

    class Service(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(code)
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    with HTTPServer(("127.0.0.1", 0), Service) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


async def found(data: Path, **settings: object) -> dict[str, Finding]:
    """Return the findings by their names."""
    return {each.name: each async for each in check_parts(Settings.model_validate({"data": data, **settings}))}


async def of_part(data: Path, address: str, *, pid: int | None = None, restarts: int = 0) -> Finding:
    """Return what is found of the API of an instance that runs, at this address; by default its process is this one."""
    instance, own = DataDirectory(data), os.getpid() if pid is None else pid
    with instance.lock():
        part = ComponentStatus("api", "ready", address, own, start_time(os.getpid()), restarts)
        instance.write_status(Status(os.getpid(), {}, (part,)))
        return (await found(data))["api"]


async def test_where_nothing_runs_that_is_no_fault(tmp_path: Path) -> None:
    """A directory that is not there yet has an instance that does not run, and nothing is made of it."""
    findings = await found(tmp_path / "none")
    assert (findings["instance"].state, len(findings)) == ("ok", 1)
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    ("code", "body", "state", "says"),
    [
        (200, {"status": "ok", "parts": {"kafka": True}}, "ok", "answers at"),
        (200, {"status": "degraded", "parts": {"kafka": False, "view": True}}, "warning", "serves without kafka"),
        (503, {"status": "waiting", "parts": {"issuer": False}}, "wrong", "waits: issuer"),
        (503, {"waiting": ["Redis: maxmemory-policy is x"]}, "wrong", "maxmemory-policy is x"),
        (503, {"waiting": [], "beds": {"halted": {"3": "version_too_new"}}}, "wrong", "version_too_new"),
        (500, {}, "wrong", "it answers 500"),
    ],
)
async def test_what_a_part_lacks_is_said(tmp_path: Path, code: int, body: dict[str, Any], state: str, says: str) -> None:
    """A part that serves without another is a warning, one that can't serve is wrong, with what it waits for."""
    with answering(code, body) as address:
        finding = await of_part(tmp_path, address)
    assert (finding.state, says in finding.cause) == (state, True), finding


async def test_a_part_that_does_not_answer_or_is_gone_is_wrong(tmp_path: Path) -> None:
    """Of a process without an answer its log is named; of one that is gone that the supervisor starts it again."""
    assert "does not answer" in (await of_part(tmp_path, "http://127.0.0.1:1")).cause
    assert "its process is gone" in (await of_part(tmp_path, "http://127.0.0.1:1", pid=2**22 + 1)).cause


async def test_a_part_that_is_started_again_and_again_is_a_warning(tmp_path: Path) -> None:
    """It answers now, and its log says why it ended."""
    with answering(200, {}) as address:
        assert (await of_part(tmp_path, address, restarts=9)).state == "warning"


async def test_a_status_that_can_not_be_read_is_wrong(tmp_path: Path) -> None:
    """Half a file is said, and no reason to end."""
    instance = DataDirectory(tmp_path)
    with instance.lock():
        (tmp_path / "status.json").write_text('{"pid": 3')
        assert (await found(tmp_path))["instance"].state == "wrong"


async def test_what_runs_of_an_instance_that_ended_is_said(tmp_path: Path) -> None:
    """A process of the status that lives although the lock is free is left over."""
    instance, pid = DataDirectory(tmp_path), os.getpid()
    instance.write_status(Status(1, {}, (ComponentStatus("Kafka", "ready", "127.0.0.1:9", pid, start_time(pid), 0),)))
    assert (await found(tmp_path))["left over"].state == "warning"


def test_who_holds_a_port_is_said(tmp_path: Path) -> None:
    """A port that the user has set and another program has: that program is named, as far as it can be known."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings = Settings.model_validate({"data": tmp_path, "api_port": taken.getsockname()[1]})
        (finding,) = check_ports(settings)
    assert (finding.name, finding.state) == ("PLEK_API_PORT", "wrong")
    assert f"(process {os.getpid()})" in finding.cause
    assert list(check_ports(settings)) == []
