"""The example of docs/client.md runs as it is written."""

import re
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import pytest

import services.client
from tests.client.contract_server import ContractServer

_PAGE: Final = (Path(__file__).parents[2] / "docs" / "client.md").read_text("utf-8")
[_EXAMPLE] = re.findall(r"```python\n(.*?)```", _PAGE, re.DOTALL)


def test_the_example_runs(tmp_path: Path, plek: ContractServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The example sends seven events in the order of its lines, and reports what was refused; it has at most 20 lines."""
    installed, reported = ModuleType("plek_client"), list[Any]()
    vars(installed).update({name: getattr(services.client, name) for name in services.client.__all__})
    monkeypatch.setitem(sys.modules, "plek_client", installed)
    monkeypatch.chdir(tmp_path)

    class Here(services.client.PlekOutbox):
        """An outbox of the server in memory."""

        def __init__(self, path: str, url: str, token: Any, **more: Any) -> None:
            super().__init__(path, url, token, http=plek.http, **more)

    vars(installed)["PlekOutbox"] = Here
    given: Mapping[str, Any] = {"PLEK": "https://plek.test", "read_token": lambda: "t", "report": lambda *each: reported.append(each)}
    exec(compile(_EXAMPLE, "docs/client.md", "exec"), dict(given))  # noqa: S102 - the page of this project
    assert [each["type"].split(".")[2] for each in plek.log] == [
        "admission",
        "transfer",
        "discharge",
        "correction",
        "unit-closed",
        "unit-reopened",
        "count-confirmed",
    ]
    assert reported == []
    assert len(_EXAMPLE.splitlines()) <= 20


def test_every_call_is_on_the_page() -> None:
    """The page names every call of the outbox and every notice."""
    calls = [name for name in vars(services.client.PlekOutbox) if not name.startswith("_") and name not in {"start", "stop"}]
    assert [name for name in calls if f"`{name}(" not in _PAGE] == []
