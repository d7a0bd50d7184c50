"""The addresses of the escalations app."""

from django.urls import include, path

urlpatterns = [
    path("bevestigingen/", include("escalations.urls_attestations")),
]
