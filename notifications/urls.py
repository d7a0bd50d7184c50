from django.urls import path

from notifications import views

urlpatterns = [
    path("", views.inbox, name="inbox"),
    path("<int:notice_id>/gelezen/", views.read, name="notice_read"),
    path("gelezen/<int:up_to>/", views.read_all, name="notices_read"),
]
