"""The result of a check of the audit log as lines, in English and in Dutch."""

from collections.abc import Iterator, Mapping
from typing import Final

from services.adapters import rfc3339
from services.adapters.audit.hash_chain import BEGUN_ANEW, CUT, ERASED_EARLY, REWRITTEN, Break, Checker
from services.adapters.audit.signed_heads import HeadChecker

DUTCH: Final[Mapping[str, str]] = {
    CUT: "het logboek houdt op voor een bewaarde kop",
    BEGUN_ANEW: "het logboek is geleegd en opnieuw begonnen: het eerste record is niet het getekende",
    REWRITTEN: "de records tot hier zijn niet de getekende: er zijn er gewist, veranderd of bijgemaakt",
    ERASED_EARLY: "records voor dit record zijn gewist terwijl ze nog bewaard moeten zijn",
    "records are missing": "er ontbreken records; het vorige staat op plaats",
    "the beginning is missing": "het begin ontbreekt",
    "not a record of the audit log": "dit is geen record van het logboek",
    "another record than the recorded head": "een ander record dan de bewaarde kop",
    "a chain begins a second time": "een keten begint voor de tweede keer",
    "a chain continues no record": "een keten sluit op geen record aan",
    "a chain continues a record that is missing or was changed": "een keten sluit aan op een record dat ontbreekt of veranderd is",
    "the beginning of its chain is missing": "het begin van zijn keten ontbreekt",
    "records of its chain are missing": "er ontbreken records van zijn keten",
    "a record is out of order": "een record staat niet op zijn plaats",
    "the record before it in its chain was changed": "het record ervoor in zijn keten is veranderd",
    "a record among the signed heads is none": "tussen de getekende koppen staat iets anders",
    "signed heads are missing": "er ontbreken getekende koppen",
    "a head that was kept elsewhere is not among the signed heads": "een elders bewaarde kop staat niet bij de getekende koppen",
    "a signed head is of another log": "een getekende kop is van een ander logboek",
    "a signed head is of a key that is not trusted": "een getekende kop is van een sleutel die niet vertrouwd wordt",
    "a signed head is forged": "een getekende kop is vervalst: de handtekening klopt niet",
    "two signed heads hold different records of the log": "twee getekende koppen spreken elkaar tegen",
}
"""What is wrong with a log or its heads; of a reason with a colon, what is before it."""


def in_dutch(how: str) -> str:
    """Return what is wrong in Dutch; as it is where it has no translation."""
    before, _, after = how.partition(":")
    number = after.rpartition(" ")[2]
    return DUTCH.get(how) or f"{DUTCH.get(before, how)}{f' {number}' if number.isdigit() else ''}"


def report_lines(checker: Checker, broken: Break | None, took_s: float) -> list[str]:
    """Return the result in lines."""
    total = f"{checker.records:,} records in {checker.chains:,} chains hold together, {took_s:.1f} s"
    if broken:
        return [f"broken at offset {broken.offset}: {broken.how}", f"gebroken op plaats {broken.offset}: {in_dutch(broken.how)}", total]
    return [total, f"head {checker.head.offset}:{checker.head.hash}"] if checker.head else [total]


def head_lines(checker: Checker, heads: HeadChecker) -> Iterator[str]:
    """Yield up to where signed heads show the log to be as it was, and which of them show nothing."""
    if not heads.keys:
        yield "geen getekende kop vergeleken: geef --head BESTAND (no signed head is compared: give --head FILE)"
        return
    if checker.proven:
        place, at = checker.proven.offset, rfc3339.show_ms(checker.proven.time)
        yield f"gelijk aan de getekende koppen tot en met plaats {place} (like the signed heads up to offset {place}), {at}"
    if checker.expired:
        count = checker.expired
        yield f"{count} getekende koppen van verlopen records (signed heads of records that have expired)"
    if heads.others:
        yield f"{heads.others} koppen van een andere sleutel, niet vergeleken (heads of another key, not compared)"
