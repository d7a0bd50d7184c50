"""What an import did: counts, the rows that were refused, and what is odd in the rows that were not."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Refusal:
    line: int
    column: str
    value: str
    reason: str


@dataclass(frozen=True)
class Oddity:
    line: int
    column: str
    reason: str


@dataclass
class Report:
    """Lists hold at most `most` entries, the counts are those of all."""

    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused_count: int = 0
    warnings_count: int = 0
    refused: list[Refusal] = field(default_factory=list)
    warnings: list[Oddity] = field(default_factory=list)
    most: int | None = None

    def refuse(self, *found: Refusal) -> None:
        self.refused_count += len(found)
        self.refused += found if self.most is None else found[: max(0, self.most - len(self.refused))]

    def warn(self, *found: Oddity) -> None:
        self.warnings_count += len(found)
        self.warnings += found if self.most is None else found[: max(0, self.most - len(self.warnings))]

    def counts(self) -> dict[str, int]:
        return {
            "rows": self.rows,
            "created": self.created,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "refused": self.refused_count,
            "warnings": self.warnings_count,
        }

    def as_json(self) -> dict[str, Any]:
        """The document of contracts/commands.md."""
        return {
            "rows": self.rows,
            "created": self.created,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "refused": [vars(refusal) for refusal in self.refused],
            "warnings": [vars(oddity) for oddity in self.warnings],
        }
