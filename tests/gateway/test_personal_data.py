"""What looks like personal data in a source, a unit, a desk or a name, and what does not."""

import pytest

from services.adapters.codec.opaque_ids import is_opaque
from services.gateway.personal_data import looks_personal

_UUID = "19870302-1987-4302-8987-198703021987"
_ULID = "01J9ZQ3K5V7W8X0Y2A4B6C8D0E"
_HEX = "19870302" * 4


@pytest.mark.parametrize(
    "text",
    [
        "bsn123456782",
        "kamer-123456782",
        "urn:plek:shelter:berk:123-456-782",
        "123.456.782",
        "1234.56.782",
        "1987-03-02",
        "u-19870302",
        "u-02031987",
        "desk-2-3-1987",
        "02/03/1987",
        "geboren 2 maart 1987",
        "2mrt1987",
        "2 March 2004",
        "urn:plek:shelter:berk:3511ab",
        "3511-ab",
        "Kerkstraat 12, 3511 AB Utrecht",
        "3511 ab",
        "0612345678",
        "06-12345678",
        "030-123 45 67",
        "+31 6 12345678",
        "+31 (0)6 12345678",
        "0031612345678",
        "+32 475 12 34 56",
        "06.12345678",
        "06/12345678",
        "06 - 12345678",
        "(06) 12345678",
        "(030) 123 45 67",
        "06\u201112345678",
        "06 \u2013 12345678",
        "06\u200b12345678",
        "\u0660\u0666\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668",
        "1234\u00adAB",
        "\uff11\uff19\uff18\uff17-03-02",
        f"{_UUID}:19870302",
    ],
)
def test_f6_personal_data_are_seen(text: str) -> None:
    """F6: a citizen's number that passes its check, a date of this or the last century, a postcode, a telephone number."""
    assert looks_personal(text)


@pytest.mark.parametrize(
    "text",
    [
        "urn:plek:shelter:berk:desk-1",
        "urn:plek:worker",
        "u1",
        "kamer-12",
        "unit-1012",
        "org-123456789",
        "Locatie Berk-2-11",
        "De Vlinder 2024",
        "2024-13-40",
        "18991231",
        "123456789",
        "000000000",
        "0123",
        "3511 abc",
        "0511 ab",
        "1234 SS",
        "Locatie Öland №7",
        _UUID,
        _HEX,
        f"urn:plek:shelter:{_UUID}:desk-1",
        f"urn:plek:shelter:berk:{_HEX}",
    ],
)
def test_what_only_seems_so_is_let_through(text: str) -> None:
    """Numbers of units and desks, a year alone, nine digits that fail the check, and whatever stands within an id of an allowed form."""
    assert not looks_personal(text)


@pytest.mark.parametrize("text", [_UUID, _UUID.upper(), _ULID, _ULID.lower(), _HEX, _HEX * 2, "ab" * 20])
def test_an_opaque_id(text: str) -> None:
    """A UUID of any version, a ULID and 32 to 64 hexadecimal digits are opaque."""
    assert is_opaque(text)


_INFORMATIVE = ["", "1", "admission-1", "Fatima.El-Amrani:1987-03-02", "a" * 31, "a" * 65, _ULID[:-1], "9" + _ULID[1:], f"{_UUID}x"]


@pytest.mark.parametrize("text", _INFORMATIVE)
def test_f6_an_id_that_could_hold_information(text: str) -> None:
    """F6: any other id is not opaque, such as a client number."""
    assert not is_opaque(text)
