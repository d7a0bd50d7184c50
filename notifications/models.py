"""Telling people: notices in the inbox of the application, and mails on their way out."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from notifications.kinds import Text, text_of


class Notice(models.Model):
    """Something to know, for one person. Holds values, not words: those follow the reader's language."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="notices", verbose_name=_("user")
    )
    kind = models.CharField(max_length=60)
    key = models.CharField(max_length=200)  # what it is about; telling it twice gives one notice
    context = models.JSONField(default=dict, blank=True)
    link = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(_("date"), auto_now_add=True)
    read_at = models.DateTimeField(_("read on"), null=True, blank=True)

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="notice_once")]
        indexes = [
            models.Index(fields=["user", "-id"], name="notice_inbox"),
            models.Index(fields=["user"], condition=models.Q(read_at__isnull=True), name="notice_unread"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.key}"

    @property
    def text(self) -> Text:
        """Its words in the current language; also of an old row whose kind has changed or is gone."""
        try:
            return text_of(self.kind, self.context)
        except KeyError:
            return Text(title=gettext("Message"), body="")


class OutboxMail(models.Model):
    """A mail to send. The row is the work: written together with what it tells of, delivered after commit."""

    class State(models.TextChoices):
        QUEUED = "queued", _("waiting")
        CLAIMED = "claimed", _("being sent")
        SENT = "sent", _("sent")
        FAILED = "failed", _("failed")

    key = models.CharField(max_length=200, unique=True)  # queueing it twice sends it once
    kind = models.CharField(max_length=60)
    to = models.EmailField(_("recipient"))
    language = models.CharField(max_length=5)
    context = models.JSONField(
        default=dict, blank=True
    )  # emptied once it is sent or given up: it may hold a token
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    last_error = models.CharField(max_length=300, blank=True)
    message_id = models.CharField(max_length=200, unique=True)  # the same at each try: a double can be told

    class Meta:
        verbose_name = _("outgoing mail")
        verbose_name_plural = _("outgoing mails")
        indexes = [
            models.Index(
                fields=["next_try_at"],
                condition=models.Q(state__in=["queued", "claimed"]),
                name="outboxmail_due",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.key}"
