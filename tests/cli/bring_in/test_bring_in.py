"""`plek bring-in` on real servers: the counts are right, the second time changes nothing, and a run that was killed is continued."""

import signal
import subprocess
from collections.abc import AsyncIterator
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from tests.cli.spine import Spine, spine
from tests.controlled_servers import Kafka, Valkey
from tests.spreadsheets import csv_file, xlsx_file
from tests.waiting import until

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(300)]

_UNITS = 12
_PAST = 900
_HEADER = (
    "Locatie",
    "Organisatie",
    "Regio",
    "Beveiliging",
    "Doelgroep",
    "Max leeftijd zonen",
    "Telefoon",
    "Kamer",
    "Soort",
    "Volw.",
    "Kinderen",
)
_SHELTERS = {"De Linde": "de-linde", "De Beuk": "de-beuk"}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def plek(kafka: Kafka, valkey: Valkey, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Spine]:
    """All of Plek, with two shelters that an operator brought in."""
    async with spine(kafka, valkey, tmp_path_factory.mktemp("bring-in")) as running:
        rows: list[list[Any]] = [list(_HEADER)]
        for name in _SHELTERS:
            rows.append([name, "De Linden", "Breda", "open", "vrouwen", None, "0800-000001", 1, "crisis", 2, 4])
            rows += [[None] * 7 + [number, "crisis", 2, 4] for number in range(2, _UNITS + 1)]
        done = _run(running, _file(running, "shelters.xlsx", xlsx_file(rows)), "--yes")
        assert "To send: 2 shelters, 24 units" in done.stdout, done.stdout + done.stderr
        await until(lambda: _shown(running).keys() == set(_SHELTERS.values()))
        yield running


def _file(plek: Spine, name: str, content: bytes) -> str:
    file: Path = plek.settings.data / name
    file.write_bytes(content)
    return str(file)


def _run(plek: Spine, *words: str) -> subprocess.CompletedProcess[str]:
    done = plek.plek("bring-in", *words)
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def _shown(plek: Spine) -> dict[str, dict[str, int]]:
    """Return the counts of each shelter."""
    answer = httpx.get(f"{plek.parts['api'].address}/v1/shelters", headers=_operator(plek))
    return {shelter["shelter"]: shelter["counts"] | {"heard": shelter["heard_at"]} for shelter in answer.json().get("shelters", ())}


def _stays() -> bytes:
    """Make past stays of both shelters, one after another in each unit, and two that run."""
    rows = ["Locatie;Kamer;Opname;Vertrek;Volwassenen;Kinderen;Naam cliënt"]
    for number in range(_PAST):
        shelter, unit, turn = list(_SHELTERS)[number % 2], 1 + number // 2 % _UNITS, number // 2 // _UNITS
        month, year = 1 + turn % 12, 2018 + turn // 12
        rows.append(f"{shelter};{unit};{1 + unit}-{month}-{year};{13 + unit}-{month}-{year};1;{number % 3};Canary")
    rows += ["De Linde;3;5-3-2024;;1;2;Canary", "De Beuk;4;6-3-2024;;1;0;Canary", "De Beuk;4;5-3-2024;;1;0;Canary", "Totaal;;;;902;900;"]
    return csv_file(*rows, encoding="cp1252")


async def test_a_file_is_shown_before_it_is_sent(plek: Spine) -> None:
    """Without --yes and a terminal to ask at, the preview is all: what is sent, what is left out by line, which columns are not read."""
    done = plek.plek("bring-in", _file(plek, "stays.csv", _stays()))
    assert done.returncode == 2
    assert "Nothing was sent: add --yes" in done.stderr
    assert f"To send: {_PAST + 2} admissions, {_PAST} discharges" in done.stdout
    assert f"line {_PAST + 4}: heeft geen einddatum, maar regel {_PAST + 3} begint later in dezelfde kamer (has no end" in done.stdout
    assert "lijken gegevens van personen: Naam cliënt" in done.stdout
    assert "Canary" not in done.stdout + done.stderr
    assert all(counts["occupied"] == 0 for counts in _shown(plek).values())


async def test_a_run_that_was_killed_is_continued(plek: Spine) -> None:
    """Killed while it sends, and run again: every stay counts once, and a third run changes nothing; the shelters are not heard of."""
    file = _file(plek, "stays.csv", _stays())
    command, environment = plek.command("bring-in", file, "--yes")
    begin = _records(plek)
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as killed:
        await until(lambda: _records(plek) > begin or killed.poll() is not None)
        killed.send_signal(signal.SIGKILL)
    _run(plek, file, "--yes")
    await until(lambda: [_shown(plek)[shelter]["occupied"] for shelter in _SHELTERS.values()] == [1, 1])
    before, written = _state(plek), _records(plek)
    for words in ((file, "--yes"), (file, "--yes", "--shelter", "de-linde", "--shelter", "de-beuk")):
        assert "0 refused" in _run(plek, *words).stdout
    await until(lambda: _records(plek) >= written + 2 * 2 * _PAST)
    assert _state(plek) == before
    assert {counts["heard"] for counts in _shown(plek).values()} == {None}
    assert {counts["unknown"] for counts in _shown(plek).values()} == {_UNITS - 1}


def _records(plek: Spine) -> int:
    """Return how many records the view has folded."""
    return sum(-1 if position is None else position for position in _whole_state(plek)["positions"].values())


def _state(plek: Spine) -> Any:
    """Return what the state says of shelters, without where it was read."""
    state = _whole_state(plek)
    return {name: state[name] for name in ("shelters", "national", "dead_letters")}


def _whole_state(plek: Spine) -> dict[str, Any]:
    state: dict[str, Any] = httpx.get(f"{plek.parts['api'].address}/v1/operator/state", headers=_operator(plek)).json()
    return state


@cache
def _operator(plek: Spine) -> dict[str, str]:
    return {"Authorization": f"Bearer {plek.plek('token', 'operator').stdout.strip()}"}


async def test_an_occupancy_is_brought_in_by_a_shelter(plek: Spine) -> None:
    """A shelter brings in who is there today; the second time its rows are unchanged, and a household that left is only named."""
    words = ("--shelter", "de-linde", "--set", "shelter=de-linde", "--yes")
    rows = ["Kamer;Status;Huishouden", "1;bezet;2 volw. 1 kind", "2;vrij;", "3;vrij;", "5;schoonmaak;"]
    done = _run(plek, _file(plek, "today.csv", csv_file(*rows)), *words)
    assert "To send: 1 admissions, 1 closures" in done.stdout
    assert "line 4: hier staat vrij, maar volgens Plek is de kamer bezet" in done.stdout
    await until(lambda: (_shown(plek)["de-linde"]["occupied"], _shown(plek)["de-linde"]["closed"]) == (2, 1))
    again = _run(plek, _file(plek, "today.csv", csv_file(*rows)), *words)
    assert "To send: nothing" in again.stdout
    assert "Unchanged: 3 rows" in again.stdout


async def test_a_template_is_written_and_never_over_a_file(plek: Spine) -> None:
    """A template is recognised as one, and sends nothing before it is filled in."""
    file = plek.settings.data / "template.xlsx"
    _run(plek, "--template", "stays", str(file))
    assert "To send: nothing" in _run(plek, str(file)).stdout
    assert plek.plek("bring-in", "--template", "stays", str(file)).returncode == 2


async def test_what_a_shelter_declares_is_a_proposal(plek: Spine) -> None:
    """A shelter proposes another telephone and a new unit by a file; both wait for a confirmation, and nothing has changed."""
    header = "Locatie;Telefoon;Kamer;Soort;Max volwassenen;Max kinderen;Bedden"
    file = _file(plek, "change.csv", csv_file(header, f"De Beuk;0800-000002;{_UNITS + 1};crisis;1;2;3"))
    done = _run(plek, file, "--yes", "--shelter", "de-beuk")
    assert "To send: 1 shelters to propose, 1 units to propose" in done.stdout
    assert "2 proposals wait for a confirmation" in done.stdout
    assert _shown(plek)["de-beuk"]["capacity"] == _UNITS
