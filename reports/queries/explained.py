"""The categories in plain words (contracts/counting.md; Leerplichtwet 1969)."""

from django.utils.translation import gettext as _

from cases.enums import Category
from reports.enums import MEMBERS


def categories_explained() -> list[tuple[Category, list[str], str]]:
    """Each category with the definitions that count it and what it means, the one that goes first on top."""
    words = {
        Category.ABSOLUTE: _(
            "Of school age, enrolled at no school and not exempt. Counts from the first day."
        ),
        Category.LONG: _(
            "Enrolled, wholly absent for longer than four weeks, without permission or partly without it."
        ),
        Category.ILL_PARTLY: _(
            "Enrolled and ill, able to attend in part by the plan made, and wholly absent for longer than "
            "four weeks."
        ),
        Category.EXEMPT_5A: _(
            "Exempt from enrolment on physical or psychological grounds (Leerplichtwet, article 5 under a), "
            "while the case runs."
        ),
        Category.HIDDEN: _(
            "Enrolled and wholly absent for longer than four weeks with permission, or it is not known "
            "whether with permission: at home, but in no official figure."
        ),
        Category.PARTIAL: _("Enrolled and at school for a part of the hours only."),
        Category.THREATENING: _("Enrolled and wholly absent, not yet longer than four weeks."),
    }
    return [
        (category, [str(name) for name, members in MEMBERS.items() if category in members], words[category])
        for category in Category
    ]
