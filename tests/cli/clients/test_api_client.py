"""A refusal of the API as one line: the fact, a clock time, and what to type."""

import json
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from services.cli.clients.api_client import ApiClient
from services.cli.output.problem_text import problem_line
from services.cli.output.quota_text import searches_left
from services.local.user_error import UserError

NOW = round(datetime(2026, 3, 14, 2, 10, 30, tzinfo=UTC).timestamp() * 1_000)
AT = "2026-03-14T02:12:00Z"


def problem(kind: str, status: int, headers: dict[str, str] | None = None, **members: Any) -> str:
    """Return the line for a problem."""
    return problem_line(status, headers or {}, {"type": f"urn:plek:problem:{kind}", "title": "The fact"} | members, NOW)


def test_a_limit_has_a_clock_time_and_a_way_on() -> None:
    """A 429 has the clock time from which it works again, how to pass the limit at once, and the verb with the numbers; no seconds."""
    text = problem("too-many", 429, {"Retry-After": "85"}, again_at=AT, break_glass=["many_households", "other"], duty_list="/v1/duty-list")
    local = datetime.fromisoformat(AT).astimezone()
    assert f"again from {local:%a %d %b} {local:%H:%M}" in text or f"again from {local:%H:%M}" in text
    assert "or at once with --urgent REASON, which is recorded: many_households, other" in text
    assert "`plek duty` has the numbers to phone" in text
    assert "85" not in text


@pytest.mark.parametrize(
    ("limit", "words"),
    [("search", "No searches left"), ("refinement", "No refinements of this household left"), ("hold", "No holds left")],
)
def test_the_reached_limit_is_named(limit: str, words: str) -> None:
    """The first words name the limit, and the clock time from which it works again."""
    at = datetime.fromisoformat(AT).astimezone()
    text = problem("too-many", 429, again_at=AT, limit=limit, break_glass=["other"])
    assert text.startswith(f"{words}: again from ")
    assert f"{at:%H:%M}; or at once" in text


def test_a_limit_without_a_time_has_that_of_the_header() -> None:
    """Where only `Retry-After` says how long, its seconds become a clock time, rounded up to the minute."""
    later = datetime.fromtimestamp(NOW / 1_000 + 90, UTC).astimezone()
    assert problem("too-many", 429, {"Retry-After": "85"}).endswith(f"{later:%H:%M}")


@pytest.mark.parametrize("kind", ["data-unavailable", "rebuilding", "kafka-away"])
def test_no_answer_says_phone_without_the_numbers(kind: str) -> None:
    """A 503 names the verb that has the numbers, and no path of the API."""
    text = problem(kind, 503, detail="Phone: /v1/duty-list has the numbers", duty_list="/v1/duty-list")
    assert "`plek duty` has the numbers to phone" in text
    assert "/v1/" not in text


def test_extending_early_has_a_time() -> None:
    """The 409 of an early extension has the clock time from which the hold can be extended."""
    local = datetime.fromisoformat(AT).astimezone()
    assert f"{local:%H:%M}" in problem_line(409, {}, {"type": "urn:plek:problem:extend-early", "title": "Too early", "from": AT}, NOW)


def test_several_regions_of_a_token_are_asked_for() -> None:
    """A token of several regions does not land in one of them: the line says which option decides."""
    missing = {"pointer": "/region", "code": "missing", "detail": "is missing"}
    assert "say which with --region" in problem("invalid", 400, errors=[missing])


def test_a_refusal_ends_the_verb_in_one_line() -> None:
    """A problem of the API ends a verb with one line, not with an answer."""
    refused = httpx.Response(409, content=json.dumps({"type": "urn:plek:problem:hold-over", "title": "This hold is over"}))
    with httpx.Client(base_url="http://api", transport=httpx.MockTransport(lambda _: refused)) as client, pytest.raises(UserError) as error:
        ApiClient(client).request("POST", "/v1/holds")
    assert str(error.value) == "This hold is over; search again with `plek find --again`"


def test_the_beginning_of_an_id_finds_a_hold() -> None:
    """A hold is named by the beginning of its id; the beginning of none or of several is refused."""
    ids = ["66506084-1e18-45f9-b357-57fe640f84d3", "66511111-1e18-45f9-b357-57fe640f84d3"]
    holds = httpx.MockTransport(lambda _: httpx.Response(200, json={"holds": [{"hold": each} for each in ids]}))
    with httpx.Client(base_url="http://api", transport=holds) as client:
        assert ApiClient(client).hold_id("66506") == ids[0]
        for begun in ("665", "7"):
            with pytest.raises(UserError):
                ApiClient(client).hold_id(begun)


def test_a_shelter_names_a_hold_by_the_beginning_of_its_id() -> None:
    """What a worker reads out over the phone is enough for the shelter to answer; the beginning of none or of several is refused."""
    ids = ["66506084-1e18-45f9-b357-57fe640f84d3", "66511111-1e18-45f9-b357-57fe640f84d3"]
    shelters = [{"holds_waiting": [{"hold": each}]} for each in ids]
    asked = httpx.MockTransport(lambda _: httpx.Response(200, json={"shelters": shelters}))
    with httpx.Client(base_url="http://api", transport=asked) as client:
        assert ApiClient(client).waiting_hold_id("66511") == ids[1]
        for begun in ("665", "7"):
            with pytest.raises(UserError, match="`plek accept` lists them"):
                ApiClient(client).waiting_hold_id(begun)


def test_a_time_from_which_it_works_is_never_too_early() -> None:
    """A limit that gives way in the middle of a minute is shown as the minute after, for the clock shows no seconds."""
    later = datetime.fromisoformat("2026-03-14T02:13:00Z").astimezone()
    assert problem("too-many", 429, again_at="2026-03-14T02:12:01Z").endswith(f"again from {later:%H:%M}")


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ('"search";r=14;t=0', "You can search 14 more times now"),
        ('"search";r=1;t=50', "You can search 1 more time now; one more from "),
        ('"refinement";r=9;t=0, "search";r=12;t=0', "You can search 12 more times now, and refine this one 9 more times"),
    ],
)
def test_what_is_left_is_shown_with_an_answer(field: str, words: str) -> None:
    """The `RateLimit` field of an answer becomes a sentence; when it is nearly used up also the time of the next."""
    text = searches_left(httpx.Headers({"RateLimit": field}), NOW)
    assert text is not None
    assert text.startswith(words)


def test_an_answer_without_limits_says_nothing_of_them() -> None:
    """An answer that counted for no limit has no line about limits."""
    assert searches_left(httpx.Headers({}), NOW) is None
