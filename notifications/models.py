"""Telling people: notices in the inbox of the application, and mails on their way out.

A notice has one turn to be mailed (`Dispatch`); turns that are due are bundled into one mail for each person.
"""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from notifications.enums import Frequency, Urgency
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
    about = models.CharField(
        max_length=60, blank=True, db_default=""
    )  # a case number; the inbox groups by it
    urgency = models.PositiveSmallIntegerField(choices=Urgency, default=Urgency.FYI, db_default=Urgency.FYI)
    asks = models.BooleanField(default=False, db_default=False)  # something is asked of the reader
    by_when = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField(_("date"), auto_now_add=True)
    read_at = models.DateTimeField(_("read on"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)  # handled: nobody needs to know any more

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="notice_once")]
        indexes = [
            models.Index(
                fields=["user", "-id"],
                condition=models.Q(asks=False, withdrawn_at__isnull=True),
                name="notice_messages",
            ),
            models.Index(
                fields=["user", "urgency", "by_when", "id"],
                condition=models.Q(asks=True, withdrawn_at__isnull=True),
                name="notice_todo",
            ),
            models.Index(
                fields=["user", "-id"],
                condition=models.Q(read_at__isnull=True, withdrawn_at__isnull=True),
                name="notice_unread",
            ),
            models.Index(fields=["key"], name="notice_key"),  # withdrawing is for everyone
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
    """A mail to send. The row is the work: written together with what it tells of, delivered after commit.

    With a `user` it is a bundle of notices: it holds no words and no address, but is composed at each try.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("waiting")
        CLAIMED = "claimed", _("being sent")
        SENT = "sent", _("sent")
        FAILED = "failed", _("failed")
        DROPPED = "dropped", _("nothing left to tell")

    key = models.CharField(max_length=200, unique=True)  # queueing it twice sends it once
    kind = models.CharField(max_length=60)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="+"
    )
    to = models.EmailField(_("recipient"))  # of a bundle: where it was last sent
    language = models.CharField(max_length=5)
    context = models.JSONField(
        default=dict, blank=True
    )  # emptied once it is sent or given up: it may hold a token
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    attempts = models.PositiveIntegerField(default=0)  # each time it was taken up
    failures = models.PositiveSmallIntegerField(
        default=0, db_default=0
    )  # those that were about this mail itself
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
            ),
            models.Index(fields=["-id"], condition=models.Q(state="failed"), name="outboxmail_failed"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.key}"


class Dispatch(models.Model):
    """The one turn of a notice to be mailed. Bundled once, it never waits again."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        BUNDLED = "bundled", _("in a mail")
        DROPPED = "dropped", _("not to be mailed")

    notice = models.OneToOneField(Notice, models.CASCADE, primary_key=True, related_name="dispatch")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")  # of the notice
    due_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    mail = models.ForeignKey(OutboxMail, models.SET_NULL, null=True, blank=True, related_name="dispatches")

    class Meta:
        verbose_name = _("turn to be mailed")
        verbose_name_plural = _("turns to be mailed")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="bundled") | models.Q(mail__isnull=True),
                name="dispatch_mail_when_bundled",
            )
        ]
        indexes = [
            models.Index(fields=["due_at", "user"], condition=models.Q(state="waiting"), name="dispatch_due"),
            models.Index(
                fields=["user", "due_at"], condition=models.Q(state="waiting"), name="dispatch_of_user"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.notice_id}: {self.state}"


class Preference(models.Model):
    """How often somebody wants mail about a topic; without a row the default of the topic counts."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    topic = models.CharField(max_length=60)
    frequency = models.CharField(max_length=10, choices=Frequency)

    class Meta:
        verbose_name = _("preference")
        verbose_name_plural = _("preferences")
        constraints = [models.UniqueConstraint(fields=["user", "topic"], name="preference_once")]

    def __str__(self) -> str:
        return f"{self.user_id}, {self.topic}: {self.frequency}"


class FailingAddress(models.Model):
    """Mails to an address that were given up, since the last one that arrived."""

    email = models.EmailField(unique=True)  # lower case
    failures = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("failing address")
        verbose_name_plural = _("failing addresses")

    def __str__(self) -> str:
        return f"{self.pk}: {self.failures}"


class StoppedAddress(models.Model):
    """An address that takes no mail: no notices go there until somebody asks to try it again."""

    email = models.EmailField(unique=True)  # lower case
    stopped_at = models.DateTimeField()
    reason = models.CharField(max_length=300)
    failures = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("stopped address")
        verbose_name_plural = _("stopped addresses")

    def __str__(self) -> str:
        return f"{self.pk}: {self.reason}"
