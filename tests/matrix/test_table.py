"""The table itself, against the apps as they are put together: no server is needed to see that a route was forgotten."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from services.adapters.config.settings import Settings
from services.adapters.http.route_policy import policies
from services.api.app import create_app as create_api
from services.gateway.app import create_app as create_gateway
from services.monitor.app import create_app as create_monitor
from tests.matrix.table import ANYBODY, MAY_SEND, ROLES, TABLE, Row

# Whose events each may send is a table of its own (test_matrix.py).
_EVENTS = "post /v1/events"
_APPS = [create(Settings.model_construct()) for create in (create_api, create_gateway, create_monitor)]


def _routes(app: FastAPI) -> Iterator[APIRoute]:
    for route in app.routes:
        assert isinstance(route, APIRoute), "added behind the back of the app: nobody could say who may ask it"
        if route.include_in_schema:
            yield route


_ROUTES = {f"{method.lower()} {route.path}": route for app in _APPS for route in _routes(app) for method in route.methods or ()}
_POLICIES = {f"{method.lower()} {path}": policy for app in _APPS for method, path, policy in policies(app)}


def test_every_route_of_every_app_has_a_row_and_the_other_way_round() -> None:
    """A new route stands in the table, or this is red; so is a row of a route that is gone."""
    assert set(_ROUTES) - {_EVENTS} == set(TABLE)


def test_the_document_hides_nothing() -> None:
    """What is left out of the OpenAPI document is the preflight request of a document, and nothing else."""
    hidden = {(path, method) for app in _APPS for method, path, _ in policies(app)} - {
        (path, method.upper()) for app in _APPS for path, methods in app.openapi()["paths"].items() for method in methods
    }
    assert hidden == {("/v1/openapi.json", "OPTIONS"), ("/v1/asyncapi.json", "OPTIONS")}


@pytest.mark.parametrize(("operation", "row"), TABLE.items())
def test_the_policy_of_a_route_lets_in_whom_the_table_lets_in(operation: str, row: Row) -> None:
    """Its roles are those of the row, and it is public just where the row asks for no token."""
    policy = _POLICIES[operation]
    assert bool(policy.public) == (row.roles == ANYBODY and not row.logged_in)
    assert set(policy.roles) == (set() if policy.public else row.roles)
    assert row.roles <= set(ROLES)


def test_the_policy_of_events_lets_in_the_roles_that_may_send_one() -> None:
    """Its roles are those of the table of events that has any."""
    assert set(_POLICIES[_EVENTS].roles) == {role for role, names in MAY_SEND.items() if names}
