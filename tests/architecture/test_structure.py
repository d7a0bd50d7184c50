"""What the folders promise: apps depend downwards, migrations and models agree, what is named exists."""

import io
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from celery import current_app
from django.apps import apps
from django.core.management import call_command

from config.celery import TIMETABLE

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"), key=str)


def test_apps_and_layers_depend_downwards_only() -> None:
    done = subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports")],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stdout


def test_every_app_is_under_the_contracts() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    own = {config.label for config in apps.get_app_configs() if Path(config.path).parent == ROOT}

    assert set(settings["root_packages"]) == own | {"config"}


@pytest.mark.django_db
def test_models_and_migrations_agree() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_checks_find_nothing() -> None:
    call_command("check", fail_level="WARNING", stdout=io.StringIO())


def test_every_job_of_the_timetable_exists() -> None:
    current_app.loader.import_default_modules()

    assert {job.task for job in TIMETABLE} - set(current_app.tasks) == set()


def test_production_gets_the_same_versions_as_the_tests() -> None:
    def pins(name: str) -> set[str]:
        return set(re.findall(r"^([a-z0-9._-]+==[^ ;]+)", (ROOT / name).read_text(), re.MULTILINE))

    production = pins("requirements.production.lock")

    assert len(production) > 30
    assert production - pins("requirements.lock") == set()


@pytest.mark.parametrize(
    "name", ["requirements.lock", "requirements.production.lock", "frontend/package-lock.json"]
)
def test_lock_files_name_no_place_to_download_from(name: str) -> None:
    text = (ROOT / name).read_text()

    assert '"resolved"' not in text
    assert not re.search(r"https?://(?!github\.com/sponsors)", text)


@pytest.mark.parametrize("template", TEMPLATES, ids=str)
def test_templates_have_nothing_inline(template: Path) -> None:
    """The content security policy would block it, and the page would silently miss something."""
    inline = re.search(
        r"""<script(?![^>]*\bsrc=)(?![^>]*type="application/json")|<style\b|\sstyle=|\son[a-z]+=["']|javascript:""",
        template.read_text(),
    )

    assert inline is None, inline


@pytest.mark.parametrize("template", TEMPLATES, ids=str)
def test_a_form_that_is_included_alone_gets_its_token(template: Path) -> None:
    """With `only` an included template knows no more than it is given; each post of it would be refused."""
    included = re.findall(r'{%\s*include "([^"]+)"([^%]*) only\s*%}', template.read_text())
    without = {
        name
        for name, given in included
        if "{% csrf_token %}" in (ROOT / "templates" / name).read_text() and "csrf_token=" not in given
    }

    assert without == set()
