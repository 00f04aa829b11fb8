"""The rows of the benchmark, each runnable alone. A new one is a module in rows/ and a line here."""

from collections.abc import Awaitable, Callable
from typing import Final

from tests.bench.report import Result
from tests.bench.rows import (
    analysts,
    countries,
    gateway,
    live,
    monitor,
    processor,
    rebalance,
    rebuild,
    report,
    search,
    trivial,
    units,
    up,
    visible,
    workers,
)
from tests.bench.stage import Stage

Row = Callable[[Stage], Awaitable[list[Result]]]

ROWS: Final[dict[str, Row]] = {
    "processor": processor.measure,
    "trivial": trivial.measure,
    "workers": workers.measure,
    "rebalance": rebalance.measure,
    "rebuild": rebuild.measure,
    "units": units.measure,
    "countries": countries.measure,
    "gateway": gateway.measure,
    "visible": visible.measure,
    "search": search.measure,
    "live": live.measure,
    "up": up.measure,
    "monitor": monitor.measure,
    "report": report.measure,
    "analysts": analysts.measure,
}
