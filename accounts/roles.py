"""The roles that a person can have, and in which kind of organisation (contracts/rights.csv)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from schools.models import CareKind, Organisation, OrganisationKind


class Role(models.TextChoices):
    COORDINATOR = "coordinator", _("school coordinator")
    CASE_MANAGER = "case_manager", _("case manager")
    REPORTER = "reporter", _("reporter")
    ADMINISTRATOR = "administrator", _("administrator")
    PRIVACY_OFFICER = "privacy_officer", _("privacy officer")
    CARE_WORKER = "care_worker", _("care worker")
    ATTENDANCE_OFFICER = "attendance_officer", _("attendance officer")
    PLATFORM_OPERATOR = "platform_operator", _("platform operator")


KINDS: dict[str, frozenset[str]] = {
    Role.COORDINATOR: frozenset({OrganisationKind.SCHOOL, OrganisationKind.SITE}),
    Role.CASE_MANAGER: frozenset({OrganisationKind.PARTNERSHIP}),
    Role.REPORTER: frozenset({OrganisationKind.PARTNERSHIP}),
    Role.ADMINISTRATOR: frozenset({OrganisationKind.PARTNERSHIP}),
    Role.PRIVACY_OFFICER: frozenset({OrganisationKind.PARTNERSHIP}),
    Role.CARE_WORKER: frozenset({OrganisationKind.CARE_PARTNER}),
    Role.ATTENDANCE_OFFICER: frozenset({OrganisationKind.CARE_PARTNER}),
    Role.PLATFORM_OPERATOR: frozenset(),
}


def role_fits(role: str, organisation: Organisation | None) -> bool:
    """Whether somebody can have this role there. An attendance officer belongs to an attendance office,
    a care worker to any other care partner, a platform operator to no organisation at all."""
    if organisation is None:
        return role == Role.PLATFORM_OPERATOR
    if organisation.kind not in KINDS[role]:
        return False
    if organisation.kind == OrganisationKind.CARE_PARTNER:
        is_office = organisation.carepartner.kind == CareKind.ATTENDANCE
        return is_office == (role == Role.ATTENDANCE_OFFICER)
    return True


# Where people with a role belong: what a form says when role and organisation do not fit.
BELONGS: dict[str, object] = {
    Role.COORDINATOR: _("A school coordinator belongs to a school or a school site."),
    Role.CASE_MANAGER: _("A case manager belongs to a partnership."),
    Role.REPORTER: _("A reporter belongs to a partnership."),
    Role.ADMINISTRATOR: _("An administrator belongs to a partnership."),
    Role.PRIVACY_OFFICER: _("A privacy officer belongs to a partnership."),
    Role.CARE_WORKER: _("A care worker belongs to a care partner that is not an attendance office."),
    Role.ATTENDANCE_OFFICER: _("An attendance officer belongs to an attendance office."),
    Role.PLATFORM_OPERATOR: _("A platform operator belongs to no organisation."),
}
