"""What the report says of its numbers: of how many, in one style, and nothing of what does not occur."""

import re
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from typing import Final

import pytest

from services.adapters.regions import read_regions
from services.monitor.figures.result import Ask, Figure, FigureResult, FigureRow
from services.monitor.query import Query
from services.monitor.report.html_page import page
from services.monitor.report.queries import ask_all
from services.monitor.report.row_selection import shares
from tests.monitor.answers import answer

# A number of each figure that the sentences below are about
COUNTS: Final[dict[str, dict[str, int]]] = {
    "searches": {"held": 4_000, "waiting_list": 1_176, "fallback": 100, "elsewhere": 1_000, "withdrawn": 194, "unknown": 0, "open": 361},
    "unmet-need": {"fallback": 100, "elsewhere": 1_000, "withdrawn": 194, "unknown": 0},
    "hotel-nights": {"nothing_fitting": 1_312, "at_night": 2_035, "nothing_free": 0, "other": 0},
    "hotel-nights-avoidable": {"nothing_fitting": 397, "at_night": 171},
    "hotel-nights-by-evidence": {"fitting_free": 151, "freed_within_2h": 417, "unfitting_free": 2_779, "nothing_free": 0},
}
SHARES: Final = {"unmet-share": 0.2, "share-full": 0.0}


def _counted(query: Query) -> FigureResult:
    """Answer with these numbers."""
    found = answer(query)
    return replace(found, figures=tuple(Figure(each.definition, tuple(_rows(each))) for each in found.figures))


def _rows(figure: Figure) -> list[FigureRow]:
    counts, share = COUNTS.get(figure.definition.figure), SHARES.get(figure.definition.figure)
    if share is not None:
        return [replace(row, value=share if number == 0 else 0.0004) for number, row in enumerate(figure.rows)]
    if counts is None:
        return list(figure.rows)
    by = figure.definition.parts[0]
    wholes = [row for row in figure.rows if not row.part]
    return [
        each
        for row in wholes
        for each in (
            replace(row, value=sum(counts.values())),
            *(replace(row, part={by: name}, value=value, weight=None) for name, value in counts.items()),
        )
    ]


def _hidden(only: Callable[[FigureRow], bool]) -> Ask:
    """Answer as an analyst is answered: what `only` chooses is too small to be shown."""

    def ask(query: Query) -> FigureResult:
        found = answer(replace(query, protected=True, as_known_at=query.period.end if query.period else None))
        return replace(
            found,
            figures=tuple(
                Figure(
                    each.definition, tuple(replace(row, value=None, weight=None, too_few=True) if only(row) else row for row in each.rows)
                )
                for each in found.figures
            ),
        )

    return ask


def _write(ask: Ask = _counted) -> str:
    return page(ask_all(ask, 2023), read_regions(), 2023)


def _dutch(html: str) -> str:
    """Return the words of a piece of the page as a Dutch reader sees them."""
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", re.sub(r'<(\w+)[^>]*lang="en"[^>]*>.*?</\1>', "", html, flags=re.DOTALL))))


def _part(html: str, name: str) -> str:
    """Return a chapter, a figure or a table of the page."""
    found = re.search(rf'<(section|figure|table)[^>]*\bid="{name}".*?</\1>', html, re.DOTALL)
    assert found, name
    return found[0]


@pytest.fixture(scope="module")
def report() -> str:
    """Write it once."""
    return _write()


def test_a_share_of_requests_says_of_which_requests_it_is(report: str) -> None:
    """1,294 of 6,831 is not 20.0 %: the share is of the 6,470 of which the end is known, and both sentences say so."""
    assert "Van 6.470 aanvragen is de afloop bekend. Daarvan eindigden 1.294 (20,0%) zonder plaats" in _dutch(_part(report, "need"))
    assert "1.294 aanvragen om een plaats eindigden zonder plaats en zonder wachtlijst. Dat is 20,0% van de 6.470" in _dutch(
        _part(report, "summary")
    )


def test_a_bar_says_how_many_of_how_many(report: str) -> None:
    """Each bar of a share has its part and its whole beside it, and each bar of a part its number and its share."""
    assert "397 van 1.312 (30,3%)" in _dutch(_part(report, "plot-avoidable-reasons"))
    found = _dutch(_part(report, "plot-avoidable"))
    assert "De 3.347 nachten naar wat er vrij was bij het besluit" in found
    assert {"151 (4,5%)", "417 (12,5%)", "2.779 (83,0%)"} <= set(re.findall(r"[\d.]+ \([\d,]+%\)", found))


def test_what_does_not_occur_is_left_out(report: str) -> None:
    """A reason without a night is in no bar, no legend and no column; so is evidence that there never was."""
    for name in ("plot-hotels", "plot-avoidable-reasons", "table-hotels", "table-avoidable-reasons", "plot-avoidable", "table-avoidable"):
        found = _dutch(_part(report, name))
        assert "niets vrij" not in found.replace("niets passends vrij", ""), name
        assert "geen bewijs" not in found, name
        assert "?" not in found, name


def test_never_is_not_0_percent(report: str) -> None:
    """A country that never was full was never full, and almost never is not never."""
    assert "Nooit was in het hele land elke plaats bezet" in _dutch(_part(report, "full"))
    found = _dutch(_part(report, "plot-full"))
    assert "alle soorten nooit" in found
    assert "noodopvang <0,1%" in found


def test_the_axis_of_occupancy_is_where_its_numbers_are(report: str) -> None:
    """The axis of shares between 94 and 99 % runs from 94 to 99 %, and the plot says that it does not begin at 0."""
    found = _dutch(_part(report, "plot-occupancy"))
    assert "Let op: de as loopt van 94% tot 99%, niet vanaf 0." in found


def test_a_column_of_a_table_has_one_style_of_decimals(report: str) -> None:
    """In no column one number has decimals that another lacks."""
    for table in re.findall(r"<table.*?</table>", report.partition('id="sources"')[0], re.DOTALL):
        rows = [re.findall(r"<td>(.*?)</td>", row) for row in re.findall(r"<tr>(?=<th scope=\"row\").*?</tr>", table, re.DOTALL)]
        for column in zip(*rows, strict=True):
            styles = {re.sub(r"[\d.<>]+", "0", _dutch(cell).strip()) for cell in column} - {"onbekend"}
            assert len(styles) <= 1, (styles, column)


def test_a_hold_that_was_declined_for_a_reason_counts_once() -> None:
    """A part that is divided again is not added to its own parts."""
    rows = [({"outcome": "declined"}, 593), ({"outcome": "declined", "reason": "full"}, 256), ({"outcome": "refused"}, 110)]
    figure = answer(Query(figures=("holds",), at=0)).figures[0]
    whole = figure.rows[0]
    figure = Figure(figure.definition, (whole, *(replace(whole, part=part, value=value) for part, value in rows)))
    assert shares(figure, "outcome") == {"declined": 593, "refused": 110}


def test_a_number_that_an_analyst_may_not_see_is_too_few_and_not_unknown() -> None:
    """Where all is hidden each number says te weinig, and none says onbekend, nor 0."""
    found = _dutch(_write(_hidden(lambda _: True)).partition('id="definitions"')[0])
    assert found.count("te weinig") > 100
    assert found.count("Te weinig: van een plaats met minder dan vijf opvanglocaties") == 1
    # One way in which a request ends is that it is not known how
    assert re.findall(r"(?<!afloop )\bonbekend\b", found) == []
    assert "0,0%" not in found
    assert "nooit" not in found


def test_a_map_of_hidden_regions_shows_their_provinces() -> None:
    """Where no region may be shown the report asks by province, and each tile has the number of its province."""
    asked: list[Query] = []

    def ask(query: Query) -> FigureResult:
        asked.append(query)
        return _hidden(lambda row: row.scope.region is not None or row.scope.province == "PV21")(query)

    found = _write(ask)
    assert ("province",) in [query.by for query in asked]
    plot = _part(found, "plot-map")
    assert "De 12 provincies" in _dutch(plot)
    assert "te weinig" in _dutch(plot)
    assert "Noord-Holland" in _dutch(_part(found, "table-map"))
    tiles = dict(re.findall(r'class="tile-name [^>]*>([^<]*)</text><text [^>]*>([^<]*)<', plot))
    assert tiles["Alkmaar"] == tiles["Haarlem"] != tiles["Breda"]
    assert tiles["Leeuwarden"] == "te weinig"


def test_some_hidden_regions_stay_on_the_map() -> None:
    """A map with one hidden region is one of regions: the others have their own numbers."""
    plot = _part(_write(_hidden(lambda row: row.scope.region == "R07")), "plot-map")
    assert "De 35 regio's" in _dutch(plot)
    assert re.search(r">Breda</text><text [^>]*>te weinig<", plot)


def test_the_first_page_is_read_without_the_others(report: str) -> None:
    """The first page has six statements, each a number with its unit in a sentence, and every definition it needs is linked."""
    summary = _part(report, "summary")
    items = re.findall(r"<li>(.*?)</li>", summary, re.DOTALL)
    assert len(items) == 6
    for item in items:
        words = _dutch(item)
        assert re.match(r" ?[\d.,]+(?:%| \w+) ", words), words
        assert len(words.split()) < 75
        assert re.findall(r'href="#def-([\w-]+)"', item)
    assert report.index('id="summary"') < report.index('class="chapter"')
