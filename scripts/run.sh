#!/usr/bin/env bash
# Starts Terugkeer on this machine: installs what is missing, then scripts/run.py does the rest.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/setup.sh --run
export PATH="$PWD/.venv/bin:$PATH" PYTHONPATH="$PWD"
exec .venv/bin/python scripts/run.py
