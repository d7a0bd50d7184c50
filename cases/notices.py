"""What the notices about cases say, and who may still be told. A case number, never a name."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from cases.queries.notices import those_still_seen, those_still_to_answer
from notifications.kinds import Frequency, register, register_topic

ABOUT_CASES: dict[str, Any] = {"topic": "case_messages", "may_get": those_still_seen}
GIVEN: dict[str, Any] = {"topic": "tasks_given", "may_get": those_still_seen}


def register_all() -> None:
    """Called once, in `CasesConfig.ready`."""
    register_topic(
        "tasks_given",
        _("What is asked of you"),
        _("You become the case lead, get an action or are invited to take part in a case."),
        default=Frequency.AT_ONCE,
    )
    register_topic(
        "case_messages",
        _("What happens in your cases"),
        _("A new state, an answer to an invitation, a possible duplicate."),
        default=Frequency.DAILY,
    )
    register(
        "possible_double",
        _("%(number)s may be a duplicate"),
        _("The pupil looks like the one of %(others)s. Compare the two and withdraw one of them."),
        **ABOUT_CASES,
    )
    register(
        "case_withdrawn",
        _("%(number)s was withdrawn"),
        _("Whoever withdrew it says that the signal was a mistake. Reopen the case if you see it otherwise."),
        **ABOUT_CASES,
    )
    register(
        "lead_assigned",
        _("You now lead %(number)s"),
        _("You are the case lead from today on."),
        **GIVEN,
    )
    register(
        "case_moved",
        _("%(number)s has a new state"),
        _("Somebody changed the state of a case that you lead."),
        **ABOUT_CASES,
    )
    register(
        "participation_invited",
        _("You are invited to take part in a case"),
        _("%(organisation)s asks your organisation to take part. Read what for, and accept or decline."),
        topic="tasks_given",
        may_get=those_still_to_answer,
    )
    register("participation_accepted", _("%(organisation)s takes part in %(number)s"), **ABOUT_CASES)
    register("participation_declined", _("%(organisation)s does not take part in %(number)s"), **ABOUT_CASES)
    register(
        "action_given",
        _("You have an action in %(number)s"),
        _("It is to be done by %(deadline)s."),
        **GIVEN,
    )
