"""Addresses of people: their profile, invitations, and the management of people."""

from django.urls import path

from accounts.views import invitations, people, profile

urlpatterns = [
    path("taal/", profile.change_language, name="set_language"),
    path("profiel/", profile.profile, name="profile"),
    path("profiel/meldadres/", profile.notification_address, name="notification_address"),
    path("profiel/meldadres/<str:token>/", profile.confirm_address, name="confirm_address"),
    path("profiel/sessies/<int:pk>/beeindigen/", profile.end_own_session, name="end_own_session"),
    path("uitnodiging/", invitations.invitation, name="invitation"),
    path("uitnodiging/<str:token>/", invitations.open_invitation, name="open_invitation"),
    path("beheer/", people.people, name="people"),
    path("beheer/mensen/<int:pk>/", people.person, name="person"),
    path("beheer/mensen/<int:pk>/sessies/", people.end_person_sessions, name="end_person_sessions"),
    path("beheer/mensen/<int:pk>/tweede-factor/", people.reset_factor, name="reset_factor"),
    path("beheer/mensen/<int:pk>/adres/", people.try_person_address, name="try_person_address"),
    path("beheer/rollen/<int:pk>/beeindigen/", people.end_role, name="end_role"),
    path("beheer/uitnodigen/", people.invite, name="invite"),
    path("beheer/uitnodigingen/", people.invitations, name="invitations"),
    path("beheer/uitnodigingen/<int:pk>/opnieuw/", people.resend_invitation, name="resend_invitation"),
    path("beheer/uitnodigingen/<int:pk>/intrekken/", people.withdraw_invitation, name="withdraw_invitation"),
]
