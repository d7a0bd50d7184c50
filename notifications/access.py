"""Who may look after the mail of everybody. Roles are known higher up, and come through the registry."""

from typing import Any

from common.registry import collect

OPERATOR = "platform_operator"

# Slot: user -> pairs of the id of an organisation (or None) and a role that the user has there today.
ROLES = "roles_in_organisations"


def may_operate(user: Any) -> bool:
    return any(role == OPERATOR for found in collect(ROLES, user) for _organisation, role in found)
