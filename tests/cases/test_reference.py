"""The generated pages say what the code says."""

from pathlib import Path

from django.core.management import call_command

DOCS = Path(__file__).parent.parent.parent / "docs"


def test_the_committed_pages_are_those_that_the_code_writes(tmp_path: Path) -> None:
    call_command("write_docs", to=tmp_path)
    written = {page.name: page.read_text() for page in tmp_path.iterdir()}
    assert set(written) == {"workflow.md", "permissions.md"}
    assert {name: (DOCS / name).read_text() for name in written} == written
