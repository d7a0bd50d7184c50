#!/usr/bin/env bash
# Installs what Terugkeer needs into this folder: Python packages, front-end packages, static files, translations.
# As root on Debian or Ubuntu also the system packages that are missing; otherwise it names the command and stops.
# With nothing changed it is done in a second.
#
#   scripts/setup.sh         everything, Chromium for the browser tests included
#   scripts/setup.sh --run   only what running it needs
set -euo pipefail
cd "$(dirname "$0")/.."

STAMPS=.venv/stamps
say() { printf '==> %s\n' "$*"; }
fail() { printf '\n%s\n' "$*" >&2; exit 1; }

# --- System packages

good_python() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
    local candidate
    for candidate in "${PYTHON:-python3}" python3 python3.14 python3.13 python3.12 python3.11 /usr/bin/python3; do
        if command -v "$candidate" >/dev/null && good_python "$candidate"; then
            command -v "$candidate"
            return
        fi
    done
}

# 20 is what we test with; 18, of Debian 12, builds the style sheets too.
good_node() { command -v npm >/dev/null && node -e 'process.exit(Number(process.versions.node.split(".")[0]) < 18 ? 1 : 0)' 2>/dev/null; }

has_chromium() { command -v "${CHROMIUM:-chromium}" >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null; }

missing_packages() {
    local python
    python=$(find_python)
    if [ -z "$python" ]; then
        echo python3 python3-venv
    elif [ ! -x .venv/bin/python ] && ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        # Debian's own Python comes without; the package is named after its version where several are installed.
        "$python" -c 'import sys; print("python3.%d-venv" % sys.version_info[1])'
    fi
    command -v node >/dev/null || echo nodejs
    command -v npm >/dev/null || echo npm
    if [ "${1:-}" != --run ] && ! has_chromium; then echo chromium; fi
}

install_system_packages() {
    local missing
    missing=$(missing_packages "${1:-}" | xargs)
    if [ -n "$missing" ]; then
        local command="apt-get install --yes --no-install-recommends $missing"
        if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
            fail "Missing on this machine: $missing. Install them and try again:

    sudo apt-get update && sudo $command"
        fi
        say "Installing system packages: $missing"
        export DEBIAN_FRONTEND=noninteractive
        apt-get update -qq
        $command -qq >/dev/null
    fi
    [ -n "$(find_python)" ] || fail "Python 3.11 or newer is needed; this machine has $(python3 --version 2>&1)."
    good_node || fail "Node 20 or newer is needed; this machine has $(node --version 2>&1)."
}

# --- What changed since the last time

# once NAME RESULT HASH COMMAND: runs a step when its result is not there, or when the hash of what it depends on differs from
# that of the last time that it succeeded.
once() {
    local name=$1 result=$2 hash=$3
    shift 3
    if [ -e "$result" ] && [ "$(cat "$STAMPS/$name" 2>/dev/null)" = "$hash" ]; then return; fi
    "$@"
    mkdir -p "$STAMPS"
    printf '%s\n' "$hash" >"$STAMPS/$name"
}

hash_of() { cat "$@" 2>/dev/null | sha256sum | cut -d' ' -f1; }
hash_of_files() { LC_ALL=C sort | xargs -r -d '\n' sha256sum | sha256sum | cut -d' ' -f1; }

# --- The steps

make_environment() {
    if [ ! -x .venv/bin/python ] || ! good_python .venv/bin/python || ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
        say "Making the environment in .venv"
        rm -rf .venv
        "$(find_python)" -m venv .venv
    fi
}

install_python_packages() {
    say "Installing Python packages"
    .venv/bin/python -m pip install --disable-pip-version-check -qq --require-hashes --requirement requirements.lock
}

install_frontend_packages() {
    say "Installing front-end packages"
    (cd frontend && npm ci --loglevel=error --no-progress >/dev/null)
}

build_frontend() {
    say "Building the style sheets"
    node frontend/build.mjs
}

compile_translations() {
    say "Compiling the translations"
    .venv/bin/pybabel --quiet compile --domain django --directory locale
}

collect_static_files() {
    say "Collecting the static files"
    .venv/bin/python manage.py collectstatic --no-input --clear --verbosity 0
}

# So that every command works at once. A database that DATABASE_URL names is somebody's own to bring up to date.
is_embedded() { [ -z "${DATABASE_URL:-}" ] && ! grep -qs '^DATABASE_URL=.' "${ENV_FILE:-.env}"; }

make_embedded_database() {
    say "Making the embedded database"
    .venv/bin/python manage.py migrate --no-input --verbosity 0
}

install_system_packages "${1:-}"
make_environment
once python .venv/bin/python "$(hash_of requirements.lock)" install_python_packages
once npm frontend/node_modules "$(hash_of frontend/package-lock.json frontend/.npmrc)" install_frontend_packages
once frontend static/vendor/tokens.css "$( (find static -name '*.css' -not -path 'static/vendor/*'; echo frontend/build.mjs; echo frontend/package-lock.json) | hash_of_files)" build_frontend
if [ -n "$(find locale -name '*.po' 2>/dev/null)" ]; then
    once translations locale/nl/LC_MESSAGES/django.mo "$(find locale -name '*.po' | hash_of_files)" compile_translations
fi
once static staticfiles/staticfiles.json "$( (find static -type f; echo requirements.lock; echo config/settings.py) | hash_of_files)" collect_static_files
if is_embedded; then
    once database "${VAR_DIR:-var}/db.sqlite3" "$(find . -path './.venv' -prune -o -path '*/migrations/*.py' -print | hash_of_files)" make_embedded_database
fi
