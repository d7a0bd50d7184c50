"""Brings organisations in from a file, and again: what is the same stays, what differs is updated."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from audit.services import Entry, record_many
from common.errors import DomainError
from common.tabular import Fault, Report, Unreadable, read_rows
from schools.models import (
    CarePartner,
    Municipality,
    Organisation,
    OrganisationKind,
    Partnership,
    School,
    SchoolBoard,
    SchoolSite,
)
from schools.services.organisation_rows import (
    BOARD,
    CARE_PARTNER,
    COLUMNS,
    MUNICIPALITY,
    PARTNERSHIP,
    REQUIRED,
    SCHOOL,
    SITE,
    Facts,
    Key,
    Row,
    facts_of,
    key_of,
    unused_columns,
)

MOST_ROWS = 100_000  # more than there are organisations in the country; they are in memory together
BATCH = 500

# A row may refer to any row, so those referred to are looked at first.
_IN_ORDER = (PARTNERSHIP, BOARD, MUNICIPALITY, SCHOOL, SITE, CARE_PARTNER)

_MODELS: dict[str, type[models.Model]] = {
    PARTNERSHIP: Partnership,
    BOARD: SchoolBoard,
    MUNICIPALITY: Municipality,
    SCHOOL: School,
    SITE: SchoolSite,
    CARE_PARTNER: CarePartner,
}


@dataclass
class Plan:
    """What has to be done: the facts of new organisations, and those of known ones with what they were."""

    new: dict[Key, Facts] = field(default_factory=dict)
    changed: dict[Key, tuple[Facts, Facts]] = field(default_factory=dict)


def import_organisations(
    *, source: Any, by: Any, dry_run: bool = False, progress: Callable[[int], None] | None = None
) -> Report:
    """Creates and updates the organisations of a file (contracts/register.md), or only says what it would do.

    What cannot be used is refused row by row. Raises Unreadable for a file that is no use at all.
    """
    report = Report()
    with read_rows(source, columns=COLUMNS, required=REQUIRED) as table:
        for header in table.unknown:
            report.warn(1, header, _("This column is not known and is left out."))
        rows = _keyed(table, report, progress)
    with transaction.atomic():
        plan = _planned(rows, _known(), report)
        if not dry_run:
            _carry_out(plan, by)
    return report.in_order()


def _keyed(
    table: Iterable[tuple[int, Row]], report: Report, progress: Callable[[int], None] | None
) -> dict[Key, tuple[int, Row]]:
    """The rows by the organisation that they are about, each organisation once."""
    rows: dict[Key, tuple[int, Row]] = {}
    for line, row in table:
        report.rows += 1
        if report.rows > MOST_ROWS:
            raise Unreadable(_("The file has more than 100,000 rows."))
        if progress:
            progress(report.rows)
        try:
            key = key_of(row)
            if key in rows:
                raise Fault(
                    "nummer", row["nummer"], _("Line %(line)s is about it too.") % {"line": rows[key][0]}
                )
        except Fault as fault:
            report.refuse(line, fault)
        else:
            rows[key] = line, row
    return rows


def _planned(rows: dict[Key, tuple[int, Row]], known: dict[Key, Facts], report: Report) -> Plan:
    plan = Plan()

    def exists(kind: str, number: str) -> bool:
        return (kind, number) in known or (kind, number) in plan.new

    for key in sorted(rows, key=lambda key: _IN_ORDER.index(OrganisationKind(key[0]))):
        line, row = rows[key]
        now = known.get(key)
        try:
            facts = facts_of(key, row, now or Facts(), exists)
        except Fault as fault:
            report.refuse(line, fault)
            continue
        if now is None:
            plan.new[key] = facts
        elif now != facts:
            plan.changed[key] = now, facts
        _warn_about(key, line, row, facts, report)
    report.created, report.updated = len(plan.new), len(plan.changed)
    report.unchanged = report.rows - len(report.refused) - report.created - report.updated
    return plan


def _warn_about(key: Key, line: int, row: Row, facts: Facts, report: Report) -> None:
    for column in unused_columns(key[0], row):
        report.warn(line, column, _("This says nothing about this kind of organisation and is left out."))
    if key[0] == SITE and not facts.region:
        report.warn(
            line, "regio", _("Without a region no school holidays are known: school days count too high.")
        )


def _known() -> dict[Key, Facts]:
    """All organisations as the file would describe them."""
    of_sites = _numbers_of_partnerships(SchoolSite)
    of_partners = _numbers_of_partnerships(CarePartner)
    known: dict[Key, Facts] = {}
    organisations = Organisation.objects.order_by().values_list(
        "pk",
        "kind",
        "number",
        "name",
        "email",
        "partnership__region",
        "school__board__organisation__number",
        "schoolsite__school__organisation__number",
        "schoolsite__sector",
        "schoolsite__region",
        "schoolsite__municipality__organisation__number",
        "carepartner__kind",
        "carepartner__municipality__organisation__number",
    )
    for (
        pk,
        kind,
        number,
        name,
        email,
        swv_region,
        board,
        school,
        sector,
        region,
        town,
        care,
        care_town,
    ) in organisations.iterator(BATCH):
        known[kind, number] = Facts(
            name=name,
            email=email,
            parent=board or school or "",
            partnerships=frozenset(of_sites.get(pk, ()) or of_partners.get(pk, ())),
            sector=sector or "",
            region=swv_region or region or "",
            municipality=town or care_town or "",
            care_kind=care or "",
        )
    return known


def _numbers_of_partnerships(model: type[SchoolSite] | type[CarePartner]) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    pairs = model._default_manager.filter(partnerships__isnull=False).values_list(
        "pk", "partnerships__organisation__number"
    )
    for pk, number in pairs.iterator(BATCH):
        found.setdefault(pk, set()).add(number)
    return found


# --- Writing


def _carry_out(plan: Plan, by: Any) -> None:
    try:
        with transaction.atomic():
            _insert(plan.new)
            _update(plan.changed)
    except IntegrityError as error:  # somebody else added one of these in the meantime
        raise DomainError(
            _("The organisations were changed by somebody else just now. Try again.")
        ) from error
    record_many(_entries(plan), by=by)


def _entries(plan: Plan) -> Iterator[Entry]:
    for kind, number in plan.new:
        yield Entry("organisation.created", f"organisation {kind} {number}")
    for (kind, number), (was, facts) in plan.changed.items():
        fields = sorted(name for name, value in vars(facts).items() if getattr(was, name) != value)
        yield Entry("organisation.changed", f"organisation {kind} {number}", details={"fields": fields})


def _insert(new: dict[Key, Facts]) -> None:
    Organisation.objects.bulk_create(
        (
            Organisation(kind=kind, number=number, name=facts.name, email=facts.email)
            for (kind, number), facts in new.items()
        ),
        batch_size=BATCH,
    )
    ids = _ids(new)
    for kind in _IN_ORDER:
        of_kind = {key: facts for key, facts in new.items() if key[0] == kind}
        bodies = [
            _MODELS[kind](organisation_id=ids[key], **_fields(kind, f, ids)) for key, f in of_kind.items()
        ]
        _MODELS[kind]._default_manager.bulk_create(bodies, batch_size=BATCH)
        _link(kind, of_kind, ids)


def _update(changed: dict[Key, tuple[Facts, Facts]]) -> None:
    facts_by_key = {key: facts for key, (_was, facts) in changed.items()}
    ids = _ids(facts_by_key)
    Organisation.objects.bulk_update(
        (
            Organisation(pk=ids[key], name=facts.name, email=facts.email)
            for key, facts in facts_by_key.items()
        ),
        ["name", "email"],
        batch_size=BATCH,
    )
    for kind in _IN_ORDER:
        of_kind = {key: facts for key, facts in facts_by_key.items() if key[0] == kind}
        if fields := _fields(kind, Facts(), ids):
            bodies = [_MODELS[kind](pk=ids[key], **_fields(kind, f, ids)) for key, f in of_kind.items()]
            _MODELS[kind]._default_manager.bulk_update(bodies, list(fields), batch_size=BATCH)
        moved = {
            key: facts for key, facts in of_kind.items() if changed[key][0].partnerships != facts.partnerships
        }
        _unlink(kind, [ids[key] for key in moved])
        _link(kind, moved, ids)


def _fields(kind: str, facts: Facts, ids: dict[Key, int]) -> dict[str, Any]:
    """What the table of that kind holds, by the names of its columns."""
    match kind:
        case OrganisationKind.PARTNERSHIP:
            return {"region": facts.region}
        case OrganisationKind.SCHOOL:
            return {"board_id": ids.get((BOARD, facts.parent))}
        case OrganisationKind.SITE:
            return {
                "school_id": ids.get((SCHOOL, facts.parent)),
                "sector": facts.sector,
                "region": facts.region,
                "municipality_id": ids.get((MUNICIPALITY, facts.municipality)),
            }
        case OrganisationKind.CARE_PARTNER:
            return {"kind": facts.care_kind, "municipality_id": ids.get((MUNICIPALITY, facts.municipality))}
    return {}


def _ids(facts_by_key: dict[Key, Facts]) -> dict[Key, int]:
    """The ids of these organisations and of those that they refer to."""
    wanted: set[str] = set()
    for (_kind, number), facts in facts_by_key.items():
        wanted |= {number, facts.parent, facts.municipality, *facts.partnerships}
    ids: dict[Key, int] = {}
    numbers = iter(sorted(wanted - {""}))
    while batch := list(islice(numbers, BATCH)):
        for pk, kind, number in Organisation.objects.filter(number__in=batch).values_list(
            "pk", "kind", "number"
        ):
            ids[kind, number] = pk
    return ids


def _through(kind: str) -> tuple[Any, str] | None:
    """The table that ties organisations of that kind to partnerships, and its column for the organisation."""
    if kind == SITE:
        return SchoolSite.partnerships.through._default_manager, "schoolsite_id"
    if kind == CARE_PARTNER:
        return CarePartner.partnerships.through._default_manager, "carepartner_id"
    return None


def _link(kind: str, facts_by_key: dict[Key, Facts], ids: dict[Key, int]) -> None:
    if through := _through(kind):
        rows, column = through
        rows.bulk_create(
            (
                rows.model(**{column: ids[key], "partnership_id": ids[PARTNERSHIP, number]})
                for key, facts in facts_by_key.items()
                for number in sorted(facts.partnerships)
            ),
            batch_size=BATCH,
        )


def _unlink(kind: str, organisations: list[int]) -> None:
    if (through := _through(kind)) and organisations:
        rows, column = through
        for start in range(0, len(organisations), BATCH):
            rows.filter(**{f"{column}__in": organisations[start : start + BATCH]}).delete()
