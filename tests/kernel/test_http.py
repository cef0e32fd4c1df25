"""A look writes nothing; a gesture answers a script and a bare browser alike."""

import json

import pytest
from django.contrib.messages import get_messages
from django.http import HttpResponse
from django.test import override_settings
from django.urls import path
from django.views.decorators.http import require_POST

from cordee.access import trace
from cordee.access.actor import Role
from cordee.access.models import Account
from cordee.kernel.http import WroteWhileReading, done, reads
from tests.support import actor, traces


def writes(request):
    Account.objects.create(email="x@example.org", name="x")
    return HttpResponse("écrit")


def looks(request):
    Account.objects.count()
    trace.listed(actor(Role.COORDINATOR), "people.person", [actor(Role.PERSON).account_id])
    return HttpResponse("vu")


@require_POST
@reads
def searches(request):
    return writes(request)


@require_POST
def acts(request):
    return done(request, "C’est fait.", to="/", undo="/undo")


for view in (writes, looks, searches, acts):
    view.__module__ = "cordee.test"
urlpatterns = [
    path("writes", writes),
    path("looks", looks),
    path("searches", searches),
    path("acts", acts),
]
here = override_settings(ROOT_URLCONF=__name__)


@pytest.fixture
def client(client):
    """Somebody signed in: visitors are sent to the sign-in before any view."""
    return client.as_(actor(Role.COORDINATOR))


@here
@pytest.mark.django_db(transaction=True)
def test_a_get_that_writes_is_refused(client):
    with pytest.raises(WroteWhileReading):
        client.get("/writes")

    assert not Account.objects.exists()


@here
@pytest.mark.django_db(transaction=True)
def test_a_post_may_write_unless_it_says_that_it_only_reads(client):
    assert client.post("/writes").status_code == 200
    assert Account.objects.count() == 1

    with pytest.raises(WroteWhileReading):
        client.post("/searches")


@here
@pytest.mark.django_db
def test_a_get_may_write_its_trace(client):
    assert client.get("/looks").content.decode() == "vu"
    assert len(traces("list")) == 1


@here
@pytest.mark.django_db
def test_the_guard_is_taken_away_after_the_look(client):
    client.get("/looks")

    assert client.post("/writes").status_code == 200


@here
@pytest.mark.django_db
def test_a_gesture_answers_htmx_with_a_toast_that_can_be_undone(client):
    response = client.htmx("/acts", {})

    assert response.status_code == 204
    assert json.loads(response["HX-Trigger"])["toast"] == {
        "text": "C’est fait.",
        "tone": "good",
        "undo": "/undo",
    }


@here
@pytest.mark.django_db
def test_a_gesture_answers_a_bare_browser_with_a_page_and_a_message(client):
    response = client.post("/acts")

    assert (response.status_code, response["Location"]) == (303, "/")
    assert [str(one) for one in get_messages(response.wsgi_request)] == ["C’est fait."]
