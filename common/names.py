"""Names as people type them and as the database searches them: without accents, without case."""

import re
import unicodedata

_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ĳ": "ij"}
)
_WORD = re.compile(r"[a-z0-9]+")


def bare(text: str) -> str:
    """A text without case and accents, one space between words: "Éva  de Boér-Kok" is "eva de boer-kok"."""
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    return " ".join(plain.translate(_LETTERS).split())


def fold(text: str) -> str:
    """The same without punctuation: the words of `words`, a space apart."""
    return " ".join(words(text))


def words(text: str) -> list[str]:
    """The folded words of a text in their order; apostrophes join ("d'Hondt" is "dhondt")."""
    plain = bare(text).replace("'", "").replace("’", "")
    found = _WORD.findall(plain)
    return found or ([hex_word(plain)] if plain.strip() else [])


def hex_word(text: str) -> str:
    """A word for a name in another script, so that two different names never fold to the same nothing."""
    return "x" + text.strip().encode().hex()
