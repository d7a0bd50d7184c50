"""The difference between two figures, in words."""

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reports.enums import PeriodKind
from reports.rules.periods import Period


def difference(now: int, then: int, period: Period) -> str:
    """ "3 more than in September 2026"."""
    words = {"count": number(abs(now - then)), "period": period}
    if period.kind == PeriodKind.OTHER:
        more, fewer = _("%(count)s more than from %(period)s"), _("%(count)s fewer than from %(period)s")
        same = _("as many as from %(period)s")
    else:
        more, fewer = _("%(count)s more than in %(period)s"), _("%(count)s fewer than in %(period)s")
        same = _("as many as in %(period)s")
    return (more if now > then else fewer if now < then else same) % words


def difference_in_days(now: float | None, then: float | None, period: Period) -> str:
    """ "4 days longer than in September 2026"; "" where one of the two is not known."""
    if now is None or then is None:
        return ""
    words = {"days": days(abs(now - then)), "period": period}
    if period.kind == PeriodKind.OTHER:
        longer, shorter = (
            _("%(days)s longer than from %(period)s"),
            _("%(days)s shorter than from %(period)s"),
        )
        same = _("as long as from %(period)s")
    else:
        longer, shorter = _("%(days)s longer than in %(period)s"), _("%(days)s shorter than in %(period)s")
        same = _("as long as in %(period)s")
    return (longer if now > then else shorter if now < then else same) % words


def number(count: float) -> str:
    """In the notation of the reader, with one decimal where it is not whole."""
    whole = float(count).is_integer()
    return number_format(round(count, 1), decimal_pos=0 if whole else 1, force_grouping=True)


def days(count: float) -> str:
    return ngettext("%(count)s day", "%(count)s days", 1 if count == 1 else 2) % {"count": number(count)}
