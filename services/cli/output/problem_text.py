"""A problem of the API as one line for a user: the fact, from when it works again, and what to type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from services.cli.output.clock_text import clock, clock_after, clock_rounded_up

_LIMITS: Final = {
    "search": "No searches left",
    "refinement": "No refinements of this household left",
    "hold": "No holds left",
    "request": "No requests left within the hour",
    "call": "Too many calls at once",
    "refusal": "Too many requests that were refused",
}
# The `detail` of the API speaks of its routes; these are the verbs for the same
_ACTIONS: Final = {
    "offer-over": "search again with `plek find --again`",
    "hold-over": "search again with `plek find --again`",
    "taken": "choose another offer, or search again with `plek find --again`",
    "too-many-holds": "wait for an answer, or give one back",
    "search-held": "give that hold back first",
    "no-desk": "log in as a worker of a desk",
    "kafka-away": "the same command again counts once",
    "not-accepted": "write it down, and type the same again",
    "hold-undecided": "type the same again in a moment",
}


def problem_line(status: int, headers: Mapping[str, str], problem: Mapping[str, Any], now: int) -> str:
    """Return a problem in one line; `now` (ms) is when it was read."""
    if status == 401:
        return "The API does not accept this token: `plek token` makes one"
    if status == 404 and "title" not in problem:
        return "There is no Plek API at this address"
    fact = str(problem.get("title", f"The API answers {status}")).rstrip(".")
    times = _times(status, headers, problem, now)
    if limit := _LIMITS.get(str(problem.get("limit"))):
        fact, times = ": ".join((limit, *times)), []
    return "; ".join(filter(None, [fact, *_errors(problem), *times, *_actions(problem)]))


def _errors(problem: Mapping[str, Any]) -> list[str]:
    errors = problem.get("errors", ())
    if any(error["pointer"] == "/region" and error["code"] == "missing" for error in errors):
        return ["the token is of several regions, say which with --region"]
    return [f"{error['pointer'] or 'the household'}: {error['detail']}" for error in errors]


def _times(status: int, headers: Mapping[str, str], problem: Mapping[str, Any], now: int) -> list[str]:
    """Return from when it works again as a clock time, where that is known."""
    if instant := problem.get("again_at") or problem.get("from"):
        return [f"again from {clock_rounded_up(instant, now)}"]
    after = headers.get("Retry-After", "")
    return [f"again from {clock_after(int(after), now)}"] if status == 429 and after.isdecimal() else []


def _actions(problem: Mapping[str, Any]) -> list[str]:
    kind, detail = str(problem.get("type", "")).rpartition(":")[2], str(problem.get("detail", ""))
    actions = []
    if reasons := problem.get("break_glass"):
        actions.append(f"or at once with --urgent REASON, which is recorded: {', '.join(reasons)}")
    if kind in _ACTIONS:
        actions.append(_ACTIONS[kind])
    elif detail and "/v1/" not in detail and "`" not in detail:
        actions.append(detail[0].lower() + detail[1:].rstrip("."))
    if problem.get("until"):
        actions.append(f"it is kept until {clock(problem['until'])}")
    if problem.get("duty_list"):
        actions.append("`plek duty` has the numbers to phone")
    return actions
