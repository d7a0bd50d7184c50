"""Addresses of the rules, under regels/."""

from django.urls import path, register_converter

from escalations.views import rules
from schools.models import Sector


class SectorConverter:
    """A sector in an address, "alle" for all of them."""

    regex = "|".join(("alle", *Sector.values))

    def to_python(self, value: str) -> str:
        return "" if value == "alle" else value

    def to_url(self, value: str) -> str:
        return value or "alle"


register_converter(SectorConverter, "sector")

urlpatterns = [
    path("", rules.rules, name="rules"),
    path("<int:pk>/escalatiecontact/", rules.escalation_contact, name="escalation_contact"),
    path("<int:pk>/<sector:sector>/", rules.rules_of, name="rules_of"),
    path("<int:pk>/<sector:sector>/<slug:code>/", rules.rule, name="rule"),
    path("<int:pk>/<sector:sector>/<slug:code>/voorbeeld/", rules.preview, name="rule_preview"),
    path("<int:pk>/<sector:sector>/<slug:code>/terugzetten/", rules.reset, name="rule_reset"),
]
