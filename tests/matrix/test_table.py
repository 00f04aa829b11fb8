"""The table itself, against the apps as they are put together: no server is needed to see that a route was forgotten."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from services.adapters.access import OPEN
from services.adapters.settings import Settings
from services.api.app import create_app as create_api
from services.gateway.app import create_app as create_gateway
from services.monitor.app import create_app as create_monitor
from tests.matrix.table import ANYBODY, ROLES, TABLE, Row

# Whose events each may send is a table of its own (test_matrix.py).
_EVENTS = "post /v1/events"
_APPS = [create(Settings.model_construct()) for create in (create_api, create_gateway, create_monitor)]


def _routes(app: FastAPI) -> Iterator[APIRoute]:
    for route in app.routes:
        assert isinstance(route, APIRoute), "added behind the back of the app: nobody could say who may ask it"
        if route.include_in_schema:
            yield route


_ROUTES = {f"{method.lower()} {route.path}": route for app in _APPS for route in _routes(app) for method in route.methods or ()}


def test_every_route_of_every_app_has_a_row_and_the_other_way_round() -> None:
    """A new route stands in the table, or this is red; so is a row of a route that is gone."""
    assert set(_ROUTES) - {_EVENTS} == set(TABLE)


def test_the_document_hides_nothing() -> None:
    """What is left out of the OpenAPI document is the document itself, and nothing else."""
    assert {getattr(route, "path", "") for app in _APPS for route in app.routes if not getattr(route, "include_in_schema", False)} == {
        "/v1/openapi.json"
    }


@pytest.mark.parametrize(("operation", "row"), TABLE.items())
def test_what_is_open_is_for_anybody_and_the_rest_is_not(operation: str, row: Row) -> None:
    """A route asks for no token just where the table lets everybody in; nobody is let in who is no role."""
    declared = _ROUTES[operation].openapi_extra or {}
    assert (OPEN in declared) == (row.roles == ANYBODY)
    assert row.roles <= set(ROLES)
