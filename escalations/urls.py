"""The addresses of the escalations app."""

from django.urls import include, path

urlpatterns = [
    path("regels/", include("escalations.urls_rules")),
]
