from typing import Any

from notifications.mails import message_of
from notifications.models import OutboxMail

INVITATION = {
    "name": "Karin & Co <karin>",
    "invited_by": "Bert d'Hondt",
    "organisation": "Basisschool 't Anker",
    "role": "Coordinator",
    "url": "http://127.0.0.1:8000/uitnodiging/geheim/",
    "days": 7,
}


def mail(kind: str, context: dict[str, Any], language: str = "en") -> OutboxMail:
    return OutboxMail(
        kind=kind,
        to="karin@school.example",
        context=context,
        language=language,
        message_id="<1@school.example>",
    )


def html_of(row: OutboxMail) -> str:
    [(content, mimetype)] = message_of(row).alternatives
    assert mimetype == "text/html"
    return str(content)


def test_plain_text_is_not_escaped() -> None:
    message = message_of(mail("invitation", INVITATION))

    assert message.subject == "Invitation to Terugkeer for Basisschool 't Anker"
    assert message.body == (
        "Dear Karin & Co <karin>,\n"
        "\n"
        "Bert d'Hondt invites you to work in Terugkeer. "
        "With Terugkeer, schools, partnerships and care partners help pupils "
        "who stay at home back to education.\n"
        "\n"
        "Role: Coordinator\n"
        "Organisation: Basisschool 't Anker\n"
        "\n"
        "Accept the invitation here:\n"
        "http://127.0.0.1:8000/uitnodiging/geheim/\n"
        "\n"
        "The link works once, and for 7 days. "
        "Did you not expect this invitation? Then you need not do anything.\n"
        "\n"
        "-- \n"
        "Terugkeer sends this message automatically. You cannot reply to it.\n"
    )


def test_html_is_escaped() -> None:
    html = html_of(mail("invitation", INVITATION))

    assert "Dear Karin &amp; Co &lt;karin&gt;," in html
    assert '<a href="http://127.0.0.1:8000/uitnodiging/geheim/">Accept the invitation</a>' in html
    assert "<title>Invitation to Terugkeer for Basisschool &#x27;t Anker</title>" in html
    assert '<html lang="en">' in html


def test_an_invitation_without_name_sender_and_organisation() -> None:
    message = message_of(mail("invitation", {"role": "Platform operator", "url": "http://x/", "days": 1}))

    assert message.subject == "Invitation to Terugkeer"
    assert str(message.body).startswith("Good day,\n\nYou are invited to work in Terugkeer. With")
    assert "Role: Platform operator\n\nAccept" in str(message.body)
    assert "for 1 day." in str(message.body)


def test_a_mail_is_in_the_language_of_who_gets_it() -> None:
    assert '<html lang="nl">' in html_of(mail("invitation", INVITATION, language="nl"))
    assert '<html lang="en">' in html_of(mail("invitation", INVITATION, language="en"))


def test_a_subject_is_one_line() -> None:
    row = mail("invitation", INVITATION | {"organisation": "School\nBcc: everybody@school.example"})

    message = message_of(row)
    assert message.subject == "Invitation to Terugkeer for School"
    assert message.bcc == []
    message.message()
