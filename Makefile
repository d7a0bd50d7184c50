# Two commands: `make run` tries it out, `make test` checks it. Both install what they need (`make setup`).

PYTHON ?= python3
export PYTHON

.PHONY: help setup run test chaos drill lint format messages lock bench clean

help:
	@echo "make run       start it on this machine with made-up data (Ctrl-C stops it)"
	@echo "make test      all checks and tests"
	@echo "make chaos     break servers, workers and clocks while mail is on its way, and count what arrives"
	@echo "make drill     practise a restore: backup, restore into a fresh database, verify"
	@echo "make setup     only install what the two above need"
	@echo "make lint      the checks without the tests"
	@echo "make format    put the code in its usual form"
	@echo "make messages  put new texts into the file of Dutch translations"
	@echo "make lock      write the lock files anew after a change of pyproject.toml"
	@echo "make bench     measure counting and the sweep on PostgreSQL in worlds of N cases (make bench N='10000 1000000')"
	@echo "make clean     remove what was installed and built; the data in var/ stays"

setup:
	@scripts/setup.sh

run:
	@scripts/run.sh

test:
	@scripts/test.sh

chaos:
	@scripts/setup.sh
	@scripts/chaos.sh

drill:
	@scripts/drill.sh

lint:
	@scripts/setup.sh
	@scripts/lint.sh

format:
	@.venv/bin/ruff check --fix --quiet . ; .venv/bin/ruff format .

messages:
	@.venv/bin/python scripts/messages.py

lock:
	@scripts/lock.sh

# How many cases the worlds have in which is measured.
N ?= 10000 100000 1000000
bench:
	@scripts/bench.sh $(N)

clean:
	rm -rf .venv frontend/node_modules static/vendor staticfiles .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
	find . -name __pycache__ -prune -exec rm -rf {} +
	find locale -name '*.mo' -delete
