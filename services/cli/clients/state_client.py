"""The whole state of an instance, from the API with an operator's token."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from services.cli.clients.api_client import open_api
from services.cli.clients.connection import OPERATOR
from services.cli.options.api_options import ApiOptions

_UNREACHABLE: Final = ", or read the view itself with `plek counts --redis`"

State = dict[str, Any]
"""The answer of GET /v1/operator/state."""


@contextmanager
def open_state(options: ApiOptions) -> Iterator[Callable[[], State]]:
    """Yield a function that reads the state as it is now. Both raise UserError."""
    with open_api(options, OPERATOR) as api:
        yield lambda: api.request("GET", "/v1/operator/state", unreachable=_UNREACHABLE).body
