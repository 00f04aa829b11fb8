"""Every code has words in both languages, and no words are of a code that is gone."""

from typing import get_args

import pytest

from services.adapters.labels.code_labels import code_lists, label_of
from services.domain.beds import holds
from services.domain.beds.shelter_snapshot import State
from services.domain.beds.staleness import Freshness
from services.domain.events import catalog as e
from services.domain.events import value_types as v
from services.monitor.figures.hotels import EVIDENCE
from services.monitor.figures.quality import REMARKS
from services.monitor.figures.result import LEFT_OUT

_LISTS = {
    "kinds": v.KINDS,
    "features": v.FEATURES,
    "services": v.SERVICES,
    "security": v.SECURITY,
    "audience": ("women", "men"),
    "destinations": v.DESTINATIONS,
    "closing_reasons": v.CLOSING_REASONS,
    "pause_reasons": v.PAUSE_REASONS,
    "correction_reasons": v.CORRECTION_REASONS,
    "decline_reasons": v.DECLINE_REASONS,
    "accommodations": v.ACCOMMODATIONS,
    "fallback_reasons": v.FALLBACK_REASONS,
    "fallback_outcomes": v.FALLBACK_OUTCOMES,
    "waiting_outcomes": v.WAITING_OUTCOMES,
    "search_outcomes": v.SEARCH_OUTCOMES,
    "evidence": ("complete", "unavailable"),
    "unit_states": get_args(State),
    "freshness": get_args(Freshness),
    "hold_statuses": get_args(holds.Status),
    "hold_refusals": get_args(holds.Refusal),
    "figure_parts": (*set(EVIDENCE).difference(v.FALLBACK_REASONS), "open", "adults", "children", *REMARKS, *LEFT_OUT.values()),
    "event_types": tuple(e.SHORT_NAMES.values()),
}


@pytest.mark.parametrize("name", _LISTS)
def test_every_code_of_the_contract_has_words(name: str) -> None:
    """A list has words for exactly the codes that the contract, or the domain, has."""
    assert set(code_lists()[name]) == set(_LISTS[name])


def test_no_code_list_of_the_events_is_left_out() -> None:
    """Every list of codes that a field of an event may take is one of the lists with words."""
    rules = (rule for rule in vars(v).values() for rule in getattr(rule, "__metadata__", ()))
    inner = (getattr(rule, "rule", rule) for rule in rules)
    assert {rule.codes for rule in inner if isinstance(rule, v.OneOf)} <= set(_LISTS.values())


@pytest.mark.parametrize(("name", "listed"), code_lists().items())
def test_words_are_in_both_languages(name: str, listed: dict[str, object]) -> None:
    """No label is empty, in Dutch or in English, and none has a line feed."""
    for code in listed:
        label = label_of(name, code)
        assert all(words and words == words.strip() and "\n" not in words for words in label)
