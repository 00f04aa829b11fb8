"""What a caller is answered while the view or the log does not answer."""

from collections.abc import Iterator
from contextlib import contextmanager

from services.adapters.kafka.ports import LogUnavailableError
from services.adapters.problem_details import ProblemError
from services.adapters.view.ports import ViewUnavailableError


@contextmanager
def unavailable_as_problem() -> Iterator[None]:
    """Raise ProblemError 503 `view-away` or `kafka-away` for a view or a log that is unavailable."""
    try:
        yield
    except ViewUnavailableError as away:
        raise ProblemError("view-away") from away
    except LogUnavailableError as away:
        raise ProblemError("kafka-away") from away
