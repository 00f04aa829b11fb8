"""`python -m services.processor`: settings from the environment, until SIGTERM."""

import os
import sys

import uvloop

from services.adapters.config.settings import read
from services.adapters.observability.gc_tuning import freeze_gc
from services.processor.app import main

freeze_gc()
code = uvloop.run(main(read()))
sys.stderr.flush()
# Not sys.exit: it waits for Faust's thread, which does not end when Kafka hangs; no supervisor starts a process again that has not ended.
os._exit(code)
