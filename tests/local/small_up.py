"""`plek up` with real servers and one stand-in for all services, as a program that a test can kill."""

import sys
from dataclasses import replace

from services.adapters.config.settings import Settings
from services.local.instance.data_directory import DataDirectory
from services.local.layout import Layout, plan_layout
from services.local.processes.component import Service
from services.local.up import run_instance
from services.local.user_error import UserError


def _plan(wanted: Settings, instance: DataDirectory, workers: int) -> Layout:
    layout = plan_layout(wanted, instance, workers)
    address = f"http://127.0.0.1:{layout.settings.gateway_port}"
    return replace(layout, services=[Service("stand-in", "tests.local.stand_in", address, layout.settings, instance.logs / "stand-in.log")])


if __name__ == "__main__":
    try:
        run_instance(Settings(), 1, lambda line: print(line, flush=True), pace=None, plan=_plan)  # noqa: T201
    except UserError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(error.code)
