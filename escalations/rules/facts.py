"""What the rules look at in a case: its newest facts, without a name."""

import datetime as dt
from dataclasses import dataclass, field


@dataclass(slots=True)
class PlanFacts:
    """A plan of the current spell. `evaluated_on`: the last evaluation. `ended_on`: the day from which it is
    over."""

    id: int
    kind: str
    start: dt.date
    end: dt.date | None
    evaluate_on: dt.date | None
    ended_on: dt.date | None
    evaluated_on: dt.date | None

    def is_over_on(self, day: dt.date) -> bool:
        return (self.ended_on is not None and self.ended_on <= day) or (
            self.end is not None and self.end < day
        )


@dataclass(slots=True)
class ExemptionFacts:
    """An exemption that counts. Without a first day it holds from the first day absent."""

    id: int
    article: str
    valid_from: dt.date
    valid_to: dt.date | None

    def holds_on(self, day: dt.date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@dataclass(slots=True)
class ActionFacts:
    id: int
    deadline: dt.date


@dataclass(slots=True)
class InvitationFacts:
    """`ends_on`: the last day on which it can be answered."""

    id: int
    invited_on: dt.date
    ends_on: dt.date


@dataclass(slots=True)
class CaseFacts:
    """An open case."""

    id: int
    partnership_id: int
    site_id: int | None
    sector: str
    state: str
    state_since: dt.date
    signalled_on: dt.date
    first_day_absent: dt.date
    back_on: dt.date | None
    offer: str
    offer_since: dt.date | None
    lead_id: int | None
    last_progress_on: dt.date | None
    plans: list[PlanFacts] = field(default_factory=list)
    exemptions: list[ExemptionFacts] = field(default_factory=list)
    actions: list[ActionFacts] = field(default_factory=list)
    invitations: list[InvitationFacts] = field(default_factory=list)
