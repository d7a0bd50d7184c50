"""Drafts, issuing and corrections."""

from django.urls import path

from reports.views import versions

urlpatterns = [
    path("", versions.versions, name="report_versions"),
    path("nieuw/", versions.new_version, name="report_version_new"),
    path("<int:pk>/", versions.version, name="report_version"),
    path("<int:pk>/nu/", versions.version_now, name="report_version_now"),
    path("<int:pk>/uitbrengen/", versions.issue, name="report_version_issue"),
    path("<int:pk>/toelichting/", versions.comment, name="report_version_comment"),
    path("<int:pk>/opnieuw-tellen/", versions.recount, name="report_version_recount"),
    path("<int:pk>/weggooien/", versions.discard, name="report_version_discard"),
    path("<int:pk>/corrigeren/", versions.correct, name="report_version_correct"),
]
