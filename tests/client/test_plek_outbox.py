"""The outbox: what a call returned for is sent, in order and once, and one wrong event holds up nothing."""

import sqlite3
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from services.client import Notice, NotStoredError, PlekOutbox, event_store
from services.client.delivery import Delivery
from services.client.sender_lock import SenderLock
from tests.client.conftest import Opened
from tests.client.contract_server import ContractServer, problem

Step = Callable[[], float | None]


def _step(outbox: PlekOutbox) -> Step:
    """Return what sends one batch in this thread, and returns the pause after it."""
    delivery: Delivery = outbox._delivery
    return delivery._step


def _admit(outbox: PlekOutbox, *units: str, shelter: str = "berk") -> None:
    for unit in units:
        outbox.admit(shelter, unit, adults=1)


def test_events_are_sent_in_the_order_of_their_calls(opened: Opened, plek: ContractServer, noticed: list[Notice]) -> None:
    """Five hundred calls are a few requests, in order, with times that rise, and afterwards nothing is left on disk."""
    outbox = opened()
    units = [f"u{number}" for number in range(500)]
    _admit(outbox, *units)
    assert outbox.pending() == 500
    assert outbox.drain(20)
    assert plek.units == units
    assert [len(request) for request in plek.requests] == [200, 200, 100]
    times = [each["time"] for each in plek.log]
    assert times == sorted(set(times))
    assert outbox.pending() == 0
    assert noticed == [Notice("accepted", 200), Notice("accepted", 200), Notice("accepted", 100)]
    assert plek.tokens == {"Bearer a-token"}


def test_a_started_outbox_sends_by_itself(opened: Opened, plek: ContractServer) -> None:
    """As a context manager it sends in its thread, without a wait for the next look."""
    with opened() as outbox:
        _admit(outbox, "u1")
        assert outbox.drain(10)
        started = time.monotonic()
        _admit(outbox, "u2")
        assert outbox.drain(10)
        assert time.monotonic() - started < 0.9  # less than the poll for other processes
    assert plek.units == ["u1", "u2"]


def test_what_one_start_stored_the_next_one_sends(opened: Opened, plek: ContractServer) -> None:
    """An event that was never sent is there at the next start, also from a file that was not closed."""
    _admit(opened(), "u1")
    assert opened().pending() == 1
    assert opened().drain(10)
    assert plek.units == ["u1"]


def test_the_same_key_makes_one_event(opened: Opened, plek: ContractServer) -> None:
    """A call repeated with its key gives the same names, before and after it was sent; another text under it is an error."""
    outbox = opened()
    first = outbox.admit("berk", "u1", adults=1, key="record 4711")
    assert opened().admit("berk", "u1", adults=1, key="record 4711") == first
    with pytest.raises(ValueError, match="says something else"):
        outbox.admit("berk", "u2", adults=1, key="record 4711")
    assert outbox.pending() == 1
    assert outbox.drain(10)
    assert outbox.admit("berk", "u1", adults=1, key="record 4711") == first
    assert outbox.discharge("berk", first.stay or "", "home", key="record 4711").id != first.id
    assert outbox.drain(10)
    assert [each["id"] for each in plek.log][:2] == [first.id, first.id]  # the gateway takes it twice, and it counts once (R1)


@pytest.mark.parametrize(
    "answer",
    [
        httpx.ConnectError("down"),
        httpx.ReadTimeout("slow"),
        httpx.RemoteProtocolError("cut"),
        problem(503, "kafka-away", {"Retry-After": "0"}),
        problem(429, "too-many"),
        problem(401, "unauthenticated"),
        problem(404, "not-found"),
        httpx.Response(302, headers={"Location": "https://elsewhere.test/v1/events"}),
        httpx.Response(200, text="<html>Log in</html>"),
    ],
    ids=str,
)
def test_what_gets_no_answer_is_sent_again(
    opened: Opened, plek: ContractServer, noticed: list[Notice], answer: httpx.Response | Exception
) -> None:
    """No answer of the contract: the same request again, with longer pauses, and nothing is set aside."""
    outbox = opened()
    _admit(outbox, "u1", "u2")
    plek.answering = lambda _: answer
    pauses = [_step(outbox)() for _ in range(4)]
    assert all(pause is not None and 0.25 * 2**tries <= pause <= 0.5 * 2**tries for tries, pause in enumerate(pauses)), pauses
    plek.answering = lambda _: None
    assert (_step(outbox)(), plek.units, outbox.refused()) == (0.0, ["u1", "u2"], [])
    assert [notice.name for notice in noticed] == ["unanswered"] * 4 + ["accepted"]


def test_an_answer_that_was_lost_is_no_second_event(opened: Opened, plek: ContractServer) -> None:
    """Events that are in the log, but of which the answer was lost, are sent again under the same names."""
    outbox = opened()
    _admit(outbox, "u1")

    def lose(events: list[dict[str, Any]]) -> Exception:
        plek.log += events
        return httpx.ReadError("cut")

    plek.answering = lose
    _step(outbox)()
    plek.answering = lambda _: None
    _step(outbox)()
    assert len({each["id"] for each in plek.log}) == 1 < len(plek.log)


def test_a_server_that_asks_for_time_gets_it(opened: Opened, plek: ContractServer) -> None:
    """Retry-After is waited for where it is longer than the pause of one's own."""
    outbox = opened()
    _admit(outbox, "u1")
    plek.answering = lambda _: problem(503, "kafka-away", {"Retry-After": "90"})
    assert _step(outbox)() == 90.0


def test_a_refused_event_holds_up_nothing(opened: Opened, plek: ContractServer, noticed: list[Notice]) -> None:
    """A refused event is set aside with its reasons; what follows is sent, of its shelter too: facts count in any order (R2)."""
    outbox = opened()
    _admit(outbox, "u1")
    _admit(outbox, "bad", shelter="spoilt")
    _admit(outbox, "u2")
    plek.refuses = frozenset({"spoilt"})
    assert outbox.drain(10)
    assert plek.units == ["u1", "u2"]
    [refused] = opened().refused()
    assert (refused.shelter, refused.status, refused.event["data"]["unit"]) == ("spoilt", 400, "bad")
    assert refused.reasons == [{"index": 1, "pointer": "/id", "code": "bad_id", "detail": "no UUID"}]
    assert noticed[1] == Notice("refused", 1, "bad_id", refused.id)


def test_a_refused_event_can_be_sent_again_or_deleted(opened: Opened, plek: ContractServer) -> None:
    """When what was wrong is mended the event takes its old place, before those that were stored later; or it is deleted."""
    outbox = opened()
    plek.refuses = frozenset({"spoilt"})
    _admit(outbox, "first", "second", shelter="spoilt")
    assert outbox.drain(10)
    _admit(outbox, "third", shelter="spoilt")
    plek.refuses = frozenset()
    refused = outbox.refused()
    assert outbox.discard(refused[:1]) == 1
    assert outbox.send_again(refused) == 1
    assert outbox.drain(10)
    assert (plek.units, outbox.refused()) == (["second", "third"], [])


def test_said_anew_under_its_key_a_refused_event_is_replaced(opened: Opened, plek: ContractServer) -> None:
    """A call with the key of a refused event and other values takes its place: what was refused has used up no name (R1)."""
    outbox = opened()
    plek.refuses = frozenset({"berk"})
    outbox.admit("berk", "wrong", adults=1, key="4711")
    assert outbox.drain(10)
    plek.refuses = frozenset()
    outbox.admit("berk", "right", adults=1, key="4711")
    assert outbox.drain(10)
    assert (plek.units, outbox.refused()) == (["right"], [])


@pytest.mark.parametrize("kind", [(403, "forbidden"), (413, "too-large")])
def test_of_a_request_refused_as_a_whole_the_one_event_is_found(opened: Opened, plek: ContractServer, kind: tuple[int, str]) -> None:
    """A 403 is for a whole request: halves of it find the event that is why, and all others are in the log, in order."""
    outbox = opened()
    units = [f"u{number}" for number in range(64)]
    _admit(outbox, *units)
    plek.answering = lambda events: problem(*kind) if any(each["data"]["unit"] == "u37" for each in events) else None
    assert outbox.drain(10)
    assert plek.units == [unit for unit in units if unit != "u37"]
    assert [(each.status, each.event["data"]["unit"]) for each in outbox.refused()] == [(kind[0], "u37")]
    assert len(plek.requests) < 16


def test_an_event_at_which_plek_fails_keeps_its_shelter_waiting_only(opened: Opened, plek: ContractServer) -> None:
    """Where one event gives a 500 each time, its shelter is passed over for a while, in order and undiminished; the others go on."""
    outbox = opened()
    _admit(outbox, "u1", "poison", "u2")
    _admit(outbox, "d1", "d2", shelter="den")
    plek.answering = lambda events: problem(500, "internal-error") if any(each["data"]["unit"] == "poison" for each in events) else None
    for _ in range(3):
        _step(outbox)()
    assert plek.units == ["u1", "d1", "d2"]
    assert (outbox.pending(), outbox.pending("berk"), outbox.refused()) == (2, 2, [])


def test_a_failing_token_is_waited_for(opened: Opened, plek: ContractServer, noticed: list[Notice]) -> None:
    """While the token can't be had nothing is sent and nothing is lost, whatever the provider raises; its words are not repeated."""
    broken = [True]

    def token() -> str:
        if broken:
            raise RuntimeError("secret-of-the-issuer")
        return "second"

    outbox = opened(token)
    _admit(outbox, "u1")
    _step(outbox)()
    broken.clear()
    _step(outbox)()
    assert (plek.units, plek.tokens, noticed[0]) == (["u1"], {"Bearer second"}, Notice("unanswered", 1, "no token: RuntimeError"))


def test_a_receiver_of_notices_that_fails_stops_nothing(tmp_path: Path, plek: ContractServer) -> None:
    """The sender goes on when the receiver of its notices raises."""

    def fail(_: Notice) -> None:
        raise RuntimeError

    outbox = PlekOutbox(tmp_path / "plek.sqlite", "https://plek.test", lambda: "t", http=plek.http, notify=fail)
    _admit(outbox, "u1", "u2")
    assert outbox.drain(10)
    outbox.stop()


def test_one_sender_sends_at_a_time(opened: Opened, plek: ContractServer) -> None:
    """Of two senders of a file one sends; the other waits, and takes over when the first has stopped."""
    first, second = opened(), opened()
    first.start()
    _admit(first, "u1")
    assert first.drain(10)
    second.start()
    plek.answering = lambda _: problem(503, "kafka-away", {"Retry-After": "3600"})
    _admit(second, "u2")  # the first waits an hour with it
    assert not second.drain(0.3)
    plek.answering = lambda _: None
    first.stop()
    assert second.drain(10)
    assert plek.units == ["u1", "u2"]


def test_the_lock_is_of_one_holder(tmp_path: Path) -> None:
    """A lock that is held is not given to another; released, it is."""
    one, other = (SenderLock(tmp_path / "lock") for _ in range(2))
    assert one.acquire()
    assert one.acquire()
    assert not other.acquire()
    one.release()
    assert other.acquire()
    other.release()


def test_many_threads_may_write(opened: Opened, plek: ContractServer) -> None:
    """Calls of several threads, on several openings of the file, are all stored, those of each thread in their order."""
    boxes = [opened() for _ in range(3)]

    def write(thread: int) -> None:
        for number in range(40):
            boxes[thread % 3].admit(f"s{thread}", f"u{number}", adults=1)

    with boxes[0]:
        threads = [threading.Thread(target=write, args=(number,)) for number in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert boxes[1].drain(20)
    for name in range(6):
        assert [each["data"]["unit"] for each in plek.log if each["subject"] == f"s{name}"] == [f"u{number}" for number in range(40)]


_COMES_AND_GOES: Final = """
import sys
from services.client import PlekOutbox
outbox = PlekOutbox(sys.argv[1], "http://127.0.0.1:9", lambda: "t")
outbox.admit("berk", "u0", adults=1)
print(outbox.pending())
outbox.stop()
"""


@pytest.mark.e2e
def test_a_program_that_stops_takes_nothing_from_one_that_goes_on(tmp_path: Path, opened: Opened) -> None:
    """With the file open twice here, another program comes and stops: what is stored here afterwards is on the disk for all."""
    file = tmp_path / "plek.sqlite"
    boxes = [opened(), opened()]
    found = []
    for _ in range(2):
        for outbox in boxes:
            _admit(outbox, "u1")
        other = subprocess.run((sys.executable, "-c", _COMES_AND_GOES, file), capture_output=True, text=True, check=True, timeout=60)
        found.append(other.stdout)
    assert found == ["3\n", "6\n"]


def test_a_clock_that_is_put_back_keeps_the_order(tmp_path: Path, plek: ContractServer) -> None:
    """Times rise by microseconds while a clock stands still or is put back a little; one that was far ahead is not followed."""
    clock = [1_700_000_000_000_000_000]
    outbox = PlekOutbox(tmp_path / "plek.sqlite", "https://plek.test", lambda: "t", http=plek.http)
    outbox._store._now_ns = lambda: clock[0]
    for change in (0, 0, -30_000_000_000, -3_600_000_000_000):
        clock[0] += change
        _admit(outbox, "u1")
    assert outbox.drain(10)
    outbox.stop()
    assert [each["time"] for each in plek.log] == [
        "2023-11-14T22:13:20.000000Z",
        "2023-11-14T22:13:20.000001Z",
        "2023-11-14T22:13:20.000002Z",
        "2023-11-14T21:12:50.000000Z",
    ]


def test_a_disk_that_takes_nothing_promises_nothing(tmp_path: Path, opened: Opened, plek: ContractServer) -> None:
    """A file that is no database, and one that is full, raise NotStoredError at the call; the next call works when the disk does."""
    (tmp_path / "other").write_bytes(b"this is no database, but long enough to be one" * 40)
    with pytest.raises(NotStoredError):
        PlekOutbox(tmp_path / "other", "https://plek.test", lambda: "t", http=plek.http)
    outbox = opened()
    _admit(outbox, "u1")
    assert isinstance(outbox._store._open, sqlite3.Connection)
    outbox._store._open.execute("PRAGMA max_page_count = 1")
    with pytest.raises(NotStoredError):
        outbox.send({"type": "x", "subject": "berk", "data": {"name": "x" * 100_000}})
    _admit(outbox, "u2")
    assert outbox.drain(10)
    assert plek.units == ["u1", "u2"]


def test_an_outbox_is_of_one_side_of_a_fork(opened: Opened) -> None:
    """In a process that was forked from the one that opened it, a call says so instead of spoiling the file."""
    outbox = opened()
    outbox._store._pid = 1
    with pytest.raises(NotStoredError, match="fork"):
        _admit(outbox, "u1")


def test_the_file_is_for_its_owner_and_keeps_nothing_that_was_sent(tmp_path: Path, opened: Opened) -> None:
    """Nobody else can read the files, and what was sent is overwritten."""
    outbox = opened()
    _admit(outbox, "unit-to-be-forgotten")
    assert all(stat.S_IMODE(file.stat().st_mode) & 0o077 == 0 for file in tmp_path.glob("plek.sqlite*") if file.suffix != ".sender")
    assert outbox.drain(10)
    outbox.stop()
    assert b"unit-to-be-forgotten" not in b"".join(file.read_bytes() for file in tmp_path.glob("plek.sqlite*"))


def test_a_token_is_not_sent_in_the_clear(tmp_path: Path) -> None:
    """The address is https, or on this machine; a client of your own may have any."""
    for url in ("http://plek.example", "ftp://127.0.0.1", "plek.example"):
        with pytest.raises(ValueError, match="https"):
            PlekOutbox(tmp_path / "plek.sqlite", url, lambda: "t")
    PlekOutbox(tmp_path / "plek.sqlite", "http://127.0.0.1:8081", lambda: "t").stop()


def test_a_request_stays_below_what_the_gateway_takes(opened: Opened, plek: ContractServer) -> None:
    """Large events go in several requests, each of less than half a mebibyte or of one event."""
    outbox = opened()
    for size in (300_000, 300_000, 100_000, 500_000, 10):
        outbox.send({"type": "x", "subject": "berk", "data": {"unit": "u" * size}})
    assert outbox.drain(10)
    assert [[len(unit) for unit in request] for request in plek.requests] == [[300_000], [300_000, 100_000], [500_000, 10]]
    assert event_store._MOST_BYTES == 524_288
