"""Who looks at the rules of a partnership, and who changes them.

Its case managers and administrators look; only its administrators change something. That is so for everything
that a partnership settles, so the app that holds partnerships decides it.
"""

from typing import Any

from schools.access import may_change_settings, partnerships_seen_by, sees_organisations


def sees_rules(user: Any) -> bool:
    """Whether somebody sees the rules of any partnership."""
    return sees_organisations(user)


def partnerships_with_rules_for(user: Any) -> frozenset[int]:
    """The partnerships whose rules somebody sees."""
    return partnerships_seen_by(user)


def may_change_rules(user: Any, partnership: int) -> bool:
    return may_change_settings(user, partnership)
