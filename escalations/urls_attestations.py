"""The addresses of the quarterly attestation, under bevestigingen/."""

from django.urls import path

from escalations.views import attestations

urlpatterns = [
    path("", attestations.attestations, name="attestations"),
    path("<int:partnership>/<int:school>/", attestations.attestation, name="attestation"),
]
