"""One request as a page sees it: the session, the form that was sent, and what a page answers with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import uuid4

from starlette.datastructures import FormData, QueryParams
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from services.adapters.clock import Clock
from services.adapters.regions import RegionRow
from services.web.clients.plek_client import Answer, PlekClient
from services.web.pages import words
from services.web.pages.language import language_of
from services.web.pages.templates import Templates
from services.web.session.cookies import SessionCookies
from services.web.session.form_tokens import form_token
from services.web.session.login import Login
from services.web.session.session import Session

_SEE_OTHER: Final = 303
_UNAUTHENTICATED: Final = 401


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What all pages stand on."""

    client: PlekClient
    cookies: SessionCookies
    login: Login
    templates: Templates
    regions: Mapping[str, RegionRow]
    now: Clock
    role_claim: str
    practice: bool = False
    """No shelter and no household is real: the pages say so, and show a household to practise with."""


@dataclass(slots=True, kw_only=True)
class Visit:
    """A request of a person; `session` is None on public pages."""

    request: Request
    site: Site
    session: Session | None
    form: FormData | QueryParams = field(default_factory=FormData)
    """What was typed: the form that was sent, or what the address fills a form in with."""
    token_refused: bool = False
    """Whether a service refused the person's token: it was taken back elsewhere, while the session of this browser went on."""

    @property
    def language(self) -> str:
        """The language of the page."""
        return language_of(self.request)

    @property
    def signed_in(self) -> Session:
        """The session of a page that is not public; RuntimeError on one that is."""
        if self.session is None:
            raise RuntimeError("a page without roles has no session")
        return self.session

    @property
    def token(self) -> str:
        """The token of the person; empty on a public page."""
        return self.session.token if self.session else ""

    def say(self, text: str) -> str:
        """Return a text of a table in the language of the page."""
        return self.site.templates.translate(self.language, text)

    async def get(self, path: str, **parameters: str) -> Answer:
        """Read something with the person's token."""
        return self._noted(await self.site.client.get(self.token, path, **parameters))

    async def get_if_changed(self, path: str, tag: str, **parameters: str) -> Answer:
        """Read something with the person's token, of which the page has the answer with this tag."""
        return self._noted(await self.site.client.get_if_changed(self.token, path, tag, parameters))

    async def post(self, path: str, body: Any = None) -> Answer:
        """Send something with the person's token; the key of the form makes a second copy count once."""
        key = self.form.get("key")
        return self._noted(await self.site.client.post(self.token, path, body, key if isinstance(key, str) and key else None))

    async def put(self, path: str, **parameters: str) -> Answer:
        """Put something where it is to be, with the person's token."""
        return self._noted(await self.site.client.put(self.token, path, **parameters))

    def _noted(self, answer: Answer) -> Answer:
        self.token_refused |= answer.status == _UNAUTHENTICATED
        return answer

    def text(self, name: str) -> str:
        """Return what stands in a field of the form; empty where it is missing."""
        found = self.form.get(name, "")
        return found.strip() if isinstance(found, str) else ""

    def texts(self, name: str) -> list[str]:
        """Return every value of a field of the form."""
        return [each for each in self.form.getlist(name) if isinstance(each, str)]

    def sent_fields(self, *without: str) -> list[tuple[str, str]]:
        """List what was typed: the fields of the form, not its token and not those that are asked for again."""
        left_out = {"form_token", *without}
        return [(name, value) for name, value in self.form.multi_items() if isinstance(value, str) and name not in left_out]

    def render(self, name: str, status: int = 200, **values: Any) -> Response:
        """Return a page; its forms have a fresh key, unless `key` is that of a form that is shown again."""
        session = self.session
        common = {
            "session": session,
            "form_token": form_token(session) if session else "",
            "key": str(uuid4()),
            "path": self.request.url.path,
            "regions": self.site.regions,
            "practice": self.site.practice,
            "said": self.request.query_params.get("said", ""),
        }
        return HTMLResponse(self.site.templates.render(name, self.language, common | values), status)

    def redirect(self, to: str) -> Response:
        """Return the way to another page of ours."""
        return RedirectResponse(to, _SEE_OTHER)

    def problem(self, answer: Answer, back: str) -> Response:
        """Return a page that says what a service refused, and what to do; what could not be sent now can be sent again from there."""
        again = self.sent_fields() if self.request.method == "POST" and answer.is_away else None
        return self.render_problem(answer.shown_as, self.problem_text(answer), back, answer, again)

    def render_problem(
        self, status: int, text: str, back: str = "/", answer: Answer | None = None, again: list[tuple[str, str]] | None = None
    ) -> Response:
        """Return a page that says what went wrong; `back` is where its button leads, and `again` what is to be sent again."""
        return self.render("problem.html", status, text=text, answer=answer, back=back, again=again)

    def problem_text(self, answer: Answer) -> str:
        """Return what went wrong, in words."""
        stated = words.PROBLEMS.get(answer.kind)
        return self.say(stated) if stated else str(answer.body.get("title", self.say(words.PROBLEMS["internal-error"])))


def visit_of(site: Site, request: Request) -> Visit:
    """Return the visit of a request, with the session that its cookie holds."""
    return Visit(request=request, site=site, session=site.cookies.session(request))
