"""The state machine of a case: contracts/workflow.csv, and nothing else.

A transition changes its own fields only. Its conditions are one predicate for each fact
(cases/models/conditions.py); its
permission is asked of this case, never globally. `docs/workflow.md` is generated from this file.
"""

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from django_fsm import ConcurrentTransitionMixin, FSMField, FSMModelMixin, Transition, transition

from cases import permissions
from cases.enums import Destination, State
from cases.models import conditions
from common.dates import today

if TYPE_CHECKING:
    from accounts.models import User


def _needs(right: str) -> Callable[[Any, Any], bool]:
    def permission(case: "Workflow", user: "User") -> bool:
        return user.has_perm(f"cases.{right}", case)

    permission.right = right  # type: ignore[attr-defined]  # read by docs/workflow.md
    return permission


_manage = _needs(permissions.MANAGE)
_decide = _needs(permissions.DECIDE)

_UNDERWAY = [State.ARRANGEMENT, State.REMOTE_EDUCATION, State.RETURN]


def _others(state: State) -> list[State]:
    return [State.SIGNALLED, *(other for other in _UNDERWAY if other != state)]


class Workflow(ConcurrentTransitionMixin, FSMModelMixin, models.Model):
    """signalled, arrangement, remote education, return, closed."""

    state = FSMField(
        _("state"), default=State.SIGNALLED, choices=State.choices, max_length=20, protected=True
    )
    destination = models.CharField(_("destination"), max_length=30, choices=Destination, blank=True)

    #: The day on which conditions are judged; a service sets it, today otherwise.
    judged_on: dt.date | None = None
    #: What the one who presses gives with it: a text, a destination, since when a timetable is met.
    given: conditions.Given = conditions.Given()

    class Meta:
        abstract = True

    @property
    def day(self) -> dt.date:
        return self.judged_on or today()

    @property
    def moves(self) -> dict[str, Transition]:
        """The transitions that leave from the present state, allowed now or not, by name."""
        every = self.get_all_state_transitions()  # type: ignore[attr-defined]
        return {move.name: move for move in every if move.source == self.state}

    @transition(
        field=state,
        source=_others(State.ARRANGEMENT),
        target=State.ARRANGEMENT,
        permission=_manage,
        conditions=[conditions.has_agreed_arrangement, conditions.pupil_heard_on_arrangement],
        custom={"label": _("Start the arrangement")},
    )
    def agree_arrangement(self) -> None: ...

    @transition(
        field=state,
        source=_others(State.REMOTE_EDUCATION),
        target=State.REMOTE_EDUCATION,
        permission=_manage,
        conditions=[conditions.has_active_remote_plan, conditions.pupil_heard_on_remote_plan],
        custom={"label": _("Start remote education")},
    )
    def start_remote_education(self) -> None: ...

    @transition(
        field=state,
        source=_others(State.RETURN),
        target=State.RETURN,
        permission=_manage,
        conditions=[conditions.has_return_plan, conditions.pupil_heard_on_return_plan],
        custom={"label": _("Start the return")},
    )
    def start_return(self) -> None: ...

    @transition(
        field=state,
        source=[State.SIGNALLED, State.ARRANGEMENT, State.REMOTE_EDUCATION, State.RETURN],
        target=State.CLOSED,
        permission=_decide,
        conditions=[conditions.has_destination, conditions.return_is_sustained],
        custom={"label": _("Close the case")},
    )
    def close(self) -> None:
        self.destination = self.given.destination

    @transition(
        field=state,
        source=State.SIGNALLED,
        target=State.CLOSED,
        permission=_manage,
        conditions=[conditions.has_reason],
        custom={"label": _("Withdraw the signal")},
    )
    def withdraw(self) -> None:
        self.destination = Destination.MISTAKEN

    @transition(
        field=state,
        source=State.CLOSED,
        target=State.SIGNALLED,
        permission=_decide,
        conditions=[conditions.has_reason],
        custom={"label": _("Reopen the case")},
    )
    def reopen(self) -> None:
        self.destination = ""
