"""The broker's classes, read once and kept ready to map: a later start takes half the time and 25 MB less.

The first start writes down which classes it loads; when all is up and nobody waits, Java makes the archive of that list. A start without
the archive, or with one that no longer fits, is only slower.
"""

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

from services.local.child import Child

_LIST = "classes.txt"
# Each is 65 MB, and every checkout has a Java of its own
_KEPT = 3


class Archive:
    """The archive for exactly these jars and this Java, shared by all instances of a user."""

    def __init__(self, cache: Path, java: str, jars: Sequence[Path]) -> None:
        name = hashlib.sha256("\n".join([java, *map(str, jars)]).encode()).hexdigest()[:16]
        self._file = cache / f"kafka-{name}.jsa"

    def options(self, data_dir: Path) -> list[str]:
        """Return what a start adds to Java's options: use the archive, or write down what it will hold."""
        if self._file.exists():
            return [f"-XX:SharedArchiveFile={self._file}", "-Xlog:disable"]
        return [f"-XX:DumpLoadedClassList={data_dir / _LIST}"]

    async def make(self, java: Sequence[str], data_dir: Path) -> None:
        """Make the archive from the list of a start that had none; `java` is its command up to the main class."""
        classes = data_dir / _LIST
        if self._file.exists() or not classes.exists():
            return
        aside = self._file.with_suffix(f".{os.getpid()}")
        dump = [java[0], "-Xshare:dump", f"-XX:SharedClassListFile={classes}", f"-XX:SharedArchiveFile={aside}", *java[1:]]
        child = Child("archive", ("nice", "-n", "19", *dump), data_dir / "archive.log")
        child.start()
        try:
            await child.gone()
        finally:
            await child.kill()
        if child.code == 0:
            aside.replace(self._file)
            self._forget_old()
        classes.unlink(missing_ok=True)

    def _forget_old(self) -> None:
        found = sorted(self._file.parent.glob("kafka-*.jsa"), key=lambda file: file.stat().st_mtime)
        for old in found[:-_KEPT]:
            old.unlink(missing_ok=True)
