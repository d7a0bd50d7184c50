#!/usr/bin/env bash
# Writes the lock files anew from pyproject.toml: all packages with hashes, and no address of where they came from.
# uv is needed for this alone: `.venv/bin/python -m pip install uv`.
set -euo pipefail
cd "$(dirname "$0")/.."

compile=(.venv/bin/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --custom-compile-command "make lock")
"${compile[@]}" --all-extras pyproject.toml --output-file requirements.lock "$@"
"${compile[@]}" pyproject.toml --constraints requirements.lock --output-file requirements.production.lock
