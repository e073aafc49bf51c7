# Every command of the project; a recipe is what CI runs as well. `make help` lists them.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# Tests start hundreds of processes; without stored bytecode each would compile every module anew.
unexport PYTHONDONTWRITEBYTECODE

PYTHON ?= python3
BIN := .venv/bin
# A file's tests share what it sets up. Each process has servers of its own, and waits for them now
# and then: so there is one more than cores, and few. The long files do not come last.
PARALLEL := --numprocesses $(shell echo $$(( $$(nproc) + 1 ))) --maxprocesses 4 --dist loadfile \
	--no-loadscope-reorder
PACKAGES := aggregates events exporters streams
CODE := $(wildcard $(PACKAGES) tests benchmarks scripts)
TYPED := $(wildcard $(PACKAGES) tests benchmarks)

.PHONY: help install run test check lint types fast fmt bench bench-all faults alerts simulation pictures golden laws servers kafka lock clean

help: ## list the commands
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: .venv/.installed ## make .venv from the lock, with the tidemark command

.venv/.installed: pyproject.toml requirements-dev.lock scripts/install.sh
	PYTHON="$(PYTHON)" scripts/install.sh
	@touch $@

run: install ## live KPIs of a simulated company on http://127.0.0.1:9108/
	$(BIN)/tidemark run

test: install servers ## every test, those against real Kafka, Redis and Prometheus included
	$(BIN)/python -m pytest $(PARALLEL)

check: lint types fast ## format, lint, types, import directions, fast tests

lint: install
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/ruff check $(CODE)
	$(BIN)/lint-imports

types: install
	$(BIN)/mypy $(TYPED)

fast: install
	$(BIN)/python -m pytest $(PARALLEL) -m "not broker and not slow and not faults"

fmt: install ## format and sort the imports
	$(BIN)/ruff check --fix-only --quiet $(CODE)
	$(BIN)/ruff format $(CODE)

bench: install servers ## measure, and print the figures with the machine and the spread
	$(BIN)/python -m benchmarks.run

bench-all: install ## the build before beside this one, docs/performance.md written: ROW=, ROUNDS=
	$(BIN)/python -m benchmarks.performance $(ROW) $(if $(ROUNDS),--rounds $(ROUNDS))

faults: install servers ## harm real servers, compare with a fold of the log: SEEDS=, SCENARIO=, SEED=, MISSING=1, MINUTES=, JOBS=
	$(BIN)/python -m tests.faults $(if $(SEEDS),--seeds $(SEEDS)) $(if $(SEED),--seed $(SEED)) \
		$(if $(MISSING),--missing) $(if $(MINUTES),--minutes $(MINUTES)) $(if $(JOBS),--jobs $(JOBS)) \
		$(foreach name,$(SCENARIO),--scenario $(name))

alerts: install servers ## two simulated years: messages counted, docs/alert-messages.md written: SCENARIO=
	$(BIN)/python -m tests.alerting $(foreach name,$(SCENARIO),--scenario $(name))

simulation: install ## histories of workers without servers: SEEDS=, SEED=
	SIMULATION_SEEDS=$(or $(SEEDS),$(if $(SEED),1,2000)) SIMULATION_FIRST=$(or $(SEED),0) \
		$(BIN)/python -m pytest -q --numprocesses $(shell nproc) tests/simulation

laws: install ## the laws under 20,000 examples each; hours, goes on where it was left: LAW_EXAMPLES=, MINUTES=
	$(BIN)/python -m tests.laws $(if $(LAW_EXAMPLES),--examples $(LAW_EXAMPLES)) $(if $(MINUTES),--minutes $(MINUTES))

pictures: install ## draw the pictures of the pages in docs/images anew, with Chromium
	$(BIN)/python -m tests.browser.pictures

golden: install ## rewrite the stored files that golden tests compare with; read the diff
	$(BIN)/python -m pytest -m golden --update-golden

# Where CI is not set, a server that cannot be had means skipped tests, not a failure.
servers:
	@scripts/install_servers.sh
	@scripts/fetch_jars.sh kafka || test -z "$${CI:-}"
	@! test -x $(BIN)/python || $(BIN)/python -m tests.servers.kafka_classes
	@scripts/fetch_jars.sh debezium || test -z "$${CI:-}"
	@scripts/install_sdks.sh || test -z "$${CI:-}"
	@scripts/fetch_compose.sh || test -z "$${CI:-}"
	@scripts/fetch_axe.sh || test -z "$${CI:-}"
	@scripts/fetch_kubernetes.sh || test -z "$${CI:-}"
	@scripts/build_newest.sh || test -z "$${CI:-}"

kafka: ## fetch the jars of Apache Kafka for the tests
	@scripts/fetch_jars.sh kafka

lock: install ## write the lock files anew from pyproject.toml
	scripts/lock.sh

clean: ## remove .venv, the fetched jars and what tools left behind
	rm -rf .venv .cache build dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
