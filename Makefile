# `make run` tries it, `make test` checks everything, `make test T=tests/geo` a part of it.
# While you work: `make check` (lint and types) and `make unit` (no database, no browser).
# Before a release, minutes to an hour each: `make mutants` (do the tests notice changes; M=router is
# one module), `make faults` (kills and outages on both databases), `make security` (fuzzing, audit).
# PYTHON names another interpreter, 3.11 or newer: make run PYTHON=python3.12
PYTHON = python3
BIN = .venv/bin

T =
M =
WORKERS = 2

.PHONY: run check unit test mutants faults security coverage bench lint format catalogs lock clean installed tools-installed

run: installed
	@$(BIN)/yizhan demo

check: tools-installed
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports

unit: tools-installed
	@$(BIN)/pytest -n $(WORKERS) -m unit $(T)

ifeq ($(T),)
test: lint
	@$(BIN)/pytest -n $(WORKERS) --dist worksteal
else
test: tools-installed
	@$(BIN)/pytest $(T)
endif

mutants: tools-installed
	@$(BIN)/python -m tools.mutants $(M)

faults: tools-installed
	@REQUIRE_PG=1 $(BIN)/pytest -m "long or not long" tests/faults

security: tools-installed
	@$(BIN)/ruff check --select S
	@$(BIN)/python -m tools.audit
	@HYPOTHESIS_PROFILE=long $(BIN)/pytest -n $(WORKERS) --timeout 3600 tests/security

coverage: tools-installed
	@$(BIN)/coverage erase
	@$(BIN)/coverage run -m pytest -n $(WORKERS) --dist worksteal $(T)
	@$(BIN)/coverage combine --quiet
	@$(BIN)/coverage report

bench: tools-installed
	@$(BIN)/python -m bench

lint: check
	@$(BIN)/python -m tools.catalogs --check

format: tools-installed
	@$(BIN)/ruff format
	@$(BIN)/ruff check --fix

catalogs: tools-installed
	@$(BIN)/python -m tools.catalogs

lock: tools-installed
	@PATH="$(BIN):$$PATH" tools/lock.sh

clean:
	rm -rf .venv dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find bot tests bench tools -name __pycache__ -type d -prune -exec rm -rf {} +

installed:
	@tools/install.sh "$(PYTHON)" requirements.lock

tools-installed:
	@tools/install.sh "$(PYTHON)" requirements-dev.lock
