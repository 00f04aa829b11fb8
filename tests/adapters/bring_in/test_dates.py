"""Dates of spreadsheets: every form that people write, one order of day and month a sheet, Dutch time on the days that clocks change."""

from datetime import date, time
from typing import Any

import pytest

from services.adapters.bring_in.dates import DateForm, LocalMoment, Order, from_serial, order_of
from services.adapters.rfc3339 import show
from tests.spreadsheets import brought, csv_file, facts, left, local

_TODAY = date(2024, 6, 12)


def _read(value: Any, clock: Any = None, order: Order = "day first", *, mac: bool = False) -> str | None:
    moment = DateForm(order, _TODAY, mac).read(value, clock)
    return None if moment is None else moment.text


@pytest.mark.parametrize(
    ("written", "text"),
    [
        *((form, "2024-03-05") for form in ("2024-03-05", "5-3-2024", "05-03-2024", "05/03/24", "5.3.2024", "5 3 2024", "5 mrt 2024")),
        *(
            (form, "2024-03-05")
            for form in ("5 maart 2024", "5-mrt-24", "5 mrt. '24", "di 5 maart 2024", "dinsdag 5 maart 2024", "5 March 2024")
        ),
        *((form, "2024-03-05") for form in ("March 5, 2024", "Tue 5 Mar 2024", "20240305", "2024/3/5", "2024-03-05 00:00:00", 45_356.0)),
        *((form, "2024-03-05") for form in ("45356", "45356,0", 20_240_305.0, local(2024, 3, 5))),
        *((form, "2024-03-05T14:30:00") for form in ("2024-03-05T14:30", "5-3-2024 14:30", "5-3-2024 14.30 uur", "5 mrt 2024 om 14:30")),
        *(
            (form, "2024-03-05T14:30:00")
            for form in ("5-3-2024 2:30 PM", "2024-03-05T13:30:00Z", "2024-03-05T14:30:00+01:00", "5-3-2024, 14:30")
        ),
        *((form, "2024-03-05T14:30:00") for form in (local(2024, 3, 5, 14, 30), 45_356.604_166_666_7)),
        ("5-3-98", "1998-03-05"),
        ("31-12-34", "2034-12-31"),
        *(
            (form, None)
            for form in ("30-2-2024", "5-13-2024", "vorige week", "3-2024", "5-3", "1-1-1900", 3.0, "12", True, time(14, 30), "5 xyz 2024")
        ),
        *((form, None) for form in ("2024-03-05T25:00", "5-3-2024 14:75", "99999", 99_999.0, "")),
    ],
)
def test_a_date_is_read_in_every_form(written: Any, text: str | None) -> None:
    """A date as text, number or date, with a time or none; what is no day of the calendar is none."""
    assert _read(written) == text


@pytest.mark.parametrize(
    ("clock", "text"),
    [
        ("14:30", "14:30:00"),
        ("14.30 uur", "14:30:00"),
        (time(14, 30), "14:30:00"),
        (0.604_166_666_7, "14:30:00"),
        (local(1899, 12, 30, 9, 5), "09:05:00"),
    ],
)
def test_a_time_may_stand_in_a_column_of_its_own(clock: Any, text: str) -> None:
    """A column of times is added to the date beside it; a date with a time needs none."""
    assert _read("5-3-2024", clock) == f"2024-03-05T{text}"
    assert _read("5-3-2024 08:00", clock) == "2024-03-05T08:00:00"
    assert _read("5-3-2024", "straks") is None


def test_excel_has_a_day_that_never_was() -> None:
    """Excel counts 29 February 1900 (60): days before it are one later, and the day itself is none. An old Mac counts from 1904."""
    assert [from_serial(number).date() for number in (1, 59, 61)] == [date(1900, 1, 1), date(1900, 2, 28), date(1900, 3, 1)]
    with pytest.raises(ValueError, match="29 February 1900"):
        from_serial(60)
    assert _read(45_356.0 - 1_462, mac=True) == _read(45_356.0) == "2024-03-05"


@pytest.mark.parametrize(
    ("dates", "order"),
    [
        (["3-4-2024", "5-6-2024"], "either"),
        (["3-4-2024", "13-4-2024"], "day first"),
        (["3/4/2024", "3/14/2024"], "month first"),
        (["3/14/2024", "14/3/2024"], "both"),
        (["2024-04-03", 45_356.0, None], None),
    ],
)
def test_the_order_of_day_and_month_is_that_of_the_sheet(dates: list[Any], order: Order | None) -> None:
    """One day above 12 shows it for all dates of the sheet."""
    assert order_of(dates) == order


def test_an_ambiguous_order_is_dutch_and_said_aloud() -> None:
    """3-4-2024 is 3 April where nothing shows otherwise; where a sheet mixes both orders, only dates with one meaning are read."""
    header = "Locatie;Kamer;In;Uit;Huishouden"
    plan = brought(csv_file(header, "linde;k1;3-4-2024;5-4-2024;1+0"))
    assert facts(plan)[0] == "2 admission linde/k1 1+0 2024-04-03 12:00"
    assert "day-first" in {remark.code for remark in plan.remarks}
    plan = brought(csv_file(header, "linde;k1;3/14/2024;;1+0", "linde;k2;14/3/2024;;1+0", "linde;k3;3/4/2024;;1+0"))
    assert facts(plan) == ["2 admission linde/k1 1+0 2024-03-14 12:00", "3 admission linde/k2 1+0 2024-03-14 12:00"]
    assert left(plan) == ["4 date-ambiguous"]


@pytest.mark.parametrize(
    ("moment", "utc"),
    [
        (LocalMoment(local(2024, 1, 5), exact=False), "2024-01-05T11:00:00Z"),
        (LocalMoment(local(2024, 7, 5), exact=False), "2024-07-05T10:00:00Z"),
        (LocalMoment(local(2024, 3, 31), exact=False), "2024-03-31T10:00:00Z"),
        (LocalMoment(local(2024, 10, 27), exact=False), "2024-10-27T11:00:00Z"),
        (LocalMoment(local(2024, 3, 31, 2, 30), exact=True), "2024-03-31T01:30:00Z"),
        (LocalMoment(local(2024, 10, 27, 2, 30), exact=True), "2024-10-27T00:30:00Z"),
        (LocalMoment(local(1971, 7, 5), exact=False), "1971-07-05T11:00:00Z"),
    ],
)
def test_a_date_is_noon_in_amsterdam(moment: LocalMoment, utc: str) -> None:
    """A date without a time is noon, winter and summer; of two equal times in autumn the first, a skipped one in spring an hour later."""
    assert show(moment.instant()) == utc
