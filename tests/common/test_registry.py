"""The main menu and the slots."""

from collections import defaultdict
from types import SimpleNamespace

import pytest
from django.http import HttpRequest, HttpResponse
from django.urls import path

from common import registry
from common.registry import collect, navigation, register, register_nav

pytestmark = pytest.mark.urls("tests.common.test_registry")

ANNA = SimpleNamespace(is_authenticated=True, name="Anna")
NOBODY = SimpleNamespace(is_authenticated=False, name="")


def _view(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


urlpatterns = [
    path("", _view, name="start"),
    path("cases/", _view, name="cases"),
    path("cases/new/", _view, name="new"),
]


@pytest.fixture(autouse=True)
def _own_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_nav", {})
    monkeypatch.setattr(registry, "_slots", defaultdict(list))
    register_nav("Cases", "cases", 20)
    register_nav("Signal", "new", 30, visible=lambda user: user.name == "Anna", badge=lambda user: 3)
    register_nav("Start", "start", 10)


def test_the_menu_stands_in_its_order_with_badges() -> None:
    assert navigation(ANNA, "/elsewhere/") == [
        {"label": "Start", "url": "/", "active": False, "badge": None},
        {"label": "Cases", "url": "/cases/", "active": False, "badge": None},
        {"label": "Signal", "url": "/cases/new/", "active": False, "badge": 3},
    ]


@pytest.mark.parametrize(
    ("path", "active"),
    [
        ("/", ["Start"]),
        ("/cases/", ["Cases"]),
        ("/cases/12/notes/", ["Cases"]),
        ("/cases/new/", ["Signal"]),  # the page itself wins over the one above it
        ("/casesother/", []),
    ],
)
def test_one_item_at_most_is_active(path: str, active: list[str]) -> None:
    assert [item["label"] for item in navigation(ANNA, path) if item["active"]] == active


def test_who_may_not_see_an_item_does_not() -> None:
    bert = SimpleNamespace(is_authenticated=True, name="Bert")
    assert [item["label"] for item in navigation(bert, "/")] == ["Start", "Cases"]
    assert navigation(NOBODY, "/") == []


def test_a_slot_answers_in_order() -> None:
    register("panels", lambda case: f"late {case}", order=2)
    register("panels", lambda case: f"early {case}", order=1)
    assert collect("panels", "TZ-1") == ["early TZ-1", "late TZ-1"]
    assert collect("nothing here", "TZ-1") == []


def test_registering_twice_changes_nothing() -> None:
    def panel() -> str:
        return "once"

    register("panels", panel)
    register("panels", panel)
    assert collect("panels") == ["once"]
