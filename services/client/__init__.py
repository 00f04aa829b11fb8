"""A client for an organisation's own system, also as a wheel: events go to a file first, and to Plek when it answers, in order and once."""

# The wheel `plek-client` has nothing else of Plek in it and is imported as `plek_client`: so imports are relative, of the standard library
# and httpx, and a contract of import-linter keeps them so

from .delivery import Notice
from .envelopes import StoredEvent
from .event_store import NotStoredError, SetAside
from .plek_outbox import PlekOutbox

__all__ = ["NotStoredError", "Notice", "PlekOutbox", "SetAside", "StoredEvent"]
