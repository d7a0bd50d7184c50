#!/usr/bin/env bash
# Starts Terugkeer on this machine: installs what is missing, then scripts/run.py does the rest.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/setup.sh --run
exec .venv/bin/python scripts/run.py
