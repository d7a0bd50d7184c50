"""System checks of the one thing that would open every case at once: a right on cases that is not on one
case."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register


@register(Tags.database)
def no_global_case_rights(
    app_configs: Any = None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Refuses a case right that was given to a person or group as a whole. It would open nothing
    (cases/access.py does not ask for it), but somebody meant it to."""
    from django.contrib.auth.models import Permission
    from django.db import connections
    from django.db.models import Q

    for alias in databases or []:
        if Permission._meta.db_table not in connections[alias].introspection.table_names():
            continue
        given = (
            Permission.objects.using(alias)
            .filter(content_type__app_label="cases")
            .filter(Q(group__isnull=False) | Q(user__isnull=False))
            .values_list("codename", flat=True)
            .distinct()
        )
        if given:
            return [
                Error(
                    f"Global rights on cases exist: {', '.join(sorted(given))}.",
                    hint="Rights on cases are granted case by case; remove these from groups and users.",
                    id="cases.E001",
                )
            ]
    return []
