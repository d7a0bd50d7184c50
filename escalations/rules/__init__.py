"""When a reminder is due (contracts/rules.csv and rules.md). Pure: dates and facts in, an answer out."""

from escalations.rules.due import Span, first_due, latest_due
from escalations.rules.table import RULES, Rule

__all__ = ["RULES", "Rule", "Span", "first_due", "latest_due"]
