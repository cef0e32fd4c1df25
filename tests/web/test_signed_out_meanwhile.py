"""A session that ends in the middle of a text: nothing is believed done, and nothing vanishes."""

from uuid import uuid4

import pytest
from django.urls import reverse

from tests.factories.pathways import TaskFactory

pytestmark = pytest.mark.django_db
PAGE = "/a-faire?boite=tasks"


def in_htmx(**more):
    return {"HX-Request": "true", "HX-Current-URL": f"http://testserver{PAGE}", **more}


def test_a_gesture_is_told_that_it_was_not_done(client):
    task = TaskFactory()
    answer = client.post(reverse("pathways:settle", args=[task.pk]), follow=True)
    task.refresh_from_db()
    assert (task.state, answer.redirect_chain[-1][0]) == ("open", "/compte/login/")
    assert "Votre session a pris fin" in answer.text
    assert "n’a pas été enregistré" in answer.text


def test_one_that_a_script_sends_leaves_its_page_where_it_is(client):
    task = TaskFactory()
    answer = client.post(reverse("pathways:settle", args=[task.pk]), headers=in_htmx())
    assert (answer.status_code, answer.get("HX-Redirect")) == (401, None)
    assert (answer["HX-Retarget"], answer["HX-Reswap"]) == ("#toasts", "innerHTML")
    assert "Ce que vous avez écrit est encore sur cette page" in answer.text
    assert 'href="/compte/login/?next=%2Fa-faire%3Fboite%3Dtasks" target="_blank"' in answer.text


def test_a_draft_that_will_be_kept_by_itself_is_not_to_be_copied(client):
    draft = in_htmx(**{"X-Autosave": "true"})
    answer = client.post(reverse("intake:save", args=[uuid4()]), headers=draft)
    assert (answer.status_code, "copiez-le" in answer.text) == (401, False)
    assert "elle l’enregistrera ensuite d’elle-même" in answer.text


def test_a_part_that_refreshes_goes_to_the_door_and_comes_back_to_its_page(client):
    answer = client.get("/a-faire", headers=in_htmx())
    assert answer["HX-Redirect"] == "/compte/login/?next=%2Fa-faire%3Fboite%3Dtasks"


def test_no_page_of_elsewhere_is_come_back_to(client):
    elsewhere = in_htmx(**{"HX-Current-URL": "https://ailleurs.example/a-faire"})
    assert client.get("/a-faire", headers=elsewhere)["HX-Redirect"] == "/compte/login/"
    assert "ailleurs" not in client.post("/a-faire", headers=elsewhere).text


def test_a_look_is_told_nothing(client):
    answer = client.get(PAGE, follow=True)
    assert "Votre session" not in answer.text
