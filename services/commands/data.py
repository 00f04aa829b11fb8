"""The option every verb has that looks at an instance."""

from pathlib import Path
from typing import Annotated

import typer

Data = Annotated[Path | None, typer.Option("--data", help="Data directory of the instance; PLEK_DATA, else .plek.", show_default=False)]
