"""Who: people, what they are in which organisation, and the invitations by which they come in."""

import datetime as dt
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth import get_backends
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, Group, PermissionsMixin
from django.db import models, transaction
from django.db.models.functions import Coalesce, Lower, NullIf
from django.utils.translation import gettext_lazy as _
from guardian.mixins import GuardianUserMixin

from accounts.roles import Role
from schools.models import Organisation


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Makes a user whose address counts as verified: people come in by a mail to it or from the console.

        Without a password the user cannot log in until an invitation is accepted.
        """
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        with transaction.atomic(using=self._db):
            user.save(using=self._db)
            EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """For the technical administration only: a superuser has no right on any case."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(GuardianUserMixin, AbstractBaseUser, PermissionsMixin):
    """A person. Logs in with an e-mail address, kept in lower case."""

    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=150)
    language = models.CharField(
        _("language"), max_length=5, choices=[("nl", "Nederlands"), ("en", "English")], default="nl"
    )
    notification_email = models.EmailField(
        _("address for notifications"),
        blank=True,
        help_text=_("Leave empty to use the address you log in with."),
    )
    notification_email_asked = models.EmailField(
        blank=True,
        editable=False,
        help_text=_("Asked for; in use once confirmed."),
    )
    is_active = models.BooleanField(_("active"), default=True)
    is_staff = models.BooleanField(_("may open the technical administration"), default=False)
    date_joined = models.DateTimeField(_("since"), auto_now_add=True)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_once")]

    def __str__(self) -> str:
        return self.name or self.email

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """As usual, but on an object a superuser has what was granted and no more."""
        if obj is None:
            return super().has_perm(perm)
        return self.is_active and any(
            backend.has_perm(self, perm, obj) for backend in get_backends() if hasattr(backend, "has_perm")
        )

    @property
    def address(self) -> str:
        """Where notifications go."""
        return self.notification_email or self.email

    @staticmethod
    def address_in_database(prefix: str = "") -> Lower:
        """`address` in lower case, as an expression of a query; `prefix` leads to the user, as "user__"."""
        chosen = NullIf(f"{prefix}notification_email", models.Value(""))
        return Lower(Coalesce(chosen, f"{prefix}email"))


class RoleGroup(models.Model):
    """The group of everybody with one role in one organisation: what rights on cases are granted to."""

    group = models.OneToOneField(Group, models.PROTECT, primary_key=True, related_name="role_group")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="role_groups")
    role = models.CharField(max_length=20, choices=Role)

    class Meta:
        verbose_name = _("role group")
        verbose_name_plural = _("role groups")
        constraints = [models.UniqueConstraint(fields=["organisation", "role"], name="role_group_once")]

    def __str__(self) -> str:
        return f"{self.get_role_display()}, {self.organisation}"


# A platform operator works for no organisation, everybody else for one.
OPERATOR_OR_ORGANISATION = models.Q(organisation__isnull=True, role="platform_operator") | (
    models.Q(organisation__isnull=False) & ~models.Q(role="platform_operator")
)


class MembershipQuerySet(models.QuerySet["Membership"]):
    def active(self) -> "MembershipQuerySet":
        return self.filter(ended_at__isnull=True)


class Membership(models.Model):
    """A person has a role in an organisation, from one moment to another. Ended rows stay, for the yearly
    review."""

    user = models.ForeignKey(User, models.PROTECT, related_name="memberships", verbose_name=_("user"))
    organisation = models.ForeignKey(
        Organisation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="memberships",
        verbose_name=_("organisation"),
    )
    role = models.CharField(_("role"), max_length=20, choices=Role)
    since = models.DateTimeField(_("since"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    given_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("given by")
    )
    ended_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("ended by")
    )

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "organisation", "role"],
                condition=models.Q(ended_at__isnull=True),
                name="membership_active_once",
            ),
            models.UniqueConstraint(
                fields=["user", "role"],
                condition=models.Q(ended_at__isnull=True, organisation__isnull=True),
                name="membership_operator_once",
            ),
            models.CheckConstraint(condition=OPERATOR_OR_ORGANISATION, name="membership_has_organisation"),
            models.CheckConstraint(
                condition=models.Q(ended_at__isnull=True) | models.Q(ended_at__gte=models.F("since")),
                name="membership_in_order",
            ),
        ]
        indexes = [
            models.Index(
                fields=["organisation", "role"],
                condition=models.Q(ended_at__isnull=True),
                name="membership_active",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()}, {self.organisation or '-'}"


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def unanswered(self) -> "InvitationQuerySet":
        """Neither accepted nor withdrawn; it may have expired."""
        return self.filter(accepted_at__isnull=True, withdrawn_at__isnull=True)

    def open_at(self, at: dt.datetime) -> "InvitationQuerySet":
        return self.unanswered().filter(expires_at__gt=at)


class Invitation(models.Model):
    """An offer of a role, sent by mail. Only a hash of the link's secret is kept; valid seven days, once."""

    email = models.EmailField(_("e-mail address"))
    name = models.CharField(_("name"), max_length=150, blank=True)
    organisation = models.ForeignKey(
        Organisation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="invitations",
        verbose_name=_("organisation"),
    )
    role = models.CharField(_("role"), max_length=20, choices=Role)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("invited by")
    )
    invited_at = models.DateTimeField(_("invited"))
    expires_at = models.DateTimeField(_("valid until"))
    accepted_at = models.DateTimeField(_("accepted"), null=True, blank=True)
    accepted_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("accepted by")
    )
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ["-invited_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                Coalesce("organisation_id", models.Value(0), output_field=models.BigIntegerField()),
                "role",
                condition=models.Q(accepted_at__isnull=True, withdrawn_at__isnull=True),
                name="invitation_unanswered_once",
            ),
            models.CheckConstraint(condition=OPERATOR_OR_ORGANISATION, name="invitation_has_organisation"),
            models.CheckConstraint(
                condition=models.Q(accepted_at__isnull=True) | models.Q(withdrawn_at__isnull=True),
                name="invitation_accepted_or_withdrawn",
            ),
        ]
        indexes = [models.Index(fields=["organisation", "-invited_at"], name="invitation_of_organisation")]

    def __str__(self) -> str:
        return f"{self.email}: {self.get_role_display()}, {self.organisation or '-'}"

    def is_open_at(self, at: dt.datetime) -> bool:
        return self.accepted_at is None and self.withdrawn_at is None and at < self.expires_at
