"""The forms in which rows are given: JSON, CSV (RFC 4180) and Parquet, chosen by the Accept header (RFC 9110, section 12.5.1)."""

import csv
from collections.abc import Sequence
from io import BytesIO, StringIO
from typing import Any, Final, Literal

from services.monitor.shown import COLUMNS, Column

Form = Literal["application/json", "text/csv", "application/vnd.apache.parquet"]
FORMS: Final[tuple[Form, ...]] = ("application/json", "text/csv", "application/vnd.apache.parquet")
_UNKNOWN: Final = "unknown"
_NEVER: Final = -1.0


def chosen(accept: str | None) -> Form | None:
    """Choose the form a caller would rather have, JSON when she has no wish; None when she takes none of them."""
    wishes = [_wish(each) for each in (accept or "*/*").split(",") if each.strip()]
    best = max(FORMS, key=lambda form: _weight(form, wishes))
    return best if _weight(best, wishes) > 0 else None


def _wish(text: str) -> tuple[str, float]:
    name, *parameters = (part.strip().lower() for part in text.split(";"))
    quality = next((part[2:] for part in parameters if part.startswith("q=")), "1")
    try:
        return name, min(1.0, max(0.0, float(quality)))
    except ValueError:
        return name, 0.0


def _weight(form: Form, wishes: Sequence[tuple[str, float]]) -> float:
    """Weigh a form by the most precise wish that fits it."""
    for name in (form, f"{form.partition('/')[0]}/*", "*/*"):
        found = [quality for wish, quality in wishes if wish == name]
        if found:
            return max(found)
    return _NEVER


def as_csv(rows: Sequence[Sequence[Any]], columns: Sequence[Column] = COLUMNS) -> bytes:
    """Write rows as CSV with a header. No value of ours begins as a formula of a spreadsheet does."""
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow([column.name for column in columns])
    for row in rows:
        writer.writerow([_cell(value, column) for value, column in zip(row, columns, strict=True)])
    return out.getvalue().encode()


def _cell(value: Any, column: Column) -> Any:
    if value is None:
        return _UNKNOWN if column.type == "number" else ""
    return str(value).lower() if isinstance(value, bool) else value


def as_parquet(rows: Sequence[Sequence[Any]], columns: Sequence[Column] = COLUMNS) -> bytes:
    """Write rows as Parquet, with what each column means beside it."""
    import pyarrow as pa  # noqa: PLC0415  forty megabytes, for who asks for it
    import pyarrow.parquet as pq  # noqa: PLC0415  the same

    types = {"text": pa.string(), "whole": pa.int64(), "number": pa.float64(), "yes or no": pa.bool_()}
    schema = pa.schema([pa.field(column.name, types[column.type], metadata={"description": column.sentence}) for column in columns])
    values = list(zip(*rows, strict=True)) or [()] * len(columns)
    arrays = [pa.array(_numbers(each, column), field.type) for each, column, field in zip(values, columns, schema, strict=True)]
    out = BytesIO()
    pq.write_table(pa.table(arrays, schema=schema), out, compression="zstd")
    return out.getvalue()


def _numbers(values: Sequence[Any], column: Column) -> list[Any]:
    return [float(value) if column.type == "number" and value is not None else value for value in values]
