"""Whom a partnership named as escalation contact, and who can be named."""

from django.db.models import QuerySet

from accounts.models import User
from accounts.queries import people_with_role
from accounts.roles import Role
from escalations.models import EscalationContact
from schools.models import Partnership


def case_managers_of(partnership: Partnership) -> QuerySet[User]:
    """Who can be named: who can act as its case manager today."""
    return people_with_role(Role.CASE_MANAGER, partnership.organisation)


def named_contact(partnership_id: int) -> User | None:
    """Whom it named, also who is no case manager of it any more: then its case managers are told."""
    found = EscalationContact.objects.filter(partnership=partnership_id).select_related("user").first()
    return found.user if found else None
