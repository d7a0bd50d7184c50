#!/usr/bin/env bash
# Breaks PostgreSQL, Redis, mail server, workers and beats of its own while mail is on its way, and counts what arrives.
# The counts are printed, and written to var/chaos/report.txt; the logs of each process are in var/chaos/runs/.
#
#   scripts/chaos.sh           all scenarios, ten to fifteen minutes (`make chaos`)
#   scripts/chaos.sh --short   the selection of `make test`, a minute
set -euo pipefail
cd "$(dirname "$0")/.."

missing=$(.venv/bin/python -m tests.chaos.servers)
if [ -n "$missing" ]; then
    echo "Missing on this machine: $missing. Install them and try again: sudo apt-get install --yes $missing" >&2
    exit 1
fi

which="chaos"
if [ "${1:-}" = --short ]; then which="chaos and not long"; fi
mkdir -p var/chaos
export PYTEST_PLUGINS=tests.chaos.plugin
exec .venv/bin/python -m pytest --quiet --numprocesses "${TEST_PROCESSES:-2}" --dist worksteal --basetemp var/chaos/runs -m "$which" tests/chaos
