"""The report page, its drill-down and the explanation of the definitions."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
