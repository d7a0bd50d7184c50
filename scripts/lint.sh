#!/usr/bin/env bash
# The checks that read the code without running it.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/.venv/bin:$PATH"

step() { printf '\n==> %s\n' "$*"; "$@"; }

step ruff format --check .
step ruff check .
step mypy
step lint-imports
step python manage.py makemigrations --check --dry-run
