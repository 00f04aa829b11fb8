"""What a person at a desk is told when the API refuses."""

import json

import httpx
import pytest

from services.commands.desk import Desk
from services.local.trouble import Trouble


def test_who_asks_too_often_is_told_how_long_to_wait() -> None:
    """At night nobody knows what "wait" is, and the shelter can be phoned."""
    title = "Too many requests of yours in a short time: wait"
    refused = httpx.Response(429, headers={"Retry-After": "85"}, content=json.dumps({"title": title}))
    with httpx.Client(base_url="http://api", transport=httpx.MockTransport(lambda _: refused)) as client, pytest.raises(Trouble) as told:
        Desk(client).ask("POST", "/v1/holds")
    assert str(told.value) == f"{title} 85 s, and phone meanwhile"
