"""What an attacker changes in a text that was signed or sealed."""


def tampered(text: str, at: int = -1) -> str:
    """Return a text of the same length with another character at a place; `A` there becomes `B`, so that it is never the same text."""
    place = at % len(text)
    return text[:place] + ("B" if text[place] == "A" else "A") + text[place + 1 :]
