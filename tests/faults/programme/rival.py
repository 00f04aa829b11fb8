"""A processor in a group of its own: it folds every partition beside the workers who own them, and the fence decides who writes.

It is the program that is deployed, with the name of its group changed and nothing else.
"""

import runpy
from typing import Any

import faust

from services.processor import app
from services.processor.faust_integration import batching_app


def _rival_app(group: str, *rest: Any) -> faust.App:
    return batching_app(f"{group}-rival", *rest)


if __name__ == "__main__":
    vars(app)["batching_app"] = _rival_app
    runpy.run_module("services.processor", run_name="__main__")
