"""Addresses of organisations, under organisaties/."""

from django.urls import path

from schools import views

urlpatterns = [
    path("", views.organisations, name="organisations"),
    path("<int:pk>/", views.organisation, name="organisation"),
    path("<int:pk>/instellingen/", views.settings, name="partnership_settings"),
    path("<int:pk>/vrije-dagen/", views.add_period, name="add_free_period"),
    path("<int:pk>/vrije-dagen/<int:period_pk>/verwijderen/", views.remove_period, name="remove_free_period"),
]
