#!/usr/bin/env bash
# The checks that read the code without running it. The types take as long as all others: they are checked beside them.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/.venv/bin:$PATH"

step() { printf '\n==> %s\n' "$*"; "$@"; }

types=$(mktemp)
mypy >"$types" 2>&1 &
trap 'kill $! 2>/dev/null || true; rm -f "$types"' EXIT

step ruff format --check .
step ruff check .
step lint-imports
step python manage.py makemigrations --check --dry-run

printf '\n==> mypy\n'
wait $! || { cat "$types"; exit 1; }
cat "$types"
