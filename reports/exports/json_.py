"""The report as JSON, the same as the command prints."""

import json

from reports.rules.as_json import as_json
from reports.rules.document import Document


def render(document: Document) -> bytes:
    return (json.dumps(as_json(document), ensure_ascii=False, indent=2) + "\n").encode()
