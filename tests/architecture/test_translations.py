"""Both languages are complete: each text of the code has its Dutch, with the same placeholders."""

from scripts.messages import all_texts, problems


def test_every_text_has_its_dutch() -> None:
    assert problems() == []


def test_texts_are_found_in_code_and_in_templates() -> None:
    """Else the test above would have nothing to compare."""
    files = {path for _message, _context, path in all_texts()}

    assert len([path for path in files if path.endswith(".py")]) > 20
    assert len([path for path in files if path.endswith(".html")]) > 20
