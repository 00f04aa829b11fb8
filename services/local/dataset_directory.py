"""Where a data set beside the real country is kept: below the data directory of its instance, by its name."""

from pathlib import Path

from services.adapters.datasets import NAME
from services.local.instance.data_directory import DATASETS
from services.local.user_error import UserError


def dataset_directory(home: Path, name: str) -> Path:
    """Return the data directory of a data set. Raises UserError for what is no name of one."""
    return home / DATASETS / checked_name(name)


def checked_name(name: str) -> str:
    """Return a name of a data set. Raises UserError for another."""
    if not NAME.fullmatch(name):
        raise UserError("A world is called sim-… or imported-…, with small letters, digits and dashes, such as sim-2023", code=2)
    return name
