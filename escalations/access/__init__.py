"""Who may look at rules and attestations, and change or answer them."""

from escalations.access.attestations import (
    Place,
    Standing,
    is_coordinator,
    managed_by,
    places_of,
    standing_of,
    takes_part,
)
from escalations.access.rules import may_change_rules, partnerships_with_rules_for, sees_rules

__all__ = [
    "Place",
    "Standing",
    "is_coordinator",
    "managed_by",
    "may_change_rules",
    "partnerships_with_rules_for",
    "places_of",
    "sees_rules",
    "standing_of",
    "takes_part",
]
