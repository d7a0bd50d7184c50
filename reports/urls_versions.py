"""Drafts, issuing and corrections."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
