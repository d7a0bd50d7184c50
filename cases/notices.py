"""What the notices about cases say. A case number, never a name."""

from django.utils.translation import gettext_lazy as _

from notifications.kinds import register


def register_all() -> None:
    """Called once, in `CasesConfig.ready`."""
    register(
        "possible_double",
        _("%(number)s may be a duplicate"),
        _("The pupil looks like the one of %(others)s. Compare the two and withdraw one of them."),
    )
    register(
        "case_withdrawn",
        _("%(number)s was withdrawn"),
        _("Whoever withdrew it says that the signal was a mistake. Reopen the case if you see it otherwise."),
    )
    register("lead_assigned", _("You now lead %(number)s"), _("You are the case lead from today on."))
    register(
        "case_moved",
        _("%(number)s has a new state"),
        _("Somebody changed the state of a case that you lead."),
    )
    register(
        "participation_invited",
        _("You are invited to take part in a case"),
        _("%(organisation)s asks your organisation to take part. Read what for, and accept or decline."),
    )
    register("participation_accepted", _("%(organisation)s takes part in %(number)s"))
    register("participation_declined", _("%(organisation)s does not take part in %(number)s"))
    register("action_given", _("You have an action in %(number)s"), _("It is to be done by %(deadline)s."))
