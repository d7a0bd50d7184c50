"""What an administrator chooses for the quarterly list of a partnership. It counts from the next list on."""

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from common.errors import Invalid, NotAllowed
from reports.access import partnerships_administered_by
from reports.models import ListTemplate
from reports.queries.inspectorate import template_of
from reports.rules.columns import Column, wrong_with
from schools.models import Partnership


def save_template(*, partnership: Partnership, columns: Sequence[Column], with_5a: bool, by: User) -> bool:
    """The columns in this order, and whether exemptions under 5a stand in the list. Answers whether that was
    a change."""
    with transaction.atomic():
        locked = _lock(partnership, by=by)
        for fault in wrong_with(columns):
            raise Invalid(fault.sentence, field=fault.part)
        present = template_of(locked.pk)
        if present.is_own and list(present.columns) == list(columns) and present.with_5a == with_5a:
            return False
        values = {"columns": [column.as_json() for column in columns], "with_5a": with_5a}
        ListTemplate.objects.update_or_create(partnership=locked, defaults=values)
        details = {"fields": [column.field for column in columns], "with_5a": with_5a}
        record("list_template.changed", by=by, target=_target(locked), details=details)
    return True


def restore_template(*, partnership: Partnership, by: User) -> bool:
    """Back to the default. Answers whether there was anything of its own."""
    with transaction.atomic():
        locked = _lock(partnership, by=by)
        removed, _by_model = ListTemplate.objects.filter(partnership=locked).delete()
        if not removed:
            return False
        record("list_template.restored", by=by, target=_target(locked))
    return True


def _lock(partnership: Partnership, *, by: User) -> Partnership:
    """Who changes the template of a partnership take turns."""
    if not partnerships_administered_by(by).filter(pk=partnership.pk).exists():
        raise NotAllowed(_("Only an administrator of the partnership chooses the columns of its list."))
    rows = Partnership.objects.select_for_update(of=("self",), no_key=True).select_related("organisation")
    return rows.get(pk=partnership.pk)


def _target(partnership: Partnership) -> str:
    return f"organisation swv {partnership.number}"
