"""Tables and other drawings of rich, without lines around them."""

from rich.console import Console, RenderableType
from rich.table import Table


def plain_table(*headings: str) -> Table:
    """Return an empty table with these headings, all of them to the left."""
    return Table(*headings, box=None, pad_edge=False)


def print_drawing(drawing: RenderableType) -> None:
    """Print a drawing on standard output."""
    Console(highlight=False).print(drawing)
