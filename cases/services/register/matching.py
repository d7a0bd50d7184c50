"""Which case a row is about, and what changed since its last import: in the file, and in the application."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from cases.models import Case
from cases.queries.register import with_register_facts
from cases.services.register.canonical import row_of
from cases.services.register.columns import COLUMNS, OF_STATE, Row
from cases.services.register.judging import Problem
from cases.services.register.reading import Draft, complete


@dataclass(frozen=True)
class Known:
    """The case that a row is about. `last`: its row as last imported, None when it was entered in the
    application."""

    case_id: int
    last: Row | None


@dataclass(frozen=True)
class Loaded:
    """The case of a row that differs from its last import; `current` is the row that the case is now."""

    case: Case
    last: Row | None
    current: Row


def find(drafts: Iterable[Draft]) -> dict[int, Known]:
    """The cases of rows, by their line: within the partnership of the row, by the reference of the source or
    else by the case number of one that was entered in the application."""
    wanted = {
        (draft.partnership.pk, draft.row["dossier"]): draft.line
        for draft in drafts
        if draft.partnership is not None and not draft.faults.keys() & {"dossier", "swv"}
    }
    within = Case.objects.filter(partnership__in={partnership for partnership, _reference in wanted})
    references = {reference for _partnership, reference in wanted}
    found: dict[int, Known] = {}
    for name, cases in (
        ("source_reference", within),
        ("number", within.filter(source_reference__isnull=True)),
    ):
        rows = cases.filter(**{f"{name}__in": references})
        for pk, partnership, reference, last in rows.values_list(
            "pk", "partnership_id", name, "imported_row__values"
        ):
            line = wanted.get((partnership, reference))
            if line is not None:
                found.setdefault(line, Known(pk, last))
    return found


def load(drafts: Iterable[Draft], known: Mapping[int, Known], *, lock: bool) -> dict[int, Loaded]:
    """The cases of readable rows that differ from their last import, locked where they may be changed;
    completes those rows with what is so now."""
    differing = [d for d in drafts if not d.faults and d.line in known and d.full != known[d.line].last]
    cases = with_register_facts(Case.objects.filter(pk__in={known[d.line].case_id for d in differing}))
    cases = cases.select_related("imported_row")
    if lock:
        cases = cases.select_for_update(of=("self",)).order_by("pk")
    by_id = {case.pk: case for case in cases}
    found = {}
    for draft in differing:
        case = by_id[known[draft.line].case_id]
        imported = getattr(case, "imported_row", None)
        loaded = Loaded(case, imported.values if imported else None, row_of(case))
        complete(draft, loaded.last or loaded.current)
        found[draft.line] = loaded
    return found


def changes(full: Row, loaded: Loaded) -> list[str]:
    """The columns in which a row brings something new, compared with its last import and with the case."""
    last, current = loaded.last, loaded.current
    return [c for c in COLUMNS if full[c] != current[c] and (last is None or full[c] != last[c])]


def conflict(changed: Sequence[str], loaded: Loaded) -> Problem | None:
    """The first changed column that was changed in the application as well: that is not overwritten. The
    columns of the state are one fact."""
    last, current = loaded.last, loaded.current
    if last is None:
        return (changed[0], ENTERED_HERE) if changed else None
    for column in changed:
        if current[column] != last[column]:
            return column, CHANGED_HERE
    moved = any(current[column] != last[column] for column in OF_STATE)
    of_state = next((column for column in changed if column in OF_STATE), None)
    return (of_state, CHANGED_HERE) if moved and of_state else None


CHANGED_HERE: Any = _("This was changed in the application since the last import.")
ENTERED_HERE: Any = _("This case was entered in the application and says something else.")
