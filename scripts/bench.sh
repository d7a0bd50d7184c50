#!/usr/bin/env bash
# Measures the counting of periods and the sweep in worlds of so many cases each, on the PostgreSQL that the tests
# use; writes bench/results_reports.md and bench/results.md. Each makes databases of its own (a million cases: some
# minutes and four gigabytes) and drops them at the end.
#
#   scripts/bench.sh 10000               the quick one
#   scripts/bench.sh --runs 5 1000000    more runs
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/setup.sh --run
eval "$(.venv/bin/python scripts/find_services.py)"
if [ -z "${TEST_DATABASE_URL:-}" ]; then
    echo "PostgreSQL and Redis were not found: start them, or give TEST_DATABASE_URL and TEST_REDIS_URL." >&2
    exit 1
fi
.venv/bin/python -m bench.reports "$TEST_DATABASE_URL" "$@"
.venv/bin/python -m bench.sweep "$TEST_DATABASE_URL" "$@"
