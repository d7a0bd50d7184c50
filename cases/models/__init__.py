"""The tables of a case; read `workflow` first."""

from cases.models.access import CaseGrant
from cases.models.case import Case, CaseNumberCounter, Spell
from cases.models.facts import (
    AbsencePeriod,
    Exemption,
    FittingOffer,
    LeadPeriod,
    Particulars,
    ReasonCodes,
    SpellDates,
    StateChange,
)
from cases.models.feed import CalendarFeed
from cases.models.imports import ImportedRow, RegisterUpload
from cases.models.participation import Participation
from cases.models.plans import (
    Arrangement,
    Evaluation,
    Hearing,
    Plan,
    RemoteEducationPlan,
    ReturnPlan,
    ReturnStep,
)
from cases.models.pupil import NameWord, Pupil
from cases.models.submission import Submission
from cases.models.work import Action, Note

__all__ = [
    "AbsencePeriod",
    "Action",
    "Arrangement",
    "CalendarFeed",
    "Case",
    "CaseGrant",
    "CaseNumberCounter",
    "Evaluation",
    "Exemption",
    "FittingOffer",
    "Hearing",
    "ImportedRow",
    "LeadPeriod",
    "NameWord",
    "Note",
    "Participation",
    "Particulars",
    "Plan",
    "Pupil",
    "ReasonCodes",
    "RegisterUpload",
    "RemoteEducationPlan",
    "ReturnPlan",
    "ReturnStep",
    "Spell",
    "SpellDates",
    "StateChange",
    "Submission",
]
