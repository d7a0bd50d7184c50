"""The category of today (contracts/counting.md) for many cases: `rules.category_on` asked of the database."""

import datetime as dt
from collections.abc import Collection, Iterable
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from cases.enums import Article, Authorised, Category, Extent
from cases.models import Case, Exemption
from cases.rules import Facts, Threshold, category_on, school_age_births
from schools.models import Partnership


def thresholds() -> list[tuple[int, bool]]:
    """The thresholds that partnerships chose; nearly always one or two different ones."""
    chosen = Partnership.objects.order_by().values_list("threshold_days", "threshold_inclusive")
    return list(chosen.distinct())


def in_category(category: Category, day: dt.date, chosen: Iterable[tuple[int, bool]]) -> Q:
    """What the cases of a category have in common on a day. `chosen`: the thresholds of the partnerships."""
    running = Q(first_day_absent__lte=day) & (Q(closed_on__isnull=True) | Q(closed_on__gt=day))
    counts = running & Q(pupil__birth_date__range=school_age_births(day))
    if category == Category.EXEMPT_5A:
        return counts & Q(_exempt(day, article=Article.A5A))
    absent = counts & ~Q(_exempt(day)) & (Q(back_on__isnull=True) | Q(back_on__gt=day))
    if category == Category.ABSOLUTE:
        return absent & Q(enrolled=False)
    if category == Category.PARTIAL:
        return absent & Q(enrolled=True, extent=Extent.PARTIAL)
    over = _over(day, chosen)
    fully = absent & Q(enrolled=True) & ~Q(extent=Extent.PARTIAL)
    if category == Category.THREATENING:
        return fully & ~over
    unauthorised = Q(authorised__in=(Authorised.NO, Authorised.PARTLY))
    ill_partly = Q(ill=True, can_attend_partly=True)
    long = {
        Category.LONG: unauthorised,
        Category.ILL_PARTLY: ~unauthorised & ill_partly,
        Category.HIDDEN: ~unauthorised & ~ill_partly,
    }
    return fully & over & long[category]


def _over(day: dt.date, chosen: Iterable[tuple[int, bool]]) -> Q:
    over = Q(pk__in=[])
    for days, inclusive in chosen:
        begun = day - dt.timedelta(days=Threshold(days, inclusive).first_over)
        over |= Q(
            partnership__threshold_days=days,
            partnership__threshold_inclusive=inclusive,
            first_day_absent__lte=begun,
        )
    return over


def _exempt(day: dt.date, **asked: Any) -> Exists:
    return Exists(exemptions_on(day).filter(case=OuterRef("pk"), **asked))


def exemptions_on(day: dt.date) -> QuerySet[Exemption]:
    """The exemptions valid on a day, as known now. Without a first day one holds from the start."""
    return Exemption.objects.filter(
        Q(valid_from__isnull=True) | Q(valid_from__lte=day),
        Q(valid_to__isnull=True) | Q(valid_to__gte=day),
        known_until__isnull=True,
    )


def categories_on(cases: Collection[Case], day: dt.date) -> dict[int, Category | None]:
    """The category of each of these cases on a day; one query for any number of them."""
    articles: dict[int, set[str]] = {}
    for case_id, article in exemptions_on(day).filter(case__in=cases).values_list("case", "article"):
        articles.setdefault(case_id, set()).add(article)
    return {case.pk: category_with(case, frozenset(articles.get(case.pk, ())), day) for case in cases}


def category_with(case: Case, exemptions: frozenset[str], day: dt.date) -> Category | None:
    """The category of a case on a day, given the articles under which it is exempt on it."""
    facts = Facts(
        birth_date=case.pupil.birth_date,
        first_day_absent=case.first_day_absent,
        back_on=case.back_on,
        closed_on=case.closed_on,
        enrolled=case.enrolled,
        extent=case.extent,
        authorised=case.authorised,
        ill=case.ill,
        can_attend_partly=case.can_attend_partly,
        exemptions=exemptions,
    )
    partnership = case.partnership
    return category_on(facts, day, Threshold(partnership.threshold_days, partnership.threshold_inclusive))
