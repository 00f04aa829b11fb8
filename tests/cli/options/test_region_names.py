"""A region is typed by its name, by the name that people say, by the beginning of either, or by its code."""

import pytest

from services.adapters.regions import read_regions
from services.cli.options.region_names import RegionNames
from services.local.user_error import UserError

NAMES = RegionNames(read_regions())


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("Breda", "R07"),
        ("breda", "R07"),
        ("R07", "R07"),
        ("r7", "R07"),
        ("Den Haag", "R09"),
        ("den-haag", "R09"),
        ("'s-Gravenhage", "R09"),
        ("s gravenhage", "R09"),
        ("Den Bosch", "R21"),
        ("'S-HERTOGENBOSCH", "R21"),
        ("Amst", "R04"),
        ("Zwólle", "R35"),
        ("den he", "R10"),
    ],
)
def test_a_region_is_found_by_what_people_type(typed: str, code: str) -> None:
    """Case, accents, signs and spaces do not matter, and the beginning of a name is enough where no other begins so."""
    assert NAMES.code(typed) == code


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("Bredda", "no region has that name (nearest: Breda (R07)"),
        ("den", "several regions begin with that: 's-Gravenhage (R09), Den Helder (R10), 's-Hertogenbosch (R21)"),
        ("R99", "no region has that name"),
        ("", "no region has that name"),
    ],
)
def test_what_is_no_region_is_answered_with_the_nearest(typed: str, words: str) -> None:
    """A misspelt name ends the command with the nearest names, and the beginning of several names with all of these."""
    with pytest.raises(UserError) as error:
        NAMES.code(typed, "--not")
    assert str(error.value).startswith(f"--not: {words}")
    assert error.value.code == 2


def test_every_region_is_found_by_its_own_name() -> None:
    """No name of the region file is the beginning of another that is found instead."""
    assert all(NAMES.code(row.centre) == code for code, row in read_regions().items())


def test_a_shell_completes_names_in_one_word() -> None:
    """Completion gives names without a space, which are understood when they are typed."""
    begun = list(NAMES.completions("den"))
    assert begun == ["Den-Haag", "Den-Helder", "Den-Bosch"]
    assert [NAMES.code(name) for name in begun] == ["R09", "R10", "R21"]
