"""What is generated is what the code gives."""

from __future__ import annotations

import pytest

from services.adapters.schemas import __main__ as generator
from services.domain.events.catalog import BED_EVENTS, DEMAND_EVENTS


def test_nothing_is_stale() -> None:
    """Every generated file is what `make schemas` would write, and none is left over."""
    assert generator.stale() == []


def test_every_event_type_has_a_schema_and_examples() -> None:
    """An event type without its schema, its examples or its place in AsyncAPI does not pass."""
    made = generator.documents()
    assert sum(name.startswith("schemas/events/") for name in made) == len(BED_EVENTS) + len(DEMAND_EVENTS)


def test_writing_is_stable() -> None:
    """Generating twice gives the same bytes."""
    assert generator.documents() == generator.documents()


def test_stale_files_are_named_and_written(tmp_path: object, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """--check names each stale file and fails; writing puts them right and removes what is left over."""
    monkeypatch.setattr(generator, "ROOT", tmp_path)
    assert generator.main(["--check"]) == 1
    assert "stale: schemas/events/admission.v1.json" in capsys.readouterr().err
    assert generator.main([]) == 0
    (generator.ROOT / "schemas" / "events" / "gone.v1.json").write_text("{}")
    assert generator.stale() == ["schemas/events/gone.v1.json"]
    generator.write()
    assert generator.main(["--check"]) == 0
