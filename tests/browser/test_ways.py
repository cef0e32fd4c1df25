"""The map of the ways that persons take: drawn by the page, and said by its table."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.template import engines
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from cordee.access.models import Account
from tests.browser.axe import accessible
from tests.browser.desk import built_assets
from tests.factories.directory import MembershipFactory
from tests.protocols.pathway_scene import set_around
from tests.protocols.test_ways_map import walks
from tests.support import NOW

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def address(live_server, monkeypatch):
    """The page, with enough persons on it for three ways; and its cookie."""
    monkeypatch.setitem(engines["jinja"].env.globals, "assets", built_assets)
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    around = set_around()
    for number in range(24):
        path = ("informer", "accord", "informer") if number % 2 else ("informer",)
        walks(around, *path, gap=timedelta(days=1 + number), left_at=NOW if number > 11 else None)
    monkeypatch.undo()
    monkeypatch.setitem(engines["jinja"].env.globals, "assets", built_assets)
    account = Account.objects.get(pk=around.coordinator.account_id)
    MembershipFactory(account=account, organization=around.dac, role="coordinator")
    client = Client()
    client.force_login(account, backend="allauth.account.auth_backends.AuthenticationBackend")
    name = settings.SESSION_COOKIE_NAME
    cookie = {"name": name, "value": client.cookies[name].value, "url": live_server.url}
    return live_server.url + reverse("protocols:ways"), cookie


@pytest.mark.parametrize("width", [390, 1440])
def test_the_map_is_drawn_with_the_words_of_its_table(address, chromium, width):
    where, cookie = address
    context = chromium.new_context(viewport={"width": width, "height": 900}, locale="fr-FR")
    context.add_cookies([cookie])
    tab = context.new_page()
    tab.goto(where)
    drawn = tab.locator("#carte")
    expect(drawn.locator(".ways__station")).to_have_count(4)
    rows = tab.locator("tr[data-from]")
    expect(drawn.locator("path.ways__line")).to_have_count(rows.count())
    expect(drawn.get_by_text("Recueillir son accord")).to_be_visible()
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    accessible(tab)
    context.close()
