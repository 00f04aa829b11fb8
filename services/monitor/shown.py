"""How an answer is written down: as one JSON document, or as rows of which each can stand alone. The same answer gives the same bytes.

Nothing known is null, and `unknown` in CSV; never 0, never an empty field.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, Literal, NamedTuple

from services.adapters import instants
from services.monitor.answer import Answer, Figure, Row
from services.monitor.definition import Definition
from services.monitor.question import Offsets, Scope

Type = Literal["text", "whole", "number", "yes or no"]


class Column(NamedTuple):
    """A column of the rows: its name, what is in it, and what that means."""

    name: str
    type: Type
    sentence: str


COLUMNS: Final = (
    Column("figure", "text", "The figure, by the name of its definition"),
    Column("version", "whole", "The version of that definition"),
    Column("unit", "text", "What the value counts; of a share it is 1 for all"),
    Column("province", "text", "The province (PV20 to PV31), or nothing: all of them"),
    Column("region", "text", "The region (R01 to R35), or nothing: all of them"),
    Column("kind", "text", "The kind of unit, or nothing: all of them"),
    Column("start", "text", "From when, in UTC; of an instant the same as the end"),
    Column("end", "text", "Until when, in UTC, that instant excluded"),
    Column("part", "text", "Which part of the whole, such as reason=at_night; several with a semicolon; nothing: the whole"),
    Column("value", "number", "The number; nothing known: null, in CSV `unknown`"),
    Column("n", "whole", "So many units, stays, households or requests stand behind it, where that was counted"),
    Column("shelters", "whole", "Of so many shelters, where shelters are part of it"),
    Column("heard_of", "number", "Share of registered shelters that were heard of within the limit; null: no shelter is registered"),
    Column("known_at", "text", "The clock of the last record that was looked at, in UTC"),
    Column("simulated", "yes or no", "Whether this is a country that was made up"),
)
"""The data dictionary of the rows."""


def time(ms: int | None) -> str | None:
    """Write an instant as RFC 3339 in UTC."""
    return None if ms is None else instants.show(ms * instants.NS_PER_MS)


def document(answer: Answer) -> dict[str, Any]:
    """Write an answer as one document."""
    return {
        "simulated": answer.simulated,
        "heard_of": answer.heard_of,
        "known_at": time(answer.clock),
        "fold_version": answer.fold_version,
        "offsets": offsets(answer.offsets),
        "figures": [_figure(figure) for figure in answer.figures],
    }


def offsets(of: Offsets) -> dict[str, dict[str, int]]:
    """Write offsets by topic and partition, each in its order."""
    return {topic: {str(partition): offset for partition, offset in sorted(by.items())} for topic, by in sorted(of.items())}


def definition(of: Definition) -> dict[str, Any]:
    """Write a definition."""
    return {
        "figure": of.id,
        "version": of.version,
        "unit": of.unit,
        "when": of.when,
        "by_kind": of.kinds,
        "parts": list(of.of),
        "needs_household": of.needs_household,
        "en": {"name": of.english[0], "definition": of.english[1]},
        "nl": {"name": of.dutch[0], "definition": of.dutch[1]},
        "source": of.source,
    }


def _figure(figure: Figure) -> dict[str, Any]:
    of = figure.definition
    return {"figure": of.id, "version": of.version, "unit": of.unit, "rows": [_row(row) for row in figure.rows]}


def _row(row: Row) -> dict[str, Any]:
    """Leave out what a row is not about."""
    behind = {} if row.weight is None else {"n": row.weight.n} | _known(shelters=row.weight.shelters)
    part = {"part": dict(sorted(row.of.items()))} if row.of else {}
    return {**_scope(row.scope), "start": time(row.start), "end": time(row.end), **part, "value": row.value, **behind}


def _scope(scope: Scope) -> dict[str, Any]:
    return _known(province=scope.province, region=scope.region, kind=scope.kind)


def _known(**members: Any) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}


def rows(documents: Iterable[Mapping[str, Any]]) -> list[tuple[Any, ...]]:
    """Write documents as rows, in the order of COLUMNS; what stands in two of them is written once."""
    return list(dict.fromkeys(row for each in documents for row in _rows(each)))


def _rows(of: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    about = of["heard_of"], of["known_at"], of["simulated"]
    for figure in of["figures"]:
        for row in figure["rows"]:
            part = ";".join(f"{by}={name}" for by, name in row.get("part", {}).items()) or None
            scope = (row.get("province"), row.get("region"), row.get("kind"))
            behind = (row["value"], row.get("n"), row.get("shelters"))
            yield (figure["figure"], figure["version"], figure["unit"], *scope, row["start"], row["end"], part, *behind, *about)
