"""The settings: every variable is described, production guesses nothing, and its own check finds nothing."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

PRODUCTION = {
    "ENVIRONMENT": "production",
    "SECRET_KEY": "k3y-" + "A1b2C3d4E5" * 6,
    "AUDIT_KEY": "a-key-of-its-own-for-the-log-of-events",
    "ALLOWED_HOSTS": "terugkeer.example.nl",
    "DATABASE_URL": "postgres://nobody@127.0.0.1:1/nothing",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "EMAIL_URL": "smtp+tls://user:secret@mail.example.nl:587",
    "DEFAULT_FROM_EMAIL": "terugkeer@example.nl",
}
ASK = "from django.conf import settings as s; print({expression})"


def run(*arguments: str, var: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Runs Python as an installation would: with these variables and nothing of ours."""
    environment = {
        "PATH": os.environ["PATH"],
        "ENV_FILE": os.devnull,
        "VAR_DIR": str(var),
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=environment | variables,
        capture_output=True,
        text=True,
        timeout=60,
    )


def ask(expression: str, *, var: Path, **variables: str) -> str:
    done = run("-c", ASK.format(expression=expression), var=var, **variables)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_env_example_names_every_variable_that_the_settings_read() -> None:
    source = (ROOT / "config" / "settings.py").read_text()
    read = set(re.findall(r'env(?:\.\w+)?\(\s*"([A-Z_]+)"', source))
    described = set(re.findall(r"^#? ?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    compose_only = {"POSTGRES_PASSWORD", "HTTP_PORT", "MAIL_PORT"}

    assert described - compose_only == read
    assert compose_only <= described


def test_compose_hands_on_only_variables_that_are_described() -> None:
    used = set(re.findall(r"\$\{([A-Z_]+)", (ROOT / "compose.yml").read_text()))
    described = set(re.findall(r"^#? ?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))

    assert used - described == set()


def test_production_passes_its_own_check(tmp_path: Path) -> None:
    done = run("manage.py", "check", "--deploy", "--fail-level", "WARNING", var=tmp_path, **PRODUCTION)

    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


@pytest.mark.parametrize(
    "name",
    ["SECRET_KEY", "AUDIT_KEY", "ALLOWED_HOSTS", "DATABASE_URL", "EMAIL_URL", "DEFAULT_FROM_EMAIL"],
)
def test_production_does_not_start_without(name: str, tmp_path: Path) -> None:
    done = run("manage.py", "check", var=tmp_path, **{**PRODUCTION, name: ""})

    assert done.returncode != 0
    assert f"needs these variables as well: {name}." in done.stderr


def test_production_does_not_start_with_debug(tmp_path: Path) -> None:
    done = run("manage.py", "check", var=tmp_path, DEBUG="true", **PRODUCTION)

    assert done.returncode != 0
    assert "DEBUG shows pupils' data" in done.stderr


def test_an_unknown_environment_is_refused(tmp_path: Path) -> None:
    done = run("manage.py", "check", var=tmp_path, ENVIRONMENT="prodcution")

    assert done.returncode != 0
    assert "must be 'demo' or 'production'" in done.stderr


def test_production_asks_for_a_second_factor_and_host_cookies(tmp_path: Path) -> None:
    seen = ask(
        "(s.MFA_REQUIRED, s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.DEBUG, s.BASE_URL)",
        var=tmp_path,
        **PRODUCTION,
    )

    assert seen == "(True, '__Host-session', '__Host-csrf', False, 'https://terugkeer.example.nl')"


def test_the_embedded_default_needs_no_variable_and_is_no_production(tmp_path: Path) -> None:
    seen = ask(
        "(s.DEMO, s.DEBUG, s.MFA_REQUIRED, s.DATABASES['default']['ENGINE'], s.CELERY_BROKER_URL)",
        var=tmp_path,
    )

    assert seen == "(True, False, False, 'django.db.backends.sqlite3', 'filesystem://localhost')"


def test_the_embedded_default_keeps_a_secret_of_its_own(tmp_path: Path) -> None:
    first = ask("s.SECRET_KEY", var=tmp_path / "one")
    again = ask("s.SECRET_KEY", var=tmp_path / "one")
    other = ask("s.SECRET_KEY", var=tmp_path / "other")

    assert first == again
    assert first != other
    assert (tmp_path / "one" / "secret_key").stat().st_mode & 0o777 == 0o600
