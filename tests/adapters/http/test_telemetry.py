"""A request can be followed by the id of its trace, and by nothing that it held."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import orjson
import pytest
from fastapi import Depends, FastAPI, Response
from opentelemetry import trace
from opentelemetry.trace import NonRecordingSpan, Span, Tracer, TracerProvider
from opentelemetry.trace.span import INVALID_SPAN_CONTEXT

from services.adapters.clock import seconds
from services.adapters.http.app_factory import json_response, new_app
from services.adapters.http.route_policy import RoutePolicy
from services.adapters.observability.json_logging import JsonFormatter
from services.adapters.observability.metrics import Metrics
from tests.adapters.http.test_middleware import asking

_PUBLIC = RoutePolicy(public="it is a test", not_audited="it is a test")
_TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
_SENT = {"traceparent": f"00-{_TRACE}-00f067aa0ba902b7-01"}


class Recorder(TracerProvider):
    """A provider as an operator's auto-instrumentation sets one; it keeps the name and attributes of each span."""

    def __init__(self) -> None:
        self.spans: list[str] = []

    def get_tracer(self, *_: Any, **__: Any) -> Tracer:
        """Return a tracer that keeps what it is asked to record."""
        spans = self.spans

        class Keeping(Tracer):
            def start_span(self, name: str, *_: Any, **more: Any) -> Span:
                spans.append(f"{name} {more.get('attributes')}")
                return NonRecordingSpan(INVALID_SPAN_CONTEXT)

            @contextmanager
            def start_as_current_span(self, name: str, *_: Any, **more: Any) -> Iterator[Span]:  # type: ignore[override]  # its own form is private
                yield self.start_span(name, **more)

        return Keeping()


@pytest.fixture
def recorder(monkeypatch: pytest.MonkeyPatch) -> Recorder:
    """Make a provider the one of this process, for one test."""
    provider = Recorder()
    monkeypatch.setattr(trace, "_TRACER_PROVIDER", provider)
    return provider


def _app() -> FastAPI:
    app = new_app("A service", "", Metrics(), seconds)

    @app.get("/v1/holds/{hold}", dependencies=[Depends(_PUBLIC)])
    async def hold(hold: str) -> Response:
        logging.getLogger("services.test").warning("looked")
        return json_response({"length": len(hold)})

    @app.get("/v1/fault", dependencies=[Depends(_PUBLIC)])
    async def fault() -> Response:
        raise ValueError

    return app


async def test_no_span_is_made_of_a_request(recorder: Recorder) -> None:
    """With a provider in the process a plain app of FastAPI records the path of a request; a service of Plek records nothing."""
    plain = FastAPI()
    plain.get("/v1/holds/{hold}")(lambda hold: {"length": len(hold)})
    async with asking(plain) as client:
        assert (await client.get("/v1/holds/CANARY")).status_code == 200
    assert "CANARY" in str(recorder.spans)
    recorder.spans.clear()
    async with asking(_app()) as client:
        assert (await client.get("/v1/holds/CANARY")).status_code == 200
    assert recorder.spans == []


@pytest.mark.parametrize(("path", "status"), [("/v1/holds/CANARY", 200), ("/v1/fault", 500), ("/v1/nowhere", 404)])
async def test_each_log_line_and_the_answer_have_the_trace(path: str, status: int, caplog: pytest.LogCaptureFixture) -> None:
    """The lines of a request, also of one that fails, have the trace id that was sent, and so has the answer, as a step of it."""
    lines: list[dict[str, Any]] = []
    handler = logging.Handler()
    handler.emit = lambda record: lines.append(orjson.loads(JsonFormatter("test").format(record)))  # type: ignore[method-assign]
    caplog.set_level(logging.INFO)
    logging.root.addHandler(handler)
    try:
        async with asking(_app()) as client:
            answer = await client.get(path, headers=_SENT)
            unnamed = await client.get(path)
    finally:
        logging.root.removeHandler(handler)
    ours = [line for line in lines if line["logger"].startswith("services.")]
    half = len(ours) // 2
    assert answer.status_code == status
    assert {line["trace"] for line in ours[:half]} == {_TRACE} == {answer.headers["traceparent"].split("-")[1]}
    assert answer.headers["traceparent"] != _SENT["traceparent"]
    assert {line["trace"] for line in ours[half:]} == {unnamed.headers["traceparent"].split("-")[1]} != {_TRACE}


async def test_what_is_no_trace_is_not_repeated() -> None:
    """A header in another form is in no answer."""
    async with asking(_app()) as client:
        answer = await client.get("/v1/holds/x", headers={"traceparent": "00-CANARY"})
    assert "CANARY" not in answer.headers["traceparent"]
