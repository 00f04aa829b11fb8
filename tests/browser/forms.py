"""The forms of the pages as their templates have them, and which of them a browser has sent."""

import re
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from playwright.async_api import BrowserContext, Request

_TEMPLATES: Final = Path(str(files("services.web").joinpath("templates")))
_FORM: Final = re.compile(r'<form method="(get|post)" action="([^"]*)"')
Form = tuple[str, str]


def forms_of(folder: str) -> set[Form]:
    """List the forms of the templates in a folder: method, and where each leads, with a star for what the page fills in."""
    found = (_FORM.findall(file.read_text("utf-8")) for file in _TEMPLATES.glob(f"{folder}/*.html"))
    return {(method.upper(), re.sub(r"\{\{.*?\}\}", "*", action)) for forms in found for method, action in forms}


@dataclass
class Sent:
    """What a browser has sent with forms: method and path of each."""

    sent: set[Form] = field(default_factory=set)

    def watch(self, context: BrowserContext) -> None:
        """Note each form that a browser sends from now on."""
        context.on("request", self._note)

    def _note(self, request: Request) -> None:
        address = urlsplit(request.url)
        if request.is_navigation_request() and (request.method == "POST" or address.query):
            self.sent.add((request.method, address.path))

    def missing(self, forms: set[Form]) -> set[Form]:
        """Return the forms of these that were not sent."""
        return {form for form in forms if not any(self._is(form, sent) for sent in self.sent)}

    @staticmethod
    def _is(form: Form, sent: Form) -> bool:
        pattern = ".+".join(map(re.escape, form[1].split("*")))
        return form[0] == sent[0] and re.fullmatch(pattern, sent[1]) is not None
