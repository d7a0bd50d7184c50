from reports.models.files import ReportFile
from reports.models.lists import ListTemplate, Pseudonym
from reports.models.population import SchoolAgePopulation
from reports.models.versions import DraftTurn, Version, VersionLines

__all__ = [
    "DraftTurn",
    "ListTemplate",
    "Pseudonym",
    "ReportFile",
    "SchoolAgePopulation",
    "Version",
    "VersionLines",
]
