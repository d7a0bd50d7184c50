"""The template of the quarterly list on screen: who may, what is kept, what is refused."""

from typing import Any

import pytest
from django.test import Client

from audit.models import Event
from reports.models import ListTemplate
from reports.queries.inspectorate import template_of
from reports.rules.columns import DEFAULT, FIELDS, Column
from tests.cases.views import client_of, text_of
from tests.cast import Cast
from tests.factories.schools import PartnershipFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("on_the_day")]

START = "/rapportages/lijsten/sjabloon/"


def address(cast: Cast, part: str = "") -> str:
    return f"{START}{cast.swv.pk}/{part}"


def row(order: Any, field: str, header: str = "", form: str = "", **others: str) -> dict[str, str]:
    return {"order": str(order), "field": field, "header": header, "form": form, **others}


def filled(*rows: dict[str, str], initial: int = 0, **others: str) -> dict[str, str]:
    """The form as a browser sends it."""
    sent = {"columns-TOTAL_FORMS": str(len(rows)), "columns-INITIAL_FORMS": str(initial), **others}
    for place, one in enumerate(rows):
        sent |= {f"columns-{place}-{name}": value for name, value in one.items()}
    return sent


def as_shown(page: Any) -> list[dict[str, str]]:
    """The rows of the form on a page, as a browser would send them back untouched."""
    names = ("order", "field", "header", "form")
    return [
        {name: "" if (value := one[name].value()) is None else str(value) for name in names}
        for one in page.context["columns"].forms
    ]


MAY = {"administrator"}


def test_only_administrators_of_the_partnership_see_and_change_it(cast: Cast) -> None:
    sent = filled(row(1, "number"))
    for name in cast.people:
        answers = [
            client_of(cast, name).get(address(cast)),
            client_of(cast, name).post(address(cast), sent),
            client_of(cast, name).post(address(cast, "standaard/")),
        ]
        expected = [403] * 3 if name in ("nobody", "former") else [404] * 3
        found = [answer.status_code for answer in answers]
        assert (name, found) == (name, [200, 302, 302] if name in MAY else expected)
    other = client_of(cast, "administrator")
    assert other.get(f"{START}{cast.other_swv.pk}/").status_code == 404
    assert other.post(f"{START}{cast.other_swv.pk}/", sent).status_code == 404
    assert not ListTemplate.objects.filter(partnership=cast.other_swv).exists()


def test_the_menu_leads_to_the_one_template(cast: Cast) -> None:
    assert client_of(cast, "administrator").get(START).headers["Location"] == address(cast)
    assert client_of(cast, "reporter").get(START).status_code == 403


def test_the_default_is_shown_and_saving_it_untouched_keeps_it(cast: Cast) -> None:
    client = client_of(cast, "administrator")
    page = client.get(address(cast))
    rows = as_shown(page)
    assert [(it["order"], it["field"], it["header"], it["form"]) for it in rows[: len(DEFAULT)]] == [
        (str(10 * number), column.field, column.header, column.form)
        for number, column in enumerate(DEFAULT, 1)
    ]
    assert [it["field"] for it in rows[len(DEFAULT) :]] == ["", ""]
    assert client.post(address(cast), filled(*rows, initial=len(DEFAULT))).status_code == 302
    assert list(template_of(cast.swv.pk).columns) == list(DEFAULT)
    assert "With made-up pupils" in text_of(page)
    assert "VOORBEELD1" in text_of(page)


def test_columns_are_added_put_in_order_renamed_and_taken_out(cast: Cast) -> None:
    client = client_of(cast, "administrator")
    sent = filled(
        row(30, "age", "Jaren", "band"),
        row(10, "pseudonym", "Wie", "as-is"),
        row(20, "number", remove="on"),
        row("", "end", "Tot", "dmy"),
        row(15, "reason"),
        row("", ""),
        initial=3,
        with_5a="on",
    )
    assert client.post(address(cast), sent).status_code == 302
    template = template_of(cast.swv.pk)
    assert list(template.columns) == [
        Column("pseudonym", "as-is", "Wie"),
        Column("reason", "words", "reden"),
        Column("age", "band", "Jaren"),
        Column("end", "dmy", "Tot"),
    ]
    assert template.with_5a
    event = Event.objects.get(action="list_template.changed")
    assert event.target == "organisation swv VO9901"
    assert event.details == {"fields": ["pseudonym", "reason", "age", "end"], "with_5a": True}
    again = client.get(address(cast))
    assert "The partnership has a template of its own." in text_of(again)
    rows = as_shown(again)
    client.post(address(cast), filled(*rows, initial=4, with_5a="on"))
    assert list(template_of(cast.swv.pk).columns) == list(template.columns)
    assert Event.objects.filter(action="list_template.changed").count() == 1


def test_the_example_shows_what_was_filled_in_and_saves_nothing(cast: Cast) -> None:
    client = client_of(cast, "administrator")
    page = client.post(address(cast), filled(row(1, "age", "Hoe oud", "band"), preview="1"))
    assert page.status_code == 200
    assert page.context["preview"]["headers"] == ["Hoe oud"]
    assert [[value for _header, value in one] for one in page.context["preview"]["rows"]] == [
        ["12-15"], ["5-11"], ["16-17"],
    ]  # fmt: skip
    assert "It has not been saved yet" in text_of(page)
    assert ListTemplate.objects.count() == 0


def test_back_to_the_default(cast: Cast) -> None:
    client = client_of(cast, "administrator")
    client.post(address(cast), filled(row(1, "age")))
    assert client.post(address(cast, "standaard/")).status_code == 302
    assert template_of(cast.swv.pk).columns == DEFAULT
    assert Event.objects.filter(action="list_template.restored").count() == 1
    client.post(address(cast, "standaard/"))
    assert Event.objects.filter(action="list_template.restored").count() == 1


@pytest.mark.parametrize(
    ("sent", "place", "part"),
    [
        (row(1, "last_name"), 0, "field"),
        (row(1, "birth_date"), 0, "field"),
        (row(1, "case_number"), 0, "field"),
        (row(1, "row.case_id"), 0, "field"),
        (row(1, "number", "Nr", "dmy"), 0, "form"),
        (row(1, "number", "Nr", "niets"), 0, "form"),
        (row(1, "number", "=1+1"), 0, "header"),
        (row(1, "number", "x" * 81), 0, "header"),
        (row(1, "number", "a\x00b"), 0, "header"),
        (row("x", "number"), 0, "order"),
        (row(-1, "number"), 0, "order"),
        (row("9" * 30, "number"), 0, "order"),
        (row(1, "", "Kop zonder veld"), 0, "field"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(cast: Cast, sent: dict[str, str], place: int, part: str) -> None:
    client = client_of(cast, "administrator")
    page = client.post(address(cast), filled(sent, row(2, "age")))
    assert page.status_code == 422
    assert list(page.context["columns"].forms[place].errors) == [part]
    assert ListTemplate.objects.count() == 0
    assert f'href="#id_columns-{place}-{part}"' in page.content.decode()


def test_the_same_header_twice_is_said_at_the_second(cast: Cast) -> None:
    page = client_of(cast, "administrator").post(
        address(cast), filled(row(2, "age", "Kop"), row(1, "number", "kop"))
    )
    assert [list(one.errors) for one in page.context["columns"].forms] == [["header"], []]


@pytest.mark.parametrize(
    "sent",
    [
        {},
        filled(),
        filled(row(1, "")),
        {"columns-TOTAL_FORMS": "x", "columns-INITIAL_FORMS": "0"},
        {"columns-TOTAL_FORMS": "9" * 30, "columns-INITIAL_FORMS": "0"},
        {"columns-TOTAL_FORMS": "-1", "columns-INITIAL_FORMS": "-1"},
        {"columns-TOTAL_FORMS": "100000", "columns-INITIAL_FORMS": "0"},
        filled(*(row(number, "age", f"kop {number}") for number in range(60))),
        filled(*(row(number, "age", f"kop {number}") for number in range(41))),
    ],
)
def test_a_form_that_nobody_filled_in_is_refused(cast: Cast, sent: dict[str, str]) -> None:
    page = client_of(cast, "administrator").post(address(cast), sent)
    assert page.status_code == 422
    assert 'id="error-summary"' in page.content.decode()
    assert ListTemplate.objects.count() == 0


def test_every_field_can_be_chosen_in_every_form_of_it(cast: Cast) -> None:
    client: Client = client_of(cast, "administrator")
    pairs = [(name, form) for name, field in FIELDS.items() for form in field.forms]
    for begin in (0, 25):
        chosen = pairs[begin : begin + 25]
        sent = filled(*(row(n, name, f"kop {n}", form) for n, (name, form) in enumerate(chosen)))
        assert client.post(address(cast), sent).status_code == 302
        found = [(column.field, column.form) for column in template_of(cast.swv.pk).columns]
        assert found == chosen


def test_who_administers_two_partnerships_chooses(cast: Cast) -> None:
    from accounts.roles import Role
    from tests.factories.accounts import member

    second = PartnershipFactory(name="SWV Twee")
    member(cast.people["administrator"], Role.ADMINISTRATOR, second.organisation)
    page = client_of(cast, "administrator").get(START)
    assert page.status_code == 200
    assert "SWV Hier" in text_of(page)
    assert "SWV Twee" in text_of(page)
