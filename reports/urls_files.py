"""Files of figures: asked for, made, downloaded."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
