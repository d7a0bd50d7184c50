"""Both languages are complete: each text of the code has its Dutch, with the same placeholders."""

import ast

from scripts.messages import APPS, KEYWORDS, ROOT, all_texts, problems


def test_every_text_has_its_dutch() -> None:
    assert problems() == []


def test_texts_are_found_in_code_and_in_templates() -> None:
    """Else the test above would have nothing to compare."""
    files = {path for _message, _context, path in all_texts()}

    assert len([path for path in files if path.endswith(".py")]) > 20
    assert len([path for path in files if path.endswith(".html")]) > 20


def test_no_function_of_gettext_gets_a_name_that_is_not_searched_for() -> None:
    """Texts marked with such a name would stay English without anybody noticing."""
    names = {
        f"{path.relative_to(ROOT)}: {alias.asname}"
        for app in APPS
        for path in (ROOT / app).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"
        for alias in node.names
        if "gettext" in alias.name and (alias.asname or alias.name) not in KEYWORDS
    }

    assert names == set()
