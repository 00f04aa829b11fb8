"""The policy of a page with a strict style: one style sheet, allowed by its hash, and not one style attribute.

`unsafe-inline` would allow anyone's.
"""

import re
from base64 import b64encode
from hashlib import sha256
from typing import Final

_SHEET: Final = re.compile(r"<style>(.*?)</style>", re.DOTALL)
_META: Final = '<meta http-equiv="Content-Security-Policy" content="">'


def strict_page(html: str) -> str:
    """Return a page with its policy filled in."""
    return html.replace(_META, _META.replace('content=""', f'content="{page_policy(html)}"'))


def page_policy(page: str) -> str:
    """Return the Content-Security-Policy of a page: nothing but the one style sheet that it has, by its hash."""
    found = _SHEET.search(page)
    digest = b64encode(sha256((found[1] if found else "").encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'"
