"""The addresses of the start page, the list of cases, the form to signal a pupil and the log of reads."""

from django.urls import path, re_path

from cases.views import listing, reads, signal, worklist

urlpatterns = [
    path("", worklist.start, name="start"),
    path("dossiers/", listing.case_list, name="case_list"),
    path("dossiers/zoeken/", listing.case_search, name="case_search"),
    re_path(r"^dossiers/export/(?P<file_type>csv|xlsx)/$", listing.case_export, name="case_export"),
    path("melden/", signal.signal, name="signal"),
    path("inzagelogboek/", reads.reads, name="reads"),
]
