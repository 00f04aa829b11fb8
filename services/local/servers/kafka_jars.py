"""The jars of Kafka. Only a jar with the SHA-256 of jars.txt is ever put on the broker's class path.

The settings of jgo say where they are downloaded from. A jar is downloaded aside, verified and then moved into the cache, so an
interrupted download leaves nothing half-written.
"""

import hashlib
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from importlib import resources
from pathlib import Path

import requests
from jgo.config import GlobalSettings
from jgo.constants import MAVEN_CENTRAL_URL
from jgo.maven import MavenContext, PythonResolver
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

from services.local.user_error import UserError

# Enough to hide the round trips of 46 small files, few enough not to burden the registry
_AT_ONCE = 6


@dataclass(frozen=True, slots=True)
class Jar:
    """One line of jars.txt."""

    coordinate: str
    sha256: str

    @property
    def filename(self) -> str:
        """Its name in the cache."""
        _, artifact, version = self.coordinate.split(":")
        return f"{artifact}-{version}.jar"

    def is_at(self, path: Path) -> bool:
        """Return whether the file is there and is the one that was locked."""
        return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == self.sha256


def locked_jars() -> list[Jar]:
    """Return the jars of jars.txt, in its order."""
    lines = resources.files("services.local.servers").joinpath("jars.txt").read_text().splitlines()
    return [Jar(*line.split()) for line in lines if line and not line.startswith("#")]


def fetch_jars(cache: Path, jars: list[Jar] | None = None) -> list[Path]:
    """Return the verified jars in the cache, downloading those that are missing. Raises UserError."""
    jars = jars if jars is not None else locked_jars()
    folder = cache / "jars"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        missing = [jar for jar in jars if not jar.is_at(folder / jar.filename)]
        if missing:
            _download_all(missing, folder)
    except OSError as error:
        raise UserError(f"Kafka's jars can't be kept in {folder}: {error.strerror or error}") from error
    return [folder / jar.filename for jar in jars]


def _download_all(jars: list[Jar], folder: Path) -> None:
    with tempfile.TemporaryDirectory(dir=folder) as aside, _progress(len(jars)) as resolver:
        context = MavenContext(resolver, repo_cache=Path(aside), local_repos=[], remote_repos=_repositories(), timeout=30)
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for _ in pool.map(partial(_download, context, folder), jars):
                pass


def _repositories() -> dict[str, str]:
    """Return Maven Central, and what the user's settings of jgo add or replace."""
    return {"central": MAVEN_CENTRAL_URL, **GlobalSettings.load().repositories}


def _download(context: MavenContext, folder: Path, jar: Jar) -> None:
    try:
        path = context.create_dependency(jar.coordinate).artifact.resolve()
    except requests.RequestException as error:
        raise UserError(f"Kafka's jars can't be downloaded: the registry is out of reach ({type(error).__name__})") from error
    except RuntimeError as error:
        raise UserError(f"Kafka's jars can't be downloaded: the registry does not have {jar.coordinate}") from error
    if not jar.is_at(path):
        raise UserError(f"{jar.coordinate} is not the file that was locked (its SHA-256 differs); it was thrown away")
    path.replace(folder / jar.filename)


@contextmanager
def _progress(files: int) -> Iterator[PythonResolver]:
    """Show one progress bar over all downloads; the size becomes known file by file."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    if not console.is_terminal:
        console.print(f"Kafka: downloading {files} jars, once")
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(f"Kafka: {files} jars, once", total=0)

        @contextmanager
        def one_file(_name: str, size: int) -> Iterator[object]:
            bar.update(task, total=(bar.tasks[0].total or 0) + size)
            yield lambda received: bar.advance(task, received)

        yield PythonResolver(progress_callback=one_file)
