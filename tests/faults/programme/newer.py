"""The processor of a version to come: the deployed program with another number of its fold, so that each partition is folded anew."""

import runpy
from typing import Any, cast

from services.adapters.view import ports

if __name__ == "__main__":
    number = ports.FOLD_VERSION + 1
    vars(ports)["FOLD_VERSION"] = number
    cast("Any", ports.Position.__init__).__kwdefaults__["fold_version"] = number
    runpy.run_module("services.processor", run_name="__main__")
