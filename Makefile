# Gavel's commands; `make` alone lists them. Settings on the command line (make run PORT=8001) reach what is started.
.DEFAULT_GOAL := help
.PHONY: help run test lint format bench audit clean venv venv-dev
MAKEFLAGS += --no-print-directory

PYTEST_ARGS ?=
BENCH_ARGS ?=

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

run: venv ## start everything at http://127.0.0.1:8000 (or PORT=…), until Ctrl-C
	@exec .venv/bin/python -m devtools.run

test: venv-dev ## run every test, on SQLite and PostgreSQL (PYTEST_ARGS=… to choose)
	@exec .venv/bin/python -m pytest -n 3 --maxschedchunk 1 $(PYTEST_ARGS)

lint: venv-dev ## check style, types, which layer imports which, and the Dockerfile
	@.venv/bin/ruff check .
	@.venv/bin/mypy
	@.venv/bin/djlint --lint --quiet templates
	@.venv/bin/lint-imports --no-logo
	@if [ -x .venv/bin/hadolint ]; then .venv/bin/hadolint Dockerfile; fi

format: venv-dev ## put the Python files into the common format
	@.venv/bin/ruff check --fix --select I .
	@.venv/bin/ruff format .

bench: venv-dev ## measure against pgbench, nchan and a bare Flask page (BENCH_ARGS=…)
	@exec .venv/bin/python -m bench $(BENCH_ARGS)

audit: venv-dev ## look the pinned packages up in the lists of known weaknesses
	@exec .venv/bin/pip-audit -r requirements.txt --disable-pip --no-deps

clean: ## remove caches and the virtual environment; data under var/ stays
	@rm -rf .venv .pytest_cache .hypothesis .mypy_cache .ruff_cache .import_linter_cache
	@find . -name __pycache__ -type d -not -path './.venv/*' -prune -exec rm -rf {} +

venv:
	@devtools/setup-venv requirements.txt

venv-dev: venv
	@devtools/setup-venv requirements-dev.txt
