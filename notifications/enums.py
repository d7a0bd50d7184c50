"""How urgent a notice is, and how often somebody wants to be mailed about a subject."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Urgency(models.IntegerChoices):
    """The headings of a digest, in this order."""

    NOW = 1, _("Needs attention now")
    TODO = 2, _("To do")
    FYI = 3, _("Good to know")


class Frequency(models.TextChoices):
    AT_ONCE = "at_once", _("at once")
    DAILY = "daily", _("one mail each working day, at 08:00")
    WEEKLY = "weekly", _("one mail a week, on Monday at 08:00")
    OFF = "off", _("no mail: only here, among the messages")
