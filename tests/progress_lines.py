"""Lines of progress on standard error: how many there are depends on the machine, so tests of what a verb says leave them out."""

import re
from typing import Final

_LINE: Final = re.compile(r"^[A-Z][a-z ]*:(?: [\d,]+ of [\d,]+,)? \d+ s\n", re.MULTILINE)


def without_progress(errors: str) -> str:
    """Return what a verb wrote on standard error, without its lines of progress."""
    return _LINE.sub("", errors)
