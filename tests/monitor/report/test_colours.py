"""The colours of the report: a palette a meaning, told apart with colour blindness, and text that can be read on them."""

import re
from collections.abc import Iterable
from importlib.resources import files
from itertools import combinations
from typing import Final

import pytest

from tests.monitor.report.test_html_page import written

CSS: Final = files("services.monitor.report").joinpath("report.css").read_text("utf-8")
DARK: Final = CSS[CSS.index("@media screen and (prefers-color-scheme: dark)") : CSS.index("@media (max-width: 30rem)")]
LIGHT: Final = CSS.replace(DARK, "")
# Machado, Oliveira and Fernandes, 2009, severity 1: what people see who lack the cones for red, for green or for blue
SIGHT: Final = {
    "usual": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}
PALETTES: Final = {
    "norm": ("norm0", "norm1", "norm2", "norm3", "norm4"),
    "full": ("full0", "full1", "full2", "full3", "full4"),
    "kinds": ("kind-emergency", "kind-crisis", "kind-follow_up", "kind-assisted"),
    "reasons": tuple(f"reason-{name}" for name in ("nothing_free", "nothing_fitting", "unsafe_region", "no_answer", "at_night", "other")),
}
# A difference of 2 is seen when colours touch; what lies apart needs several times that
LEAST_DIFFERENCE: Final = 10.0
Colour = tuple[float, float, float]


def _linear(code: str) -> Colour:
    values = [int(code[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in values]
    return red, green, blue


def _seen(colour: Colour, sight: str) -> Colour:
    red, green, blue = [min(1.0, max(0.0, sum(a * b for a, b in zip(row, colour, strict=True)))) for row in SIGHT[sight]]
    return red, green, blue


def _lab(colour: Colour) -> Colour:
    red, green, blue = colour
    x, y, z = [
        each ** (1 / 3) if each > 0.008856 else 7.787 * each + 16 / 116
        for each in (
            (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.9505,
            0.2126 * red + 0.7152 * green + 0.0722 * blue,
            (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.089,
        )
    ]
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def _luminance(code: str) -> float:
    red, green, blue = _linear(code)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _colour(name: str, theme: str) -> str:
    found = re.findall(rf"\.{name} {{[^}}]*--(?:fill|c): (#[0-9a-f]{{6}})", (DARK if theme == "dark" else "") + LIGHT)
    return str(found[0])


@pytest.mark.parametrize("sight", SIGHT)
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("palette", PALETTES)
def test_the_colours_of_a_palette_are_told_apart(palette: str, theme: str, sight: str) -> None:
    """Any two colours of one palette differ clearly, also for people who do not see red, green or blue."""
    labs = {name: _lab(_seen(_linear(_colour(name, theme)), sight)) for name in PALETTES[palette]}
    differences = {(a, b): sum((x - y) ** 2 for x, y in zip(labs[a], labs[b], strict=True)) ** 0.5 for a, b in combinations(labs, 2)}
    assert {pair: round(each) for pair, each in differences.items() if each < LEAST_DIFFERENCE} == {}


@pytest.mark.parametrize("palette", ["norm", "full"])
def test_the_colours_of_a_map_go_from_light_to_dark(palette: str) -> None:
    """Printed in grey, more is darker; and the text on each tile has the contrast that WCAG asks for (4.5)."""
    shades = PALETTES[palette]
    luminances = [_luminance(_colour(name, "light")) for name in shades]
    assert luminances == sorted(luminances, reverse=True)
    for name in shades:
        ink = re.findall(rf"\.{name} {{[^}}]*--on: (#[0-9a-f]{{3,6}})", LIGHT)[0]
        assert _contrast(_colour(name, "light"), ink if len(ink) == 7 else "#" + "".join(2 * letter for letter in ink[1:])) >= 4.5


def test_no_colour_has_two_meanings() -> None:
    """Of what went wrong, the map of places, the map of time, the kinds and the reasons, none has a colour of another."""
    every = [_colour(name, "light") for names in PALETTES.values() for name in names]
    every += re.findall(r"--(?:plain|attention): (#[0-9a-f]{6})", LIGHT)
    assert len(every) == len(set(every)) == 22


def test_every_class_of_a_drawing_is_in_the_style_sheet() -> None:
    """No mark of a drawing is black because its colour was forgotten."""
    drawn = "".join(re.findall(r'<svg class="(?:drawing|map|swatch)[^>]*>.*?</svg>', written(), re.DOTALL))
    used = {name for classes in re.findall(r'class="([^"]*)"', drawn) for name in classes.split()} - {"nl", "en", "label"}
    assert _undefined(used) == set()


def _undefined(names: Iterable[str]) -> set[str]:
    return {name for name in names if not re.search(rf"\.{name}(?![\w-])", CSS)}
