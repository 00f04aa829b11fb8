"""`python -m services.processor`: settings from the environment, until SIGTERM."""

import sys

import uvloop

from services.adapters.settings import read
from services.processor.app import main

sys.exit(uvloop.run(main(read())))
