"""Makes the cases of the country in chunks, each in a transaction of its own: what was made stays when it is
stopped, and the next time the others are made. Memory is bounded by the chunk."""

import datetime as dt
import random
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context

from django.db import connections, transaction

from accounts.models import Membership
from accounts.roles import Role
from audit.services import record
from cases import access
from cases.enums import ActionState, NoteKind, ParticipationState, Source
from cases.models import Action, Case, CaseGrant, LeadPeriod, Note, Participation, Spell
from cases.services.generating.places import weights
from cases.services.generating.pupils import REFERENCE, Country, pupil, reference_of
from cases.services.intake import insert
from common.dates import day_of, start_of
from schools.models import CareKind, CarePartner, Municipality, Partnership, SchoolSite

CHUNK = 1000
BATCH = 1000
Progress = Callable[[int], None]


def others() -> bool:
    """Whether there are cases that were not made here."""
    return Case.objects.exclude(source_reference__startswith=REFERENCE).exists() or (
        Case.objects.filter(source_reference__isnull=True).exists()
    )


def left_to_make(cases: int) -> list[range]:
    """The numbers of the cases that are not there yet, a chunk at a time."""
    chunks = [range(first, min(first + CHUNK, cases + 1)) for first in range(1, cases + 1, CHUNK)]
    made = set(
        Case.objects.filter(source_reference__in=[reference_of(chunk[-1]) for chunk in chunks]).values_list(
            "source_reference", flat=True
        )
    )
    return [chunk for chunk in chunks if reference_of(chunk[-1]) not in made]


def generate(
    chunks: Sequence[range], *, seed: int, at: dt.datetime, processes: int, progress: Progress
) -> int:
    """Makes these cases; answers how many. Several processes at once where the database takes that."""
    made = 0
    for number in _each(chunks, seed, at, processes):
        made += number
        progress(made)
    return made


def _each(chunks: Sequence[range], seed: int, at: dt.datetime, processes: int) -> Iterator[int]:
    country = _country()
    if processes == 1:
        yield from (make_chunk(chunk, seed, at, country) for chunk in chunks)
        return
    connections.close_all()  # a connection cannot be shared with a child
    pool = ProcessPoolExecutor(processes, get_context("fork"), initializer=_settle, initargs=(country,))
    with pool:
        for done in as_completed([pool.submit(_make_chunk, chunk, seed, at) for chunk in chunks]):
            yield done.result()


_settled: list[Country] = []


def _settle(country: Country) -> None:
    """In a child: the country is handed over once."""
    _settled[:] = [country]


def _make_chunk(numbers: range, seed: int, at: dt.datetime) -> int:
    return make_chunk(numbers, seed, at, _settled[0])


@transaction.atomic
def make_chunk(numbers: range, seed: int, at: dt.datetime, country: Country) -> int:
    """Makes the cases of these numbers with what people did on them."""
    on = day_of(at)
    intakes = [pupil(number, seed=seed, country=country, on=on) for number in numbers]
    cases = insert(intakes, by=None, at=at, source=Source.IMPORT)
    chance = random.Random(f"{seed}/people on {numbers[0]}")  # noqa: S311
    _work_on([case for case in cases if case.is_open], chance, on=on, at=at)
    _share(cases, chance, on=on, at=at)
    record("cases.generated", by=None, details={"first": numbers[0], "number": len(numbers)})
    return len(cases)


def _country() -> Country:
    sites: dict[int, list[SchoolSite]] = {}
    for site in SchoolSite.objects.prefetch_related("partnerships").order_by("pk"):
        for partnership in site.partnerships.all():
            sites.setdefault(partnership.pk, []).append(site)
    partnerships = list(Partnership.objects.select_related("organisation").order_by("pk"))
    towns = list(Municipality.objects.order_by("pk").values_list("pk", flat=True))
    return Country(partnerships, weights(), sites, towns)


def _work_on(cases: Sequence[Case], chance: random.Random, *, on: dt.date, at: dt.datetime) -> None:
    """A lead, a note on how it goes and something to do, for most open cases."""
    managers: dict[int, list[int]] = {}
    rows = Membership.objects.active().filter(
        role=Role.CASE_MANAGER, organisation__in={case.partnership_id for case in cases}
    )
    for organisation_id, user_id in rows.order_by("pk").values_list("organisation_id", "user_id"):
        managers.setdefault(organisation_id or 0, []).append(user_id)
    spells = {
        (case_id, number): pk
        for pk, case_id, number in Spell.objects.filter(case__in=[case.pk for case in cases]).values_list(
            "pk", "case_id", "number"
        )
    }
    leads, notes, actions = [], [], []
    for case in cases:
        owner = chance.choice(managers[case.partnership_id])
        since = start_of(case.signalled_on)
        if chance.random() < 0.9:
            case.lead_id = owner
            leads.append(
                LeadPeriod(
                    case=case,
                    spell_id=spells[case.pk, case.spell],
                    lead_id=owner,
                    holds_from=case.signalled_on,
                    known_from=since,
                    recorded_at=at,
                )
            )
        if chance.random() < 0.8:
            case.last_progress_on = max(case.signalled_on, on - dt.timedelta(days=chance.randint(0, 60)))
            notes.append(
                Note(
                    case=case,
                    kind=NoteKind.NOTE,
                    on=case.last_progress_on,
                    text="Besproken met school en ouders.",
                    is_progress=True,
                    organisation_id=case.partnership_id,
                    created_at=at,
                    author_id=owner,
                )
            )
        actions.append(
            Action(
                case=case,
                what="Gesprek met ouders plannen",
                owner_id=owner,
                deadline=on + dt.timedelta(days=chance.randint(-10, 40)),
                state=ActionState.OPEN,
                created_at=at,
                created_by_id=owner,
            )
        )
    Case.objects.bulk_update(cases, ["lead", "last_progress_on"], batch_size=BATCH)
    LeadPeriod.objects.bulk_create(leads, batch_size=BATCH)
    Note.objects.bulk_create(notes, batch_size=BATCH)
    Action.objects.bulk_create(actions, batch_size=BATCH)


def _share(cases: Sequence[Case], chance: random.Random, *, on: dt.date, at: dt.datetime) -> None:
    """One case in eight is shared with a care partner or an attendance office."""
    partners = {
        partner.pk: partner
        for partner in CarePartner.objects.filter(partnerships__in={case.partnership_id for case in cases})
    }
    of_partnership: dict[int, list[int]] = {}
    through = CarePartner.partnerships.through.objects.filter(carepartner__in=partners)
    for partner_id, partnership_id in through.order_by("pk").values_list("carepartner_id", "partnership_id"):
        of_partnership.setdefault(partnership_id, []).append(partner_id)
    offices = {
        partner.municipality_id: partner for partner in CarePartner.objects.filter(kind=CareKind.ATTENDANCE)
    }
    managers = {
        membership.organisation_id: membership.user_id
        for membership in Membership.objects.active().filter(
            role=Role.CASE_MANAGER, organisation__in=of_partnership
        )
    }
    made: list[Participation] = []
    chosen: list[tuple[Case, CarePartner]] = []
    for case in cases:
        if chance.random() > 1 / 8 or not of_partnership.get(case.partnership_id):
            continue
        office = offices.get(case.pupil.municipality_id)
        partner = (
            office
            if office and chance.random() < 0.5
            else partners[chance.choice(of_partnership[case.partnership_id])]
        )
        ended = case.closed_on is not None
        made.append(
            Participation(
                case=case,
                partner=partner,
                purpose="Hulp thuis en op school op elkaar afstemmen.",
                ends_on=max(case.signalled_on, on) + dt.timedelta(days=chance.randint(30, 360)),
                state=ParticipationState.ENDED if ended else ParticipationState.ACCEPTED,
                invited_at=start_of(case.signalled_on),
                invited_on=case.signalled_on,
                invited_by_id=managers[case.partnership_id],
                answered_at=start_of(case.signalled_on),
                stopped_at=start_of(case.closed_on) if case.closed_on else None,
            )
        )
        if not ended:
            chosen.append((case, partner))
    Participation.objects.bulk_create(made, batch_size=BATCH)
    _grant(chosen, {(one.case_id, one.partner_id): one.ends_on for one in made})


def _grant(chosen: Sequence[tuple[Case, CarePartner]], ends: dict[tuple[int, int], dt.date]) -> None:
    permission = access.view_permission().values_list("pk", flat=True).get()
    groups = access.role_groups({(partner.pk, access.partner_role(partner)) for _, partner in chosen})
    CaseGrant.objects.bulk_create(
        [
            CaseGrant(
                permission_id=permission,
                group_id=groups[partner.pk, access.partner_role(partner)],
                content_object=case,
                case_open=True,
                until=ends[case.pk, partner.pk],
            )
            for case, partner in chosen
        ],
        batch_size=BATCH,
    )
