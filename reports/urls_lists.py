"""The Inspectorate's quarterly list and its template, and the lists of municipalities and schools."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
