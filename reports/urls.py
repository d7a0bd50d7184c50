"""Figures: the report, versions of it, files, and lists."""

from django.urls import include, path

urlpatterns = [
    path("", include("reports.urls_report")),
    path("versies/", include("reports.urls_versions")),
    path("bestanden/", include("reports.urls_files")),
    path("lijsten/", include("reports.urls_lists")),
]
