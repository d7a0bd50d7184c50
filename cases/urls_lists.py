"""The addresses of the start page, the list of cases, the form to signal a pupil, the log of reads and
somebody's own calendar."""

from django.urls import path, re_path

from cases.views import feed, listing, reads, signal, worklist

urlpatterns = [
    path("", worklist.start, name="start"),
    path("dossiers/", listing.case_list, name="case_list"),
    path("dossiers/zoeken/", listing.case_search, name="case_search"),
    re_path(r"^dossiers/export/(?P<file_type>csv|xlsx)/$", listing.case_export, name="case_export"),
    path("melden/", signal.signal, name="signal"),
    path("inzagelogboek/", reads.reads, name="reads"),
    path("profiel/agenda/", feed.calendar_feed, name="calendar_feed"),
    path("profiel/agenda/nieuw/", feed.make_calendar_feed, name="calendar_feed_make"),
    path("profiel/agenda/intrekken/", feed.revoke_calendar_feed, name="calendar_feed_revoke"),
    path("agenda/<str:token>.ics", feed.calendar_content, name="calendar_file"),
]
