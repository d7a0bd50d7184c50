"""What an administrator settles for a partnership."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from audit.services import record
from common.errors import NotAllowed
from schools.access import may_change_settings
from schools.models import Partnership

SETTINGS = ("threshold_days", "threshold_inclusive", "region", "sustained_percentage", "sustained_weeks")


def change_settings(*, partnership: Partnership, by: Any, **values: Any) -> Partnership:
    """Takes any of SETTINGS. Figures are computed with the new ones from now on, frozen versions stay."""
    with transaction.atomic():
        locked = Partnership.objects.select_for_update(of=("self",)).select_related("organisation")
        now = locked.get(pk=partnership.pk)
        if not may_change_settings(by, now.pk):
            raise NotAllowed(_("Only an administrator of the partnership changes its settings."))
        changed = sorted(name for name in SETTINGS if name in values and getattr(now, name) != values[name])
        for name in changed:
            setattr(now, name, values[name])
        if changed:
            now.save(update_fields=changed)
            details = {name: values[name] for name in changed}
            record("partnership.settings", by=by, target=f"organisation swv {now.number}", details=details)
    return now
