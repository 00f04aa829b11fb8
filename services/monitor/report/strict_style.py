"""Makes a page whose style a strict policy allows: one style sheet with a hash, and not one style attribute.

Drawings come with attributes and style sheets of their own; `unsafe-inline` would allow anyone's. Each attribute becomes a class.
"""

import re
from base64 import b64encode
from hashlib import sha256
from typing import Final

_SHEET: Final = re.compile(r"<style[^>]*>(.*?)</style>", re.DOTALL)
_STYLED: Final = re.compile(r'<([a-z]+)([^<>]*?) style="([^"]*)"([^<>]*)>')
_CLASS: Final = re.compile(r' class="([^"]*)"')
_META: Final = '<meta http-equiv="Content-Security-Policy" content="">'


def strict_page(html: str) -> str:
    """Return a page with one style sheet in its head, and its policy."""
    classes: dict[str, str] = {}

    def as_class(found: re.Match[str]) -> str:
        tag, before, style, after = found.groups()
        name = classes.setdefault(style, f"y{len(classes)}")
        rest = before + after
        if has_class := _CLASS.search(rest):
            name = f"{has_class[1]} {name}"
            rest = rest.replace(has_class[0], "", 1)
        return f'<{tag} class="{name}"{rest}>'

    body = _STYLED.sub(as_class, html)
    head, *drawings = _SHEET.findall(body)
    # Those of drawings are all the same, and say what holds where an element says nothing itself
    rules = [
        f"svg :where({selector}) {{{rest}" for sheet in dict.fromkeys(drawings) for selector, _, rest in [sheet.strip().partition("{")]
    ]
    sheet = "\n".join([head, *rules, *(f".{name} {{ {style} }}" for style, name in classes.items())])
    before, after = body[: body.index("<style")], body[body.index("</style>") + len("</style>") :]
    page = f"{before}<style>{sheet}</style>{_SHEET.sub('', after)}"
    return page.replace(_META, _META.replace('content=""', f'content="{page_policy(page)}"'))


def page_policy(page: str) -> str:
    """Return the Content-Security-Policy of a page: nothing but the one style sheet that it has, by its hash."""
    found = _SHEET.search(page)
    digest = b64encode(sha256((found[1] if found else "").encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'"
