"""Every address of the application; each app has its own part."""

from django.urls import include, path

from common import views

urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("metrics", views.metrics, name="metrics"),
    path("about/", views.about, name="about"),
    path("account/", include("allauth.urls")),
    path("", include("accounts.urls")),
    path("", include("notifications.urls")),
    path("organisaties/", include("schools.urls")),
    path("", include("cases.urls")),
    path("", include("escalations.urls")),
    path("rapportages/", include("reports.urls")),
]

handler400 = "common.views.bad_request"
handler403 = "common.views.permission_denied"
handler404 = "common.views.page_not_found"
handler500 = "common.views.server_error"
