"""The page of the components: seen in demonstration, absent in production."""

import re
from dataclasses import replace

import pytest
from bs4 import BeautifulSoup

from cordee.access.actor import Role
from tests.support import actor

COMPONENTS = re.findall(
    r"\S+",
    ".person-banner .rope .rope-line .rows .table .tabs .filters .toolbar .menu .dialog "
    ".notice .badge .card .figure .gauge .details .empty .field .fieldset .choice .clock",
)

pytestmark = pytest.mark.django_db


def test_every_component_is_shown(client):
    page = client.as_(actor(Role.ORIENTEUSE)).get("/apparence")
    seen = BeautifulSoup(page.content, "lxml")
    for component in COMPONENTS:
        assert seen.select_one(component), component
    assert len(seen.find_all("h1")) == 1


def test_production_has_no_such_page(client, settings, monkeypatch):
    monkeypatch.setattr("cordee.web.middleware.lacks_second_factor", lambda actor: False)
    settings.CORDEE = replace(settings.CORDEE, mode="production")
    assert client.as_(actor(Role.ORIENTEUSE)).get("/apparence").status_code == 404
