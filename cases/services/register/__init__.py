"""Importing a register file."""

from cases.services.register.columns import COLUMNS
from cases.services.register.importing import import_register
from cases.services.register.report import Report

__all__ = ["COLUMNS", "Report", "import_register"]
