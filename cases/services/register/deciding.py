"""What becomes of a chunk of rows: new, changed, unchanged or refused. Reads the database, writes nothing."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

from cases.models import Case
from cases.models.pupil import identity_of
from cases.services.register import matching
from cases.services.register.applying import Change
from cases.services.register.columns import Row
from cases.services.register.judging import Problem, oddities, out_of_order
from cases.services.register.matching import Loaded
from cases.services.register.reading import Draft, complete
from cases.services.register.report import Oddity, Refusal, Report

#: A pupil at a school: what at most one open case may have.
Place = tuple[int, str]
#: Which case, or which row of the file, has a place.
Holder = tuple[str, int]
Holders = dict[Place, Holder | None]


@dataclass
class Outcome:
    """`remember`: rows of cases that were imported before, to compare the next import with. `claims`: who has
    which place after these rows."""

    new: list[Draft] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    unchanged: list[Draft] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    remember: list[tuple[int, Row]] = field(default_factory=list)
    claims: Holders = field(default_factory=dict)

    def tell(self, report: Report) -> None:
        report.created += len(self.new)
        report.updated += len(self.changes)
        report.unchanged += len(self.unchanged)
        report.refuse(*self.refused)
        went_in = [*self.new, *(one.draft for one in self.changes), *self.unchanged]
        for draft in sorted(went_in, key=lambda draft: draft.line):
            report.warn(*(Oddity(draft.line, column, str(why)) for column, why in oddities(draft)))


def decide(drafts: list[Draft], earlier: Mapping[Place, Holder | None], *, lock: bool) -> Outcome:
    """Decides row by row, in the order of the file. `earlier`: who has which place because of rows before
    these, as far as the database does not know that yet."""
    known = matching.find(drafts)
    for draft in drafts:
        complete(draft, known[draft.line].last if draft.line in known else None)
    loaded = matching.load(drafts, known, lock=lock)
    changes = {draft.line: _change(draft, loaded[draft.line]) for draft in drafts if draft.line in loaded}
    places = {draft.line: _place(draft, changes.get(draft.line)) for draft in drafts}
    holders = {**_holders(places.values()), **earlier}
    if lock and matching.find(drafts).keys() != known.keys():
        # Somebody brought these very rows in between the two questions: their places are their own.
        return decide(drafts, earlier, lock=lock)
    outcome = Outcome()
    for draft in drafts:
        line, place, change = draft.line, places[draft.line], changes.get(draft.line)
        me: Holder = ("case", known[line].case_id) if line in known else ("line", line)
        problem = _problem(draft, taken=place is not None and holders.get(place) not in (None, me))
        if not problem and (change.columns if change else line not in known):
            problem = _problem_of_news(draft, change, loaded.get(line))
        if problem:
            outcome.refused.append(refusal(draft, problem))
            continue
        if change and change.columns:
            outcome.changes.append(change)
            if left := _place_of(change.case):
                outcome.claims[left] = holders[left] = None
        elif line in known:
            outcome.unchanged.append(draft)
        else:
            outcome.new.append(draft)
        if change and loaded[line].last not in (None, draft.full):
            outcome.remember.append((change.case.pk, draft.full))
        if place:
            outcome.claims[place] = holders[place] = me
    return outcome


def refusal(draft: Draft, problem: Problem) -> Refusal:
    column, reason = problem
    return Refusal(draft.line, column, draft.as_typed(column), str(reason))


def _change(draft: Draft, loaded: Loaded) -> Change:
    """What a row changes of its case. Columns in which it brings nothing new stay as they are in the
    application."""
    columns = matching.changes(draft.full, loaded)
    row = {**loaded.current, **{column: draft.full[column] for column in columns}}
    return Change(loaded.case, draft, before=loaded.current, row=row, columns=columns)


def _problem(draft: Draft, *, taken: bool) -> Problem | None:
    """What is wrong with the columns. That somebody has the place already is a fault of the first one."""
    column = draft.first_fault
    if taken and column != "dossier":
        return "dossier", SECOND
    return (column, draft.faults[column]) if column else None


def _problem_of_news(draft: Draft, change: Change | None, loaded: Loaded | None) -> Problem | None:
    """Why what a row brings cannot go in: days out of order, or somebody changed it here."""
    problem = out_of_order(draft.full)
    if problem or change is None or loaded is None:
        return problem
    return matching.conflict(change.columns, loaded) or out_of_order(change.row)


def _place(draft: Draft, change: Change | None) -> Place | None:
    """Which pupil at which school has an open case because of a row; None if it is closed or has no
    school."""
    row, site = (change.row, change.site) if change else (draft.full, draft.site)
    unread = draft.faults.keys() & {"voornaam", "achternaam", "geboortedatum", "vestiging", "afgesloten_op"}
    if site is None or unread or row["afgesloten_op"]:
        return None
    born = dt.date.fromisoformat(row["geboortedatum"])
    return site.school_id, identity_of(row["voornaam"], row["achternaam"], born)


def _place_of(case: Case) -> Place | None:
    return (case.school_id, case.pupil_identity) if case.is_open and case.school_id else None


def _holders(places: Iterable[Place | None]) -> Holders:
    """The open cases of these pupils at these schools."""
    wanted = {place for place in places if place}
    cases = Case.objects.open().filter(
        school__in={school for school, _identity in wanted},
        pupil_identity__in={identity for _school, identity in wanted},
    )
    rows = cases.values_list("pk", "school_id", "pupil_identity")
    return {(school, identity): ("case", pk) for pk, school, identity in rows if school}


SECOND: Any = _("This pupil has an open case at this school already.")
