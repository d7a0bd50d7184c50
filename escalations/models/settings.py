"""What a partnership changed of the rules, and whom it named as escalation contact."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from schools.models import Partnership, Sector


class RuleSetting(models.Model):
    """A rule as a partnership wants it, for one sector or (empty) for all. The newest counts; older ones stay
    as history.

    `threshold` and `repeat` are numbers of the units that the rule has; `repeat` empty: once. `recipients`
    are codes, a space apart. `is_reset`: what was chosen before no longer holds here, and these are the
    values that hold instead; such a row never counts, it tells who put them back.
    """

    partnership = models.ForeignKey(
        Partnership, models.PROTECT, related_name="rule_settings", verbose_name=_("partnership")
    )
    sector = models.CharField(_("sector"), max_length=3, choices=Sector, blank=True)
    rule = models.CharField(_("rule"), max_length=6)
    active = models.BooleanField(_("in force"), default=True)
    threshold = models.SmallIntegerField(_("threshold"))
    repeat = models.PositiveSmallIntegerField(_("repeated after"), null=True, blank=True)
    recipients = models.CharField(_("who is told"), max_length=100)
    text = models.CharField(_("own text"), max_length=300, blank=True)
    changed_at = models.DateTimeField(_("changed"))
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("changed by")
    )
    replaced_at = models.DateTimeField(_("replaced"), null=True, blank=True)
    is_reset = models.BooleanField(_("put back"), default=False, db_default=False)

    class Meta:
        verbose_name = _("setting of a rule")
        verbose_name_plural = _("settings of rules")
        ordering = ["-changed_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["partnership", "sector", "rule"],
                condition=models.Q(replaced_at__isnull=True),
                name="rule_setting_current_once",
            ),
            models.CheckConstraint(
                condition=models.Q(repeat__isnull=True) | models.Q(repeat__gte=1),
                name="rule_setting_repeat_positive",
            ),
            models.CheckConstraint(
                condition=models.Q(is_reset=False) | models.Q(replaced_at__isnull=False),
                name="rule_setting_reset_never_counts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule} {self.partnership}"


class EscalationContact(models.Model):
    """The case manager whom a partnership names for what goes to the top of the ladder."""

    partnership = models.OneToOneField(
        Partnership, models.CASCADE, primary_key=True, related_name="escalation_contact"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("escalation contact")
    )

    class Meta:
        verbose_name = _("escalation contact")
        verbose_name_plural = _("escalation contacts")

    def __str__(self) -> str:
        return str(self.user)
