"""Rules as partnerships changed them, reminders, attestations, and how the sweep goes."""

from escalations.models.attestations import Attestation
from escalations.models.reminders import Reminder, ReminderAct
from escalations.models.settings import EscalationContact, RuleSetting
from escalations.models.sweeps import SweepState

__all__ = ["Attestation", "EscalationContact", "Reminder", "ReminderAct", "RuleSetting", "SweepState"]
