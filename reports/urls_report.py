"""The report page, its drill-down and the explanation of the definitions."""

from django.urls import path

from reports.views import report

urlpatterns = [
    path("", report.report, name="report"),
    path("dossiers/", report.report_cases, name="report_cases"),
    path("tabel/<slug:name>/", report.report_table, name="report_table"),
    path("definities/", report.report_definitions, name="report_definitions"),
]
