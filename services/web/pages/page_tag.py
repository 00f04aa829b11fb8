"""The entity tag of a page that asks again by itself: the tag of the answer that it shows, and a digest of all else that it depends on.

So an unchanged page costs the service that it shows one comparison, and this one no drawing. The tag is in the page, not in a header field:
a browser that reloads the page by hand gets all of it.
"""

import hashlib
import re
from typing import Final

from starlette.responses import Response

from services import __version__
from services.web.pages.visit import Visit

_TAG: Final = re.compile(r'"([A-Za-z0-9]{0,64})\.([0-9a-f]{32})"', re.ASCII)
_NOT_MODIFIED: Final = 304


def page_tag(visit: Visit, answer_tag: str) -> str:
    """Return the tag of a page that shows the answer with this tag."""
    return f'"{answer_tag.strip(chr(34))}.{_digest(visit)}"'


def shown_answer(visit: Visit) -> str:
    """Return the tag of the answer that the browser shows on this very page; empty where it shows none."""
    match = _TAG.fullmatch(visit.request.headers.get("if-none-match", ""))
    return f'"{match[1]}"' if match and match[2] == _digest(visit) else ""


def unchanged() -> Response:
    """Return that the page stays as it is."""
    return Response(status_code=_NOT_MODIFIED)


def _digest(visit: Visit) -> str:
    """Return a digest of what the page depends on beside the answer."""
    session = visit.session
    parts = (__version__, visit.request.url.path, visit.request.url.query, visit.language, session.role if session else None)
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:32]
