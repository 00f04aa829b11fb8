"""`python -m services.processor`: settings from the environment, until SIGTERM."""

import os
import sys

import uvloop

from services.adapters.collector import spare_what_is_loaded
from services.adapters.settings import read
from services.processor.app import main

spare_what_is_loaded()
code = uvloop.run(main(read()))
sys.stderr.flush()
# Not sys.exit: it waits for Faust's thread, which does not end when Kafka hangs; nobody starts a process again that has not ended.
os._exit(code)
