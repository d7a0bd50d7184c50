"""Gathers the texts of the screen into locale/nl/LC_MESSAGES/django.po, without system packages (Babel).

    scripts/messages.py            new texts come in, texts that are gone go out, translations stay
    scripts/messages.py --check    exits 1 where the file is behind the code or a text has no Dutch

The source texts are English, so English needs no catalogue.
"""

import argparse
import os
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from babel.messages.catalog import Catalog, Message  # noqa: E402
from babel.messages.extract import extract  # noqa: E402
from babel.messages.pofile import read_po, write_po  # noqa: E402
from django.utils.translation.template import templatize  # noqa: E402

PO = ROOT / "locale" / "nl" / "LC_MESSAGES" / "django.po"
APPS = ("common", "audit", "notifications", "schools", "accounts", "cases", "config")
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
HEADER = """# Dutch texts of Terugkeer.
# SPDX-License-Identifier: EUPL-1.2"""


def sources() -> Iterator[tuple[str, BytesIO]]:
    """How each file is read (Babel's method) and its text; templates as the code that Django makes of them."""
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            if "migrations" not in path.parts:
                yield "python", BytesIO(path.read_bytes())
    for path in sorted((ROOT / "templates").rglob("*")):
        if path.suffix in {".html", ".txt"}:
            yield "javascript", BytesIO(templatize(path.read_text()).encode())


def gathered() -> Catalog:
    """Every text that the code can show."""
    catalog = Catalog(fuzzy=False)
    for method, source in sources():
        for _line, message, _comments, context in extract(method, source, keywords=KEYWORDS):
            catalog.add(message, context=context)
    return catalog


def known() -> Catalog:
    """The catalogue as it is; an empty one where there is none."""
    if not PO.exists():
        return Catalog(locale="nl")
    with PO.open("rb") as file:
        return read_po(file, locale="nl")


def updated() -> Catalog:
    """The texts of the code with the translations that are known, in alphabetical order."""
    before, catalog = known(), Catalog(locale="nl", project="Terugkeer", fuzzy=False, header_comment=HEADER)
    for message in gathered():
        if message.id:
            there = before.get(message.id if isinstance(message.id, str) else message.id[0], message.context)
            string = there.string if there and not there.fuzzy and fits(there, message) else None
            catalog.add(message.id, string, context=message.context, flags=message.flags - {"fuzzy"})
    return catalog


def fits(there: Message, message: Message) -> bool:
    return isinstance(there.id, str) == isinstance(message.id, str)


def has_dutch(message: Message) -> bool:
    strings = [message.string] if isinstance(message.string, str) else list(message.string or ())
    return bool(strings) and all(strings)


def written(catalog: Catalog) -> bytes:
    out = BytesIO()
    write_po(out, catalog, width=110, no_location=True, sort_output=True, omit_header=True)
    header = f'{HEADER}\nmsgid ""\nmsgstr ""\n"Language: nl\\n"\n'
    header += (
        '"Content-Type: text/plain; charset=utf-8\\n"\n"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'
    )
    return header.encode() + out.getvalue().lstrip()


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="only say whether the file is complete")
    checks = parser.parse_args().check
    catalog = updated()
    text = written(catalog)
    without = [message.id for message in catalog if message.id and not has_dutch(message)]
    if checks:
        behind = not PO.exists() or PO.read_bytes() != text
        if behind:
            print("locale/nl is behind the code: run scripts/messages.py", file=sys.stderr)
        for text_id in without:
            print(f"no Dutch for: {text_id}", file=sys.stderr)
        return 1 if behind or without else 0
    PO.parent.mkdir(parents=True, exist_ok=True)
    PO.write_bytes(text)
    print(f"{PO.relative_to(ROOT)}: {len(catalog)} texts, {len(without)} without Dutch")
    return 0


if __name__ == "__main__":
    sys.exit(main())
