"""The token in every form: only a page that this session was shown can send one (OWASP, HMAC based token pattern)."""

import hashlib
import hmac

from services.web.session.session import Session


def form_token(session: Session) -> str:
    """Return the token of the forms of a session."""
    return hmac.new(session.secret.encode(), b"form", hashlib.sha256).hexdigest()


def is_form_token(session: Session, text: object) -> bool:
    """Return whether a form came from a page of this session."""
    return isinstance(text, str) and hmac.compare_digest(form_token(session).encode(), text.encode())
