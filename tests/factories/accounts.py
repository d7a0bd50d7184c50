"""People and what they are where."""

import datetime as dt
from typing import Any

import factory

from accounts.models import Membership, User
from accounts.queries import role_group
from schools.models import Organisation

PASSWORD = "Een lange zin 42"
SINCE = dt.datetime(2026, 1, 5, 8, 0, tzinfo=dt.UTC)


class UserFactory(factory.django.DjangoModelFactory):
    """Somebody who can log in with PASSWORD."""

    class Meta:
        model = User

    email = factory.Sequence(lambda n: f"person{n}@example.org")
    name = factory.Sequence(lambda n: f"Person {n}")
    password = PASSWORD

    @classmethod
    def _create(cls, model_class: type[User], *args: Any, **kwargs: Any) -> User:
        return model_class.objects.create_user(*args, **kwargs)


class MembershipFactory(factory.django.DjangoModelFactory):
    """A role, with the group that carries its rights. Organisation and role have to fit each other."""

    class Meta:
        model = Membership

    user = factory.SubFactory(UserFactory)
    since = SINCE

    @classmethod
    def _create(cls, model_class: type[Membership], *args: Any, **kwargs: Any) -> Membership:
        membership = super()._create(model_class, *args, **kwargs)
        if membership.organisation and membership.ended_at is None:
            membership.user.groups.add(role_group(membership.organisation, membership.role))
        return membership


def member(user: User | None, role: str, organisation: Organisation | None) -> User:
    """Gives the role to the user, or to a new one; returns who has it."""
    membership: Membership = MembershipFactory(
        user=user or UserFactory(), role=role, organisation=organisation
    )
    return membership.user
