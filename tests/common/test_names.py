"""Names as typed and as searched."""

import pytest

from common.names import bare, fold, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Éva  de  Boér", "eva de boer"),
        ("  ZOË ", "zoe"),
        ("Sørensen", "sorensen"),
        ("Yıldız", "yildiz"),
        ("İpek", "ipek"),
        ("Straße", "strasse"),
        ("El-Amrani", "el-amrani"),
        ("d'Hondt", "d'hondt"),
    ],
)
def test_without_case_and_accents(text: str, expected: str) -> None:
    assert bare(text) == expected


def test_words_are_without_punctuation_too() -> None:
    assert words("Ján-Peter d'Hondt (jr.)") == ["jan", "peter", "dhondt", "jr"]
    assert fold("El-Amrani") == "el amrani"
    assert words("  ") == []


def test_two_names_in_another_script_do_not_become_the_same_nothing() -> None:
    assert words("Анна") != words("Ольга")
    assert all(word.isalnum() for word in words("Анна"))
