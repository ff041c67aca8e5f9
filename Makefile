# `make run` tries it, `make test` checks everything.
# PYTHON names another interpreter, 3.11 or newer: make run PYTHON=python3.12
PYTHON = python3
BIN = .venv/bin

.PHONY: run test bench lint format catalogs lock clean installed tools-installed

run: installed
	@$(BIN)/yizhan demo

test: lint
	@$(BIN)/pytest -n 2

bench: tools-installed
	@$(BIN)/python -m bench

lint: tools-installed
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports
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
