#!/usr/bin/env bash
# All checks: the code as text, then the tests on SQLite, the same on PostgreSQL and Redis (but for what is the same everywhere,
# see tests/conftest.py), the browser journeys once, and faults on servers of their own. REQUIRE_SERVICES=1 makes it a failure when PostgreSQL and Redis are not there.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf '\n==> %s\n' "$*"; }

missing_services() {
    cat >&2 <<'END'

****************************************************************************
*  PostgreSQL and Redis were NOT found: the tests on them DID NOT RUN.     *
*  Start them, or give TEST_DATABASE_URL and TEST_REDIS_URL.               *
****************************************************************************
END
}

missing_programs() {
    cat >&2 <<'END'

****************************************************************************
*  initdb or redis-server was NOT found: the tests that break servers      *
*  DID NOT RUN. Install the packages postgresql and redis-server.          *
****************************************************************************
END
}

# Each of the many processes below would read the code as text.
unset PYTHONDONTWRITEBYTECODE

scripts/setup.sh

services=$(.venv/bin/python scripts/find_services.py)
if [ -z "$services" ] && [ "${REQUIRE_SERVICES:-0}" = 1 ]; then
    missing_services
    exit 1
fi

scripts/lint.sh

# pytest fails on its own when it finds no test at all.
# What a test commits need not be on the disk.
pytest=(env PGOPTIONS="${PGOPTIONS:-} -c synchronous_commit=off" .venv/bin/python -m pytest --quiet --numprocesses "${TEST_PROCESSES:-2}" --dist worksteal)

say "Tests on SQLite and files"
env -u TEST_DATABASE_URL -u TEST_REDIS_URL "${pytest[@]}" -m "not browser"

where="SQLite and files"
if [ -n "$services" ]; then
    where="PostgreSQL and Redis"
    eval "export $services"
    say "Tests on $where"
    "${pytest[@]}" -m "not browser" --again
fi

say "Browser journeys and accessibility, on $where"
"${pytest[@]}" -m browser

if [ -z "$(.venv/bin/python -m tests.chaos.servers)" ] || [ "${REQUIRE_SERVICES:-0}" = 1 ]; then
    say "Faults, on servers of their own"
    scripts/chaos.sh --short
else
    missing_programs
fi

if [ -z "$services" ]; then missing_services; fi
