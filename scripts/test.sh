#!/usr/bin/env bash
# All checks: the code as text, then the tests on SQLite, the same tests on PostgreSQL and Redis, and the browser journeys once.
# REQUIRE_SERVICES=1 makes it a failure when PostgreSQL and Redis are not there.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/setup.sh
scripts/lint.sh

PYTEST=(.venv/bin/python -m pytest --quiet --numprocesses "${TEST_PROCESSES:-2}")
say() { printf '\n==> %s\n' "$*"; }

services=$(.venv/bin/python scripts/find_services.py)

say "Tests on SQLite and files"
env -u TEST_DATABASE_URL -u TEST_REDIS_URL "${PYTEST[@]}" -m "not browser"

if [ -n "$services" ]; then
    eval "export $services"
    say "Tests on PostgreSQL and Redis"
    "${PYTEST[@]}" -m "not browser"
fi

say "Browser journeys and accessibility on ${services:+PostgreSQL and Redis}${services:-SQLite and files}" | sed 's/TEST_DATABASE_URL.*//'
"${PYTEST[@]}" -m browser

if [ -z "$services" ]; then
    cat >&2 <<'END'

****************************************************************************
* PostgreSQL and Redis were NOT found: the tests on them DID NOT RUN.       *
* Start them, or give TEST_DATABASE_URL and TEST_REDIS_URL.                 *
****************************************************************************
END
    if [ "${REQUIRE_SERVICES:-0}" = 1 ]; then exit 1; fi
fi
