"""The addresses of the register import, under /dossiers/register/."""

from django.urls import path

from cases.views import register

urlpatterns = [
    path("", register.register, name="register"),
    path("<uuid:upload_id>/", register.register_upload, name="register_upload"),
    path("<uuid:upload_id>/importeren/", register.register_import, name="register_import"),
    path("<uuid:upload_id>/weg/", register.register_discard, name="register_discard"),
    path("<uuid:upload_id>/geweigerd.csv", register.register_refused, name="register_refused"),
]
