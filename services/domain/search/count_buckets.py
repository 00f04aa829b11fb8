"""Numbers as an answer discloses them: an exact number would show when one of them goes, or which shelter it is of."""

from typing import Literal

Bucket = Literal["none", "1-2", "3+"]
SizeClass = Literal["1-2", "3-4", "5+"]


def bucket_count(number: int) -> Bucket:
    """Return the bucket of a count of places or shelters: `none`, `1-2` or `3+`."""
    return "none" if number <= 0 else "1-2" if number < 3 else "3+"


def size_class(persons: int) -> SizeClass:
    """Return for how many persons a unit is, in three classes."""
    return "1-2" if persons <= 2 else "3-4" if persons <= 4 else "5+"
