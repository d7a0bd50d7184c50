"""The Inspectorate's quarterly list and its template, and the lists of municipalities and schools."""

from django.urls import URLPattern, path

from reports.views import lists, templates

urlpatterns: list[URLPattern] = [
    path("", lists.lists, name="lists"),
    path("inspectie/<int:partnership>/", lists.inspectorate_list, name="inspectorate_list"),
    path("sjabloon/", templates.list_templates, name="list_templates"),
    path("sjabloon/<int:partnership>/", templates.list_template, name="list_template"),
    path(
        "sjabloon/<int:partnership>/standaard/",
        templates.list_template_restore,
        name="list_template_restore",
    ),
    path("gemeente/<slug:number>/", lists.municipality_list, name="municipality_list"),
    path("school/<slug:number>/", lists.school_list, name="school_list"),
]
