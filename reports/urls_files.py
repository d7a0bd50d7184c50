"""Files of figures: asked for, made, downloaded."""

from django.urls import path

from reports.views import files

urlpatterns = [
    path("", files.report_files, name="report_files"),
    path("nieuw/", files.report_file_new, name="report_file_new"),
    path("<uuid:file_id>/", files.report_file, name="report_file"),
    path("<uuid:file_id>/download/", files.report_file_download, name="report_file_download"),
    path("<uuid:file_id>/weg/", files.report_file_discard, name="report_file_discard"),
]
