"""Numbers as people read them: a share as a percentage, what is counted whole, what is measured to one decimal."""

from babel.numbers import format_decimal, format_percent


class NumberFormat:
    """Writes numbers in one language."""

    def __init__(self, language: str) -> None:
        self._language = language

    def figure(self, value: float, unit: str) -> str:
        """Return a number of a unit of the monitor."""
        if unit == "share":
            return format_percent(value, "#,##0.0%", locale=self._language)
        return format_decimal(value, "#,##0.#", locale=self._language)

    def difference(self, value: float, unit: str) -> str:
        """Return by how much a number differs, with its sign; of a share in percentage points."""
        scaled = value * 100 if unit == "share" else value
        return format_decimal(scaled, "+#,##0.0;-#,##0.0" if unit == "share" else "+#,##0.#;-#,##0.#", locale=self._language)
