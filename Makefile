# The menu. Needs Python >= 3.11 and make, nothing else: no Docker, no Java, no Maven.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/set-up
INSTALL := $(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r
# What they say of a registry that is away is many lines, of which one is enough
SAID := .venv/install.log
AWAY := echo "The packages could not be installed; is the package registry within reach? All that was said is in $(SAID)" >&2; exit 1
# What pytest rewrites is kept for the next run, whatever the environment says. A module is run by one process; most of what a module
# with servers does is wait, so there is one process more than on two cores.
PYTEST := PYTHONDONTWRITEBYTECODE= $(BIN)/pytest --numprocesses $(or $(WORKERS),3) --dist loadscope
COMPILE := .venv-lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
	--no-emit-index-url --custom-compile-command "make lock" --upgrade
.DEFAULT_GOAL := menu
.PHONY: menu setup setup-newer standards demo test test-fast test-long planted faults soak check schemas docs screenshots bench lock clean

menu: ## This menu
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' Makefile

setup: $(STAMP) ## Create .venv with the pinned packages (again only when a lock has changed)

$(STAMP): requirements/dev.txt requirements/lock.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ echo "Plek needs Python 3.11 or newer; name one with: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "Python's venv module is missing; on Debian or Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@echo "Setting up .venv (half a minute the first time)"
	@test -x $(BIN)/pip || $(PYTHON) -m venv --clear .venv
	@$(INSTALL) requirements/lock.txt 2>$(SAID) || { $(AWAY); }
	@# uv takes a sixth of pip's time; pip knows registries of an organisation's own that uv may not
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --compile-bytecode --require-hashes -r requirements/dev.txt 2>$(SAID) || \
		$(INSTALL) requirements/dev.txt 2>>$(SAID) || { $(AWAY); }
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --offline --editable .
	@# The first verb typed is as quick as the second
	@$(BIN)/python -m compileall -q services
	@touch $@

setup-newer: $(STAMP) # Another Python beside .venv, for CI: make setup-newer PYTHON=python3.13
	@$(PYTHON) -m venv --clear .venv-newer
	@$(BIN)/uv pip install --quiet --python .venv-newer/bin/python --require-hashes -r requirements/dev.txt || \
		.venv-newer/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt

standards: $(STAMP) ## Install the tools of others that tests/standards runs (Node.js 20 or newer, npm)
	@cd tests/standards && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@$(BIN)/uv venv --quiet --allow-existing --python $(BIN)/python .venv-standards
	@$(BIN)/uv pip install --quiet --python .venv-standards/bin/python --require-hashes -r requirements/standards.txt

demo: $(STAMP) ## Start everything on this machine, with a simulated country in it
	@$(BIN)/plek up --demo

test: $(STAMP) ## Run the tests, with real Kafka, Faust and Valkey (about half an hour on two cores)
	@$(PYTEST) -m "not long"

test-fast: $(STAMP) ## Run the tests that start no server and no other process
	@$(PYTEST) -m "not long and not e2e"

test-long: $(STAMP) ## Run what takes long: whole years, many kills, thousands of examples a property
	@PROPERTIES=ci $(PYTEST) -m "long or hypothesis"

planted: $(STAMP) ## Plant bugs one at a time, and see that the fast tests notice each within a minute (ROOM=processor)
	@ROOM=$(ROOM) WITHIN=$(WITHIN) $(BIN)/python -m tests.faults.planted

faults: $(STAMP) ## Break everything for 15 minutes, and check every promise and answer (MINUTES=15 SEED=)
	@$(BIN)/python -m tests.faults.programme --minutes $(or $(MINUTES),15) $(if $(SEED),--seed $(SEED))

soak: $(STAMP) ## The same for hours (HOURS=8 SEED=)
	@$(BIN)/python -m tests.faults.programme --minutes $$(( $(or $(HOURS),8) * 60 )) $(if $(SEED),--seed $(SEED))

check: $(STAMP) ## Lint, format, types, layers, stale schemas
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m services.adapters.schemas --check

schemas: $(STAMP) ## Write schemas/ anew from the event types
	@$(BIN)/python -m services.adapters.schemas

docs: $(STAMP) ## Write the generated pages of docs/ anew
	@$(BIN)/python -m services.local.docs_generator

screenshots: $(STAMP) ## Take a picture of every page into docs/img/
	@$(BIN)/python -m tests.tools.screenshots docs/img
	@$(BIN)/python -m tests.tools.report_pictures docs/img

bench: $(STAMP) ## Measure throughput and latency on this machine
	@$(BIN)/python -m tests.bench

lock: ## Resolve the newest allowed versions into requirements/*.txt
	@test -x .venv-lock/bin/uv || { $(PYTHON) -m venv .venv-lock && \
		.venv-lock/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/lock.txt; }
	@for name in lock run dev bench standards; do $(COMPILE) requirements/$$name.in -o requirements/$$name.txt || exit 1; done
	@# Parts of run.txt, with its versions: what an image needs and no more
	@$(COMPILE) -c requirements/run.txt requirements/serve.in -o requirements/serve.txt
	@$(COMPILE) -c requirements/run.txt requirements/serve.in requirements/monitor.in -o requirements/monitor.txt

clean: ## Remove what was built; .plek/ (your data) stays
	@rm -rf .venv .venv-lock .venv-newer .venv-standards tests/standards/node_modules build *.egg-info .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
