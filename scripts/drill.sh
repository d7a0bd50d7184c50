#!/usr/bin/env bash
# Practises a restore: makes a backup of the database that DATABASE_URL names (or of the embedded one), restores it
# into a fresh database beside it, checks there that all rows came back and that the log of events is whole, and
# throws the fresh one away. Nothing of what is in use changes.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/setup.sh --run
exec .venv/bin/python scripts/drill.py "$@"
