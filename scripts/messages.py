"""Keeps the Dutch texts in step with the code, without system packages.

messages.py                   adds new texts to locale/nl/LC_MESSAGES/django.po, drops those that are gone
messages.py --merge FILE...   the same, and takes translations over from these .po files
messages.py --check           changes nothing; says what has no Dutch yet and exits 1
"""

import argparse
import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages import Catalog, Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
DUTCH = ROOT / "locale" / "nl" / "LC_MESSAGES" / "django.po"
APPS = (
    "config",
    "common",
    "audit",
    "notifications",
    "schools",
    "accounts",
    "cases",
    "escalations",
    "reports",
)

# Without a moment or a name in it: the file changes when a text does.
HEADER = r"""# Dutch texts of Terugkeer. `scripts/messages.py` keeps the list of texts.
msgid ""
msgstr ""
"Language: nl\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\n"
"MIME-Version: 1.0\n"
"Content-Type: text/plain; charset=utf-8\n"
"Content-Transfer-Encoding: 8bit\n"

"""

KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop")),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (1, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), ((1, "c"), 2, 3)),
}
# What Django makes of a template: calls of these functions with Python strings, among noise.
STRING = r"""u?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
CALL = re.compile(rf"\b(_|n?p?gettext)\(\s*({STRING}(?:\s*,\s*{STRING})*)")

Found = tuple[str | tuple[str, ...], str | None, str]  # message, context, file


def in_python(path: Path) -> Iterator[Found]:
    with path.open("rb") as file:
        for _line, message, _comments, context in extract("python", file, keywords=KEYWORDS):
            yield message, context, str(path.relative_to(ROOT))


def in_template(path: Path) -> Iterator[Found]:
    from django.utils.translation.template import templatize

    source = templatize(path.read_text(encoding="utf-8"), origin=str(path))
    for call in CALL.finditer(source):
        strings = [ast.literal_eval(found) for found in re.findall(STRING, call[2])]
        context = strings.pop(0) if "p" in call[1] else None
        message = (strings[0], strings[1]) if call[1].startswith("n") else strings[0]
        yield message, context, str(path.relative_to(ROOT))


def all_texts() -> Iterator[Found]:
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            if "migrations" not in path.parts:
                yield from in_python(path)
    for kind in ("*.html", "*.txt"):
        for path in sorted((ROOT / "templates").rglob(kind)):
            yield from in_template(path)


def read(path: Path) -> Catalog:
    if not path.exists():
        return Catalog(locale="nl")
    with path.open("rb") as file:
        return read_po(file, locale="nl")


def up_to_date(known: list[Catalog]) -> Catalog:
    """All texts of the code, each with the first translation that one of the catalogs has."""
    catalog = Catalog(locale="nl", charset="utf-8", fuzzy=False)
    for message, context, path in all_texts():
        catalog.add(message, locations=[(path, 0)], context=context)
    for entry in [entry for entry in catalog if entry.id]:
        key = entry.id[0] if isinstance(entry.id, tuple) else entry.id
        for other in known:
            found = other.get(key, entry.context)
            if found and done(found) and isinstance(found.id, tuple) == isinstance(entry.id, tuple):
                entry.string = found.string
                break
    return catalog


def done(entry: Message) -> bool:
    strings = entry.string if isinstance(entry.string, tuple) else (entry.string,)
    return bool(strings) and all(strings) and not entry.fuzzy


def problems() -> list[str]:
    """Texts without Dutch, and Dutch whose placeholders differ from those of the text."""
    catalog = up_to_date([read(DUTCH)])
    entries = [entry for entry in catalog if entry.id]
    missing = [f"no Dutch: {entry.id!r} ({entry.locations[0][0]})" for entry in entries if not done(entry)]
    wrong = [f"{error}: {entry.id!r}" for entry in entries if done(entry) for error in entry.check(catalog)]
    return missing + wrong


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--merge", nargs="+", type=Path, default=[], metavar="FILE")
    options = parser.parse_args()
    if not options.check:
        catalog = up_to_date([read(DUTCH), *(read(path) for path in options.merge)])
        DUTCH.parent.mkdir(parents=True, exist_ok=True)
        with DUTCH.open("wb") as file:
            file.write(HEADER.encode())
            write_po(file, catalog, width=100, sort_output=True, include_lineno=False, omit_header=True)
    found = problems()
    print("\n".join(found) or "All texts have their Dutch.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
