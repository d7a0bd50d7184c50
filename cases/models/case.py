"""The case: one pupil at home, one row; its current facts for lists and rules, its history in `facts`."""

import datetime as dt
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from cases.enums import Authorised, Extent, Offer, State
from cases.models.pupil import Pupil
from cases.models.workflow import Workflow
from common.names import words
from schools.models import Partnership, School, SchoolSite, Sector

if TYPE_CHECKING:
    from cases.models.plans import Plan


class CaseNumberCounter(models.Model):
    """The last number given out in a year where the database has no sequences (SQLite; see
    cases/services/numbers.py)."""

    year = models.PositiveSmallIntegerField(primary_key=True)
    last = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.year}: {self.last}"


class CaseQuerySet(models.QuerySet["Case"]):
    def open(self) -> "CaseQuerySet":
        return self.exclude(state=State.CLOSED)

    def with_list_facts(self) -> "CaseQuerySet":
        """All that a row in a list shows, in one query."""
        return self.select_related(
            "pupil__municipality__organisation", "site__organisation", "partnership__organisation", "lead"
        )

    def word_starts_with(self, prefix: str) -> "CaseQuerySet":
        """Cases of a pupil of whom a word of the name (or the initials) begins with this folded text."""
        from cases.models.pupil import NameWord

        found = NameWord.objects.filter(
            word__gte=prefix, word__lt=prefix + "\U0010ffff", pupil=models.OuterRef("pupil")
        )
        return self.filter(models.Exists(found))

    def named(self, text: str) -> "CaseQuerySet":
        """Cases whose pupil has every word of the text at the beginning of a word of the name. "J. J." means
        initials."""
        wanted = words(text)
        if len(wanted) > 1 and all(len(word) == 1 for word in wanted):
            wanted = ["".join(wanted)]
        found = self
        for word in wanted[:8]:
            found = found.word_starts_with(word[:40])
        return found if wanted else self.none()


class Case(Workflow):
    """A file (dossier) on a pupil at home, with the facts of today as last recorded.

    Facts in two times (contracts/counting.md) live in `cases/models/facts.py`; what stands here is their
    newest value, written by the services in the same transaction, so that lists and rules read one row.
    """

    number = models.CharField(_("case number"), max_length=20, unique=True)
    partnership = models.ForeignKey(
        Partnership, models.PROTECT, related_name="cases", verbose_name=_("partnership")
    )
    school = models.ForeignKey(
        School, models.PROTECT, null=True, blank=True, related_name="cases", verbose_name=_("school")
    )
    site = models.ForeignKey(
        SchoolSite, models.PROTECT, null=True, blank=True, related_name="cases", verbose_name=_("school site")
    )
    sector = models.CharField(_("sector"), max_length=3, choices=Sector)
    pupil = models.OneToOneField(Pupil, models.PROTECT, related_name="case", verbose_name=_("pupil"))
    pupil_identity = models.CharField(max_length=320, editable=False)
    lead = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="led_cases",
        verbose_name=_("case lead"),
    )
    spell = models.PositiveSmallIntegerField(_("number of the current spell"), default=1)
    signalled_on = models.DateField(_("signalled on"))
    first_day_absent = models.DateField(_("first day absent"))
    back_on = models.DateField(_("back at school on"), null=True, blank=True)
    closed_on = models.DateField(_("closed on"), null=True, blank=True)
    state_since = models.DateField(_("in this state since"))
    enrolled = models.BooleanField(_("enrolled at a school"), default=True)
    extent = models.CharField(_("extent of the absence"), max_length=12, choices=Extent)
    hours_attended = models.DecimalField(
        _("hours a week at school"), max_digits=4, decimal_places=1, null=True, blank=True
    )
    authorised = models.CharField(_("authorised"), max_length=8, choices=Authorised)
    ill = models.BooleanField(_("ill"), null=True, blank=True)
    can_attend_partly = models.BooleanField(
        _("able to attend partly according to the plan"), null=True, blank=True
    )
    offer = models.CharField(_("offer"), max_length=10, choices=Offer, blank=True)
    offer_since = models.DateField(_("offer since"), null=True, blank=True)
    reasons = models.CharField(_("reasons"), max_length=150, blank=True)
    last_progress_on = models.DateField(_("last progress note"), null=True, blank=True)
    # NULL, not "": unique in a partnership where there is one.
    source_reference = models.CharField(  # noqa: DJ001
        _("reference of the source"), max_length=100, null=True, blank=True
    )
    entered_at = models.DateTimeField(_("entered"))
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("entered by"),
    )

    objects = CaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("case")
        verbose_name_plural = _("cases")
        permissions = [
            ("contribute_case", "Can contribute to case"),
            ("manage_case", "Can manage case"),
            ("decide_case", "Can decide on case"),
            ("share_case", "Can share case"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["school", "pupil_identity"],
                condition=~models.Q(state="closed"),
                name="case_open_once_per_pupil_and_school",
            ),
            models.UniqueConstraint(
                fields=["partnership", "source_reference"], name="case_source_reference_once"
            ),
            models.CheckConstraint(
                condition=models.Q(state="closed", closed_on__isnull=False) & ~models.Q(destination="")
                | ~models.Q(state="closed") & models.Q(closed_on__isnull=True, destination=""),
                name="case_closed_with_day_and_destination",
            ),
            models.CheckConstraint(
                condition=models.Q(signalled_on__gte=models.F("first_day_absent")),
                name="case_signalled_after_first_day",
            ),
            models.CheckConstraint(
                condition=models.Q(closed_on__isnull=True)
                | models.Q(closed_on__gte=models.F("signalled_on")),
                name="case_closed_after_signalled",
            ),
            models.CheckConstraint(
                condition=models.Q(back_on__isnull=True)
                | models.Q(back_on__gte=models.F("first_day_absent")),
                name="case_back_after_first_day",
            ),
            models.CheckConstraint(
                condition=models.Q(site__isnull=True, school__isnull=True)
                | models.Q(site__isnull=False, school__isnull=False),
                name="case_site_with_school",
            ),
            models.CheckConstraint(
                condition=models.Q(enrolled=False) | models.Q(site__isnull=False),
                name="case_enrolled_has_site",
            ),
        ]
        indexes = [
            models.Index(fields=["partnership", "state"], name="case_partnership_state"),
            # All that figures ask for to find the cases of a period: no row of the table is read for it.
            models.Index(
                fields=["partnership", "closed_on", "first_day_absent", "spell", "id"],
                name="case_by_closing",
            ),
            models.Index(
                fields=["first_day_absent", "id"],
                condition=~models.Q(state="closed"),
                name="case_open_by_first_day",
            ),
            models.Index(fields=["lead"], condition=~models.Q(state="closed"), name="case_open_by_lead"),
            models.Index(fields=["partnership", "pupil_identity"], name="case_pupil_identity"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_open(self) -> bool:
        return self.state != State.CLOSED

    @property
    def reason_codes(self) -> list[str]:
        """The codes in their order, the first is the main one."""
        return self.reasons.split()

    def days_absent(self, day: dt.date) -> int:
        """Calendar days from the first day absent to a day, or to the day back at school or of closing before
        it."""
        ends = [end for end in (self.back_on, self.closed_on) if end and end < day]
        return (min([day, *ends]) - self.first_day_absent).days

    @cached_property
    def spell_plans(self) -> list["Plan"]:
        """The plans of the current spell with what belongs to them, newest first."""
        return list(
            self.plans.filter(spell=self.spell)
            .select_related("arrangement", "remoteeducationplan", "returnplan")
            .prefetch_related("hearings", "evaluations", "returnplan__steps")
            .order_by("-id")
        )

    def current_plans(self, kind: str) -> list["Plan"]:
        """The plans of that kind that hold on the day on which the case is judged."""
        return [
            plan for plan in self.spell_plans if plan.kind == kind and plan.detail.is_current_on(self.day)
        ]

    def is_heard_on(self, kind: str) -> bool:
        """Whether the pupil was heard on a plan that holds (or the reason why not is recorded)."""
        return any(plan.hearings.all() for plan in self.current_plans(kind))


class Spell(models.Model):
    """One time at home. Reopening a case begins a new spell of the same case."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="spells")
    number = models.PositiveSmallIntegerField(_("number"), default=1)

    class Meta:
        verbose_name = _("spell")
        verbose_name_plural = _("spells")
        constraints = [models.UniqueConstraint(fields=["case", "number"], name="spell_number_once")]

    def __str__(self) -> str:
        return f"{self.case_id}/{self.number}"
