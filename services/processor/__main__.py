"""`python -m services.processor`: settings from the environment, until SIGTERM."""

import os
import sys

import uvloop

from services.adapters.settings import Settings
from services.processor.app import main

code = uvloop.run(main(Settings()))
sys.stderr.flush()
# Not sys.exit: it waits for Faust's thread, which does not end when Kafka hangs; nobody starts a process again that has not ended.
os._exit(code)
