"""The `plek` command as somebody runs it who is a user of the deployed cluster."""

import os
import subprocess
import sys
from pathlib import Path

from services.adapters.config.settings import Settings
from services.adapters.kafka.acl_rules import ADMIN
from tests.deploy.brokers import ThreeBrokers


def plek(settings: Settings, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a verb with these settings and no others."""
    command = (sys.executable, "-m", "services.cli", *words)
    env = {name: value for name, value in os.environ.items() if not name.startswith("PLEK_")} | settings.environment()
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False, timeout=120)


def plek_cluster(cluster: ThreeBrokers, users: Path | None = None, prefix: str = "plek") -> subprocess.CompletedProcess[str]:
    """Make the cluster ready as its admin."""
    settings = Settings.model_validate(cluster.settings(ADMIN) | {"prefix": prefix})
    return plek(settings, "cluster", "--users", str(users or cluster.users))
