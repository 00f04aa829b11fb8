"""The duty list of the API, and a copy on disk for when the API is away: readable by its owner alone, for 24 hours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

import typer

from services.adapters import rfc3339
from services.adapters.clock import now_ms
from services.cli.clients import private_file
from services.cli.clients.api_client import open_in_region
from services.cli.options.api_options import DatasetWorkerOptions
from services.cli.output.clock_text import age, clock, minutes_since
from services.cli.output.hold_cards import phone_before
from services.cli.output.wrapped_lines import wrap
from services.local.user_error import UserError

_FILE: Final = "duty.json"
_KEPT_MIN: Final = 24 * 60


def read_duty_list(options: DatasetWorkerOptions) -> dict[str, Any]:
    """Return the duty list; where the API can't be reached the copy, with `copied_at`. Raises UserError without a copy."""
    options = options.in_dataset()
    try:
        with open_in_region(options, None) as api:
            answer = api.request("GET", "/v1/duty-list").body
    except UserError as error:
        copy = _read_copy(options)
        if copy is None:
            raise UserError(f"{error}; there is no copy of the duty list here that is younger than a day", error.code) from error
        return copy
    copied_at = rfc3339.show_ms(now_ms())
    private_file.write(options.data, _FILE, {"of": options.api, "copied_at": copied_at, "answer": answer})
    return answer


def _read_copy(options: DatasetWorkerOptions) -> dict[str, Any] | None:
    copy = private_file.read(options.data, _FILE)
    if not isinstance(copy, dict) or copy.get("of") != options.api or minutes_since(copy["copied_at"], now_ms()) >= _KEPT_MIN:
        return None
    return dict(copy["answer"]) | {"copied_at": copy["copied_at"]}


def duty_lines(duty_list: Mapping[str, Any], region: str | None) -> Iterator[str]:
    """Yield the lines of a duty list: its age, then each number with its organisation and its date."""
    if copied_at := duty_list.get("copied_at"):
        copy_age = age(minutes_since(copied_at, now_ms()))
        yield typer.style(f"The API is away: this is a copy of {clock(copied_at)}, {copy_age} old", fg="red", bold=True)
    elif duty_list.get("as_of"):
        yield f"As of {clock(duty_list['as_of'])}"
    entries = duty_list["entries"]
    if not entries:
        yield f"No number is known{f' in {region}' if region else ''}"
    widest = max((len(entry["phone"]) for entry in entries), default=0)
    for entry in sorted(entries, key=lambda entry: (entry["region"]["code"], entry["organisation"])):
        place = f"{entry['region'].get('name') or ''} ({entry['region']['code']})".strip()
        kind = "duty number" if entry["kind"] == "duty" else "intake"
        since = f" since {datetime.fromisoformat(entry['since']).astimezone():%-d %b %Y}" if entry.get("since") else ""
        before = f"; {changed}" if (changed := phone_before(entry)) else ""
        yield wrap(f"{place}, {entry['organisation']}: {kind}{since}{before}", widest + 2, f"{entry['phone']:<{widest}}  ")
