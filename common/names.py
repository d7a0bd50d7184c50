"""Names as people type them and as the database searches them: without accents, without case."""

import re
import unicodedata

_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ĳ": "ij"})
_WORD = re.compile(r"[a-z0-9]+")


def fold(text: str) -> str:
    """The words of a text without accents, case and punctuation, one space apart: "Éva  de Boér" is "eva de boer"."""
    return " ".join(words(text))


def words(text: str) -> list[str]:
    """The folded words of a text in their order; apostrophes join ("d'Hondt" is "dhondt")."""
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    plain = plain.translate(_LETTERS).replace("'", "").replace("’", "")
    found = _WORD.findall(plain)
    return found or ([hex_word(plain)] if plain.strip() else [])


def hex_word(text: str) -> str:
    """A word for a name in another script, so that two different names never fold to the same nothing."""
    return "x" + text.strip().encode().hex()
