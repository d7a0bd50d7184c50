import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from common.errors import Invalid, NotFound
from notifications import kinds
from notifications.links import unsubscribe_path
from notifications.models import Dispatch, Preference
from notifications.queries import frequencies_of
from notifications.services.preferences import set_preferences
from tests.notifications.conftest import DAY, HOUR, NOON, Mailbox, mail_at, person, tell_at, told
from tests.notifications.test_telling import EIGHT_TOMORROW, MONDAY

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("rights")]

PAGE = "/profiel/meldingen/"
OURS = ("news", "letter", "duty")


@pytest.fixture
def karin() -> User:
    return person()


@pytest.fixture
def logged_in(client: Client, karin: User) -> Client:
    client.force_login(karin)
    return client


def chosen(user: User) -> dict[str, str]:
    return dict(Preference.objects.filter(user=user).values_list("topic", "frequency"))


def counts(user: User) -> dict[str, str]:
    """What counts for somebody, of the topics of these tests."""
    return {topic.name: str(frequency) for topic, frequency in frequencies_of(user) if topic.name in OURS}


def everything(**changes: str) -> dict[str, str]:
    """What the form posts: a choice for each topic."""
    return {topic.name: str(topic.default) for topic in kinds.topics()} | changes


def test_who_chose_nothing_has_the_defaults(karin: User) -> None:
    assert counts(karin) == {"duty": "daily", "news": "at_once", "letter": "weekly"}


def test_choosing_and_choosing_again(karin: User) -> None:
    bert = person("Bert")
    set_preferences(by=karin, frequencies={"news": "daily", "duty": "weekly"})
    set_preferences(by=karin, frequencies={"news": "off"})

    assert counts(karin) == {"duty": "weekly", "news": "off", "letter": "weekly"}
    assert counts(bert) == {"duty": "daily", "news": "at_once", "letter": "weekly"}


@pytest.mark.parametrize(
    ("frequencies", "refusal"),
    [
        ({"duty": "off"}, Invalid),
        ({"news": "hourly"}, Invalid),
        ({"news": ""}, Invalid),
        ({"unknown": "daily"}, NotFound),
    ],
)
def test_what_cannot_be_chosen_changes_nothing(
    karin: User, frequencies: dict[str, str], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        set_preferences(by=karin, frequencies={"letter": "daily"} | frequencies)

    assert chosen(karin) == {}


@pytest.mark.parametrize(
    ("frequency", "state", "due"),
    [
        ("at_once", "waiting", NOON),
        ("daily", "waiting", EIGHT_TOMORROW),
        ("weekly", "waiting", MONDAY),
        ("off", "dropped", NOON),
    ],
)
def test_what_waits_gets_its_new_moment(karin: User, frequency: str, state: str, due: Any) -> None:
    bert = person("Bert")
    tell_at(NOON, told(karin), told(karin, kind="letter"), told(bert))
    set_preferences(by=karin, frequencies={"news": frequency})

    turns = Dispatch.objects.values_list("user__name", "notice__kind", "state", "due_at")
    assert sorted(turns) == [
        ("Bert", "new", "waiting", NOON),
        ("Karin", "letter", "waiting", MONDAY),
        ("Karin", "new", state, due),
    ]


def test_the_other_messages_are_those_of_no_topic(karin: User, monkeypatch: pytest.MonkeyPatch) -> None:
    kinds.register("old", "Old")
    tell_at(NOON, told(karin, kind="old"), told(karin))
    del kinds._kinds["old"]
    set_preferences(by=karin, frequencies={"messages": "off"})

    assert dict(Dispatch.objects.values_list("notice__kind", "state")) == {"old": "dropped", "new": "waiting"}


def test_what_was_turned_off_does_not_come_back_by_mail(karin: User, mailbox: Mailbox) -> None:
    tell_at(NOON, told(karin, 1))
    set_preferences(by=karin, frequencies={"news": "off"})
    tell_at(NOON + HOUR, told(karin, 2))
    set_preferences(by=karin, frequencies={"news": "at_once"})
    tell_at(NOON + 2 * HOUR, told(karin, 3))

    assert mail_at(NOON + DAY) == 1
    [(_, message)] = mailbox.received
    assert re.findall(r"TZ-2026-\d+", str(message["Subject"])) == ["TZ-2026-00003"]


def test_choosing_costs_no_more_with_much_waiting(karin: User) -> None:
    tell_at(NOON, told(karin, 1))
    with CaptureQueriesContext(connection) as few:
        set_preferences(by=karin, frequencies={"news": "daily"})
    tell_at(NOON, *(told(karin, number) for number in range(2, 200)))
    with CaptureQueriesContext(connection) as many:
        set_preferences(by=karin, frequencies={"news": "weekly"})
    assert len(many) == len(few)


# --- The page


def test_the_page_offers_no_off_where_it_is_required(logged_in: Client) -> None:
    page = logged_in.get(PAGE).content.decode()

    values = {topic: re.findall(rf'name="{topic}" value="(\w+)"', page.replace("\n", " ")) for topic in OURS}
    assert values == {
        "news": ["at_once", "daily", "weekly", "off"],
        "letter": ["at_once", "daily", "weekly", "off"],
        "duty": ["at_once", "daily", "weekly"],
    }
    assert "These cannot be turned off" in page
    assert page.index("Duty") < page.index("Letter") < page.index("Other messages")


def test_the_page_saves(logged_in: Client, karin: User) -> None:
    response = logged_in.post(PAGE, everything(news="off", duty="weekly"))

    assert (response.status_code, response["Location"]) == (302, PAGE)
    assert counts(karin) == {"duty": "weekly", "news": "off", "letter": "weekly"}
    page = logged_in.get(PAGE).content.decode()
    assert re.search(r'name="news" value="off"[^>]*checked', page)


@pytest.mark.parametrize("wrong", [{"duty": "off"}, {"news": "hourly"}, {"news": ""}])
def test_the_page_refuses_what_cannot_be_chosen(
    logged_in: Client, karin: User, wrong: dict[str, str]
) -> None:
    response = logged_in.post(PAGE, everything() | wrong)

    assert response.status_code == 422
    assert chosen(karin) == {}


def test_the_profile_leads_to_it(logged_in: Client) -> None:
    assert f'href="{PAGE}"' in logged_in.get("/profiel/").content.decode()


# --- The link in a mail


def test_one_click_turns_it_off_without_login(karin: User, mailbox: Mailbox) -> None:
    """As mail programs do it (RFC 8058): a POST without cookies or token."""
    tell_at(NOON, told(karin))
    mail_at(NOON + HOUR)
    [(_, message)] = mailbox.received
    link = re.sub(r"\s|[<>]", "", message["List-Unsubscribe"]).removeprefix("http://127.0.0.1:8000")
    client = Client(enforce_csrf_checks=True)

    assert client.get(link).status_code == 200
    assert chosen(karin) == {}
    assert client.post(link, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert chosen(karin) == {"news": "off"}
    assert client.post(link, {"List-Unsubscribe": "One-Click"}).status_code == 200


def test_the_page_of_the_link_says_what_it_does(karin: User, client: Client) -> None:
    page = client.get(unsubscribe_path(karin, ["news", "duty"])).content.decode()

    assert "<li>News</li>" in page
    assert "<li>Duty</li>" not in page
    assert "Reminders that cannot be turned off keep coming" in page
    assert "Karin" not in page
    assert "karin@" not in page


def test_the_link_leaves_alone_what_is_required(karin: User, client: Client) -> None:
    set_preferences(by=karin, frequencies={"duty": "at_once"})
    client.post(unsubscribe_path(karin, ["news", "duty", "gone"]))

    assert chosen(karin) == {"news": "off", "duty": "at_once"}


def test_the_link_speaks_the_language_of_its_reader(karin: User, client: Client) -> None:
    assert '<html lang="en"' in client.get(unsubscribe_path(karin, ["news"])).content.decode()
    karin.language = "nl"
    karin.save()
    assert '<html lang="nl"' in client.get(unsubscribe_path(karin, ["news"])).content.decode()


def test_the_link_holds_no_address_and_cannot_be_made_up(karin: User, client: Client) -> None:
    bert = person("Bert")
    path = unsubscribe_path(karin, ["news"])
    assert "karin" not in path.lower()

    for wrong in ("/afmelden/nonsense/", path[:-4] + "abc/", path.replace(":", "", 1)):
        assert client.get(wrong).status_code == 404
        assert client.post(wrong).status_code == 404
    assert (chosen(karin), chosen(bert)) == ({}, {})


def test_the_link_of_who_is_gone_does_nothing(karin: User, client: Client) -> None:
    path = unsubscribe_path(karin, ["news"])
    User.objects.filter(pk=karin.pk).update(is_active=False)

    assert client.post(path).status_code == 404
    assert chosen(karin) == {}
