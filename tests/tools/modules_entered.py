"""`python -m tests.tools.modules_entered`: the modules of services/ that one search and one hold enter.

It counts what a reader has to follow: every module of which the API calls at least one function while it handles one request, in process.
Imports are done before; what tasks in the background do is not of the request; adapters of Kafka and Redis are their in-memory twins.
"""

import asyncio
import sys
import tempfile
from collections import Counter
from collections.abc import Coroutine, Sequence
from contextvars import Context, ContextVar
from pathlib import Path
from types import FrameType
from typing import Any, Final, TypeVar

from services.adapters.kafka.ports import LogPosition, LogRecord
from tests.api.desks import MOTHER, Desks, desks

T = TypeVar("T")

AIM: Final = 26
"""The most modules that one request should enter."""
_SERVICES: Final = Path(__file__).parents[2] / "services"
_COUNTS: Final = ContextVar[bool]("counts", default=False)


async def count(work: Coroutine[Any, Any, T]) -> tuple[T, dict[str, int]]:
    """Run work; return its result, and by module of services/ how many of its functions were entered."""
    entered = set[tuple[str, str, int]]()

    def profile(frame: FrameType, event: str, _: object) -> None:
        code = frame.f_code
        if event == "call" and code.co_name != "<module>" and code.co_filename.startswith(str(_SERVICES)) and _COUNTS.get():
            entered.add((code.co_filename, code.co_name, code.co_firstlineno))

    async def counted() -> T:
        _COUNTS.set(True)  # tasks that the work makes inherit it; those that run already don't have it
        return await work

    sys.setprofile(profile)
    try:
        result = await asyncio.create_task(counted())
    finally:
        sys.setprofile(None)
    files = Counter(file for file, _, _ in entered)
    return result, {".".join(Path(file).relative_to(_SERVICES).with_suffix("").parts): number for file, number in sorted(files.items())}


async def search_and_hold(folder: Path) -> dict[str, dict[str, int]]:
    """Make a search and hold its first offer; return by request the modules that it entered."""
    async with desks(folder) as api:
        _fold_apart(api)
        await api.shelters("berk", "den")
        await api.hold((await api.search())["offers"][0]["offer"])  # what is imported or computed once, is by now
        worker = api.callers.worker("second")
        answer, of_search = await count(api.client.post("/v1/searches", headers=worker, json=MOTHER))
        assert answer.status_code == 200, answer.text
        offer = {"offer": answer.json()["offers"][0]["offer"]}
        answer, of_hold = await count(api.client.post("/v1/holds", headers=worker, json=offer))
        assert answer.status_code == 201, answer.text
    return {"POST /v1/searches": of_search, "POST /v1/holds": of_hold}


def _fold_apart(api: Desks) -> None:
    """Fold what is appended to the log in a task without a context, as the processor does in a process of its own."""
    append = api.log.append

    async def apart(records: Sequence[LogRecord]) -> list[LogPosition]:
        return await asyncio.create_task(append(records), context=Context())

    api.log.append = apart  # type: ignore[method-assign]


def main() -> int:
    """Print each request with its modules; return 1 while one of them enters more than the aim."""
    with tempfile.TemporaryDirectory() as folder:
        requests = asyncio.run(search_and_hold(Path(folder)))
    both = set.intersection(*(set(modules) for modules in requests.values()))
    for request, modules in requests.items():
        sys.stdout.write(f"{request}: {len(modules)} modules (aim: at most {AIM}), {sum(modules.values())} functions\n")
        sys.stdout.write(f"  {len(both)} that both requests enter, {len(modules.keys() - both)} of its own\n")
        for name, functions in modules.items():
            sys.stdout.write(f"  {name:<45}{functions:>4}\n")
    return int(any(len(modules) > AIM for modules in requests.values()))


if __name__ == "__main__":
    sys.exit(main())
