"""Dutch by default, English on request."""

import pytest
from django.test import Client
from django.urls import reverse

pytestmark = pytest.mark.django_db


def test_the_language_of_the_browser_is_no_request(client: Client) -> None:
    page = client.get(reverse("account_login"), headers={"accept-language": "en-GB,en;q=0.9"})
    assert '<html lang="nl"' in page.content.decode()


def test_english_on_request(client: Client) -> None:
    client.post(reverse("set_language"), {"language": "en"})
    assert '<html lang="en"' in client.get(reverse("account_login")).content.decode()
