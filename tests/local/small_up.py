"""`plek up` with real servers and one stand-in for all services, as a program that tests can kill."""

import sys
from dataclasses import replace

from services.adapters.settings import Settings
from services.local.instance import Instance
from services.local.layout import Layout, lay_out
from services.local.part import Service
from services.local.trouble import Trouble
from services.local.up import up


def _small(wanted: Settings, instance: Instance, workers: int) -> Layout:
    layout = lay_out(wanted, instance, workers)
    address = f"http://127.0.0.1:{layout.settings.gateway_port}"
    return replace(layout, services=[Service("stand-in", "tests.local.stand_in", address, layout.settings, instance.logs / "stand-in.log")])


if __name__ == "__main__":
    try:
        up(Settings(), 1, lambda line: print(line, flush=True), demo=False, plan=_small)  # noqa: T201
    except Trouble as trouble:
        sys.stderr.write(f"{trouble}\n")
        sys.exit(trouble.code)
