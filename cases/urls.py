"""The addresses of the cases app. Names of pupils never stand in one."""

from django.urls import include, path

urlpatterns = [
    path("dossiers/register/", include("cases.urls_register")),
    path("", include("cases.urls_lists")),
    path("", include("cases.urls_case")),
]
