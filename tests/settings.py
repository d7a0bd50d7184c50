"""The settings under test: config/settings.py without anything of the machine's environment.

TEST_DATABASE_URL and TEST_REDIS_URL choose PostgreSQL and Redis; without them the suite runs on the embedded
default, SQLite and files.
"""

import os
import re
import zlib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

for name in re.findall(r"^#? ?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE):
    os.environ.pop(name, None)
os.environ["ENV_FILE"] = os.devnull
os.environ["VAR_DIR"] = str(ROOT / "var" / "test")
os.environ["SECRET_KEY"] = "only-for-the-tests-" + "x" * 40
os.environ["LOG_LEVEL"] = "WARNING"
if os.environ.get("TEST_DATABASE_URL"):
    os.environ["DATABASE_URL"] = os.environ["TEST_DATABASE_URL"]
if os.environ.get("TEST_REDIS_URL"):
    os.environ["REDIS_URL"] = os.environ["TEST_REDIS_URL"]

from config.settings import *  # noqa: E402, F403
from config.settings import (  # noqa: E402
    CACHES,
    DATABASES,
    INSTALLED_APPS,
    REDIS_URL,
    STORAGES,
    VAR_DIR,
)

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")

if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # A file and not memory: tests of two people at once need two real connections.
    # Its own for each run, so that two runs at the same time do not meet.
    DATABASES["default"]["TEST"] = {"NAME": str(VAR_DIR / f"test-{os.getpid()}.sqlite3")}
    DATABASES["default"]["OPTIONS"]["init_command"] = "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;"
else:
    # Two working copies on one machine may test at the same time.
    copy = zlib.crc32(str(ROOT).encode())
    DATABASES["default"]["TEST"] = {"NAME": f"test_{DATABASES['default']['NAME']}_{copy:08x}"}
if REDIS_URL:
    CACHES["default"]["KEY_PREFIX"] = f"test:{WORKER}"
else:
    CACHES["default"] = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}

# Fast on purpose: what is tested is never how strong the hash is.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Tests of pages need no collected files, and each client of a test would look for them all; the server of
# the browser serves those in static/.
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
STATIC_ROOT = VAR_DIR / "no-static-files"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
INSTALLED_APPS += ["django_linear_migrations"]
