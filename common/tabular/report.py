"""What an import did: the document that the import commands print (contracts/commands.md)."""

from dataclasses import asdict, dataclass, field
from typing import Any

from common.tabular.cells import Cell, as_text

LONGEST_VALUE = 200


class Fault(ValueError):
    """Why a row is refused: its first fault, with the column and the value."""

    def __init__(self, column: str, value: Cell, reason: Any) -> None:
        super().__init__(reason)
        self.column = column
        self.value = as_text(value)
        self.reason = reason


@dataclass(frozen=True)
class Refused:
    line: int
    column: str
    value: str
    reason: str


@dataclass(frozen=True)
class Warned:
    line: int
    column: str
    reason: str


@dataclass
class Report:
    """`rows` counts the records of the file; each is created, updated, unchanged or refused."""

    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: list[Refused] = field(default_factory=list)
    warnings: list[Warned] = field(default_factory=list)

    def refuse(self, line: int, fault: Fault) -> None:
        value = fault.value[:LONGEST_VALUE]
        self.refused.append(Refused(line, fault.column, value, str(fault.reason)))

    def warn(self, line: int, column: str, reason: Any) -> None:
        self.warnings.append(Warned(line, column, str(reason)))

    def in_order(self) -> "Report":
        """Sorted by line, whatever the order in which rows were looked at."""
        self.refused.sort(key=lambda refused: refused.line)
        self.warnings.sort(key=lambda warned: warned.line)
        return self

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)
