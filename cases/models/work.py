"""What people do on a case: actions with a deadline, notes and contact moments."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from cases.enums import ActionState, ContactHow, NoteKind
from cases.models.case import Case
from schools.models import Organisation


class Action(models.Model):
    """Somebody does something before a day."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="actions")
    what = models.CharField(_("what"), max_length=200)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="actions", verbose_name=_("who does it")
    )
    deadline = models.DateField(_("deadline"))
    state = models.CharField(_("state"), max_length=10, choices=ActionState, default=ActionState.OPEN)
    result = models.TextField(_("result"), blank=True)
    created_at = models.DateTimeField(_("recorded"))
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(_("done or dropped"), null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("action")
        verbose_name_plural = _("actions")
        ordering = ["deadline", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="open", ended_at__isnull=True)
                | ~models.Q(state="open") & models.Q(ended_at__isnull=False),
                name="action_ended_with_moment",
            )
        ]
        indexes = [
            models.Index(
                fields=["owner", "deadline"], condition=models.Q(state="open"), name="action_open_of_owner"
            ),
            models.Index(fields=["case", "deadline"], name="action_of_case"),
        ]

    def __str__(self) -> str:
        return self.what


class Note(models.Model):
    """A note, a contact moment (with whom, how) or a care note (read within the own organisation only)."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="notes")
    kind = models.CharField(_("kind"), max_length=10, choices=NoteKind, default=NoteKind.NOTE)
    on = models.DateField(_("day"))
    with_whom = models.CharField(_("with whom"), max_length=150, blank=True)
    how = models.CharField(_("how"), max_length=12, choices=ContactHow, blank=True)
    text = models.TextField(_("what"))
    is_progress = models.BooleanField(_("progress note"), default=False)
    shared = models.BooleanField(_("also for the care partners who take part"), default=False)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="+", verbose_name=_("organisation")
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("author")
    )
    created_at = models.DateTimeField(_("recorded"))

    class Meta:
        verbose_name = _("note")
        verbose_name_plural = _("notes")
        ordering = ["-on", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(kind="contact") | ~models.Q(with_whom="") & ~models.Q(how=""),
                name="note_contact_with_whom_and_how",
            ),
            models.CheckConstraint(
                condition=~models.Q(kind="zorg") | models.Q(shared=False, is_progress=False),
                name="note_care_never_shared",
            ),
        ]
        indexes = [models.Index(fields=["case", "-on", "-id"], name="note_of_case")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.on}"
