"""What happened. Rows are only ever added: triggers in the database refuse every change and removal.

No foreign keys: the log outlives what it is about, and nothing that is removed elsewhere can touch it.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Result(models.TextChoices):
    OK = "ok", _("succeeded")
    REFUSED = "refused", _("refused")
    FAILED = "failed", _("failed")


class Event(models.Model):
    """One act: who did what to which object, from where, and how it ended."""

    uid = models.UUIDField(
        unique=True, editable=False
    )  # inside the mac: a copied row is refused or does not fit
    at = models.DateTimeField(_("moment"))
    action = models.CharField(_("action"), max_length=60)
    result = models.CharField(_("result"), max_length=10, choices=Result)
    actor = models.CharField(_("who"), max_length=200, blank=True)
    actor_id = models.CharField(max_length=40, blank=True)
    target = models.CharField(_("object"), max_length=120, blank=True)
    ip = models.CharField(_("network address"), max_length=45, blank=True)
    channel = models.CharField(_("channel"), max_length=10)
    request_id = models.CharField(max_length=64, blank=True)
    details = models.JSONField(default=dict, blank=True)
    mac = models.CharField(max_length=64, editable=False)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        indexes = [
            models.Index(fields=["target", "-id"], name="audit_event_target"),
            models.Index(fields=["at"], name="audit_event_at"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.target}".strip()


class Link(models.Model):
    """A place in the chain: the order in which events were linked, which is not that of their ids.

    Each number and each `previous` exists once, so that two linkers can never fork the chain.
    """

    number = models.BigIntegerField(primary_key=True)
    event_id = models.BigIntegerField(unique=True)
    event_mac = models.CharField(max_length=64)
    previous = models.CharField(max_length=64, unique=True)
    hash = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("link of the chain")
        verbose_name_plural = _("links of the chain")

    def __str__(self) -> str:
        return f"{self.number}: {self.event_id}"


class Head(models.Model):
    """How far the chain goes; one row, signed. Without it, nothing would miss what was cut off at the end.

    It only moves forward. Linkers lock it, one at a time.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    number = models.BigIntegerField()
    hash = models.CharField(max_length=64)
    mac = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("head of the chain")
        verbose_name_plural = _("head of the chain")
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="audit_head_once")]

    def __str__(self) -> str:
        return str(self.number)
