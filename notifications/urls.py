from django.urls import path

from notifications import views

urlpatterns = [
    path("berichten/", views.inbox, name="inbox"),
    path("berichten/<int:notice_id>/gelezen/", views.read, name="notice_read"),
    path("berichten/gelezen/<int:up_to>/", views.read_all, name="notices_read"),
    path("profiel/meldingen/", views.preferences, name="notification_preferences"),
    path("profiel/meldingen/opnieuw-proberen/", views.try_again, name="try_address"),
    path("afmelden/<str:token>/", views.unsubscribe, name="unsubscribe"),
]
