# The front door. Needs git, make and Python >= 3.11; everything else is fetched, locked.

.DEFAULT_GOAL := help
.PHONY: help setup install up down status demo bench test test-fast test-browser test-faults screenshots lint clean
export ENGINES

# The system's own first: it is built with optimisations that a version manager's often lacks (a tenth).
PYTHON ?= $(shell for p in /usr/bin/python3 python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && command -v $$p && break; done)
BIN := .venv/bin
SYNCED := .venv/.synced
# One test run: `make test ARGS="tests/redemption -k rivals"`
ARGS ?=

help: ## Show this help
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(SYNCED) ## Set up .venv with everything locked; nothing else is touched
install: $(SYNCED) ## The same as setup

up: $(SYNCED) ## Start the platform; Ctrl-C stops it
	$(BIN)/counterfoil up --probe
down: $(SYNCED) ## Stop the platform; its data stay
	$(BIN)/counterfoil down
status: $(SYNCED) ## Say what runs where
	$(BIN)/counterfoil status

demo: $(SYNCED) ## Replay a real retailer's year and print what each partner earned
	$(BIN)/counterfoil demo
bench: $(SYNCED) ## Measure the path from a request on Kafka to ClickHouse
	$(BIN)/counterfoil bench path

# Every process that a test starts would compile our sources anew.
test test-fast test-browser test-faults: export PYTHONDONTWRITEBYTECODE =
test: $(SYNCED) ## Run every test; the engines start by themselves (ENGINES=containers: in Docker)
	$(BIN)/pytest -n 3 --dist loadgroup --no-loadscope-reorder --ignore tests/browser -m "not long" $(ARGS)
test-fast: $(SYNCED) ## Run the tests that start neither an engine nor a process (seconds)
	$(BIN)/pytest -n 2 --dist loadfile -p no:schemathesis -m "not integration and not process and not long and not browser" $(ARGS)
test-browser: $(SYNCED) ## Walk the console in Chromium as people do (installs Debian's where apt and root are there)
	@command -v chromium >/dev/null || { test "$$(id -u)" = 0 && command -v apt-get >/dev/null && \
		apt-get -qq update && apt-get -qq install -y --no-install-recommends chromium; } || true
	$(BIN)/pytest -n 2 --dist worksteal -m browser tests/browser $(ARGS)
screenshots: $(SYNCED) ## Take docs/console/*.png of what `counterfoil demo --keep` has left running
	PYTHONPATH=tests $(BIN)/python -m kit.screenshots $(ARGS)
test-faults: $(SYNCED) ## Send whatever can be sent, kill whatever runs (minutes; THOROUGH=1: a night)
	HYPOTHESIS_PROFILE=$(if $(THOROUGH),thorough,random) $(BIN)/pytest -p no:xdist -m long $(ARGS)
lint: $(SYNCED) ## Format, lint, type-check and check who imports whom
	$(BIN)/ruff format . && $(BIN)/ruff check --fix . && $(BIN)/mypy && $(BIN)/lint-imports

clean: ## Remove what setup made; data folders stay
	rm -rf .venv .uv

# Synced anew when the lock or a member's dependencies have changed. Without a Python on PATH that is
# new enough uv would look for one itself; we pin the one that ran the bootstrap.
$(SYNCED): uv.lock pyproject.toml $(wildcard libs/*/pyproject.toml services/*/pyproject.toml deploy/*/pyproject.toml)
	@test -n "$(PYTHON)" || { echo "Counterfoil needs Python 3.11 or newer on PATH" >&2; exit 2; }
	uv=$$($(PYTHON) deploy/bootstrap.py) && "$$uv" sync --locked --all-packages --all-extras \
		--compile-bytecode --python "$(PYTHON)"
	@$(BIN)/python -m compileall -q libs services deploy  # or, on some machines, every process would
	@touch $@
