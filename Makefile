# The menu. Needs Python >= 3.11 and make, nothing else: no Docker, no Java, no Maven.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/set-up
COMPILE := .venv-lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
	--no-emit-index-url --custom-compile-command "make lock" --upgrade
.DEFAULT_GOAL := menu
.PHONY: menu setup demo test check schemas docs bench lock clean

menu: ## This menu
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' Makefile

setup: $(STAMP) ## Create .venv with the pinned packages (again only when a lock has changed)

$(STAMP): requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ echo "Plek needs Python 3.11 or newer; name one with: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "Python's venv module is missing; on Debian or Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@echo "Setting up .venv (about a minute the first time)"
	@test -x $(BIN)/pip || $(PYTHON) -m venv --clear .venv
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt || \
		{ echo "The packages could not be installed; is the package registry within reach?" >&2; exit 1; }
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --no-index --editable .
	@touch $@

demo: $(STAMP) ## Start everything on this machine, with a simulated country in it
	@$(BIN)/plek up --demo

test: $(STAMP) ## Run every test, with real Kafka, Faust and Valkey
	@$(BIN)/pytest

check: $(STAMP) ## Lint, format, types, layers, stale schemas
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m services.adapters.schemas --check

schemas: $(STAMP) ## Write schemas/ anew from the event types
	@$(BIN)/python -m services.adapters.schemas

docs: $(STAMP) ## Write the generated pages of docs/ anew
	@$(BIN)/python -m services.local.reference

bench: $(STAMP) ## Measure throughput and latency on this machine
	@$(BIN)/python -m tests.bench

lock: ## Resolve the newest allowed versions into requirements/*.txt
	@test -x .venv-lock/bin/uv || { $(PYTHON) -m venv .venv-lock && \
		.venv-lock/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/lock.txt; }
	@for name in lock run dev bench; do $(COMPILE) requirements/$$name.in -o requirements/$$name.txt || exit 1; done

clean: ## Remove what was built; .plek/ (your data) stays
	@rm -rf .venv .venv-lock build *.egg-info .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
