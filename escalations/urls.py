"""The addresses of reminders and of what partnerships and schools do about them."""

from django.urls import include, path

from escalations.views import board, operations, reminders

urlpatterns = [
    path("escalaties/", board.board, name="escalations"),
    path("beheer/werking/", operations.operations, name="operations"),
    path("beheer/werking/mail/<int:pk>/opnieuw/", operations.retry_mail, name="mail_retry"),
    path("herinneringen/<int:pk>/", reminders.reminder, name="reminder"),
    path("herinneringen/<int:pk>/gedaan/", reminders.finish, name="reminder_finish"),
    path("herinneringen/<int:pk>/uitstellen/", reminders.postpone, name="reminder_postpone"),
    path("herinneringen/<int:pk>/overdragen/", reminders.hand_over, name="reminder_hand_over"),
    path("herinneringen/<int:pk>/niet-van-toepassing/", reminders.set_aside, name="reminder_set_aside"),
    path("regels/", include("escalations.urls_rules")),
    path("bevestigingen/", include("escalations.urls_attestations")),
]
