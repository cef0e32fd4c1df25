"""A list kept under a name: an opaque address, opened under each reader's own rights."""

import pytest
from django.urls import reverse

from cordee.web.models import SavedFilter
from tests.factories.directory import AccountFactory, OrganizationFactory
from tests.factories.pathways import TaskFactory
from tests.support import Browser, coordinator_of, orienteuse_of

pytestmark = pytest.mark.django_db
FILTERS = "/filtres/"


@pytest.fixture
def desk():
    return OrganizationFactory()


@pytest.fixture
def nurse(desk):
    return orienteuse_of(desk, account_id=AccountFactory().pk)


def keep(client, **typed):
    values = {"name": "Alertes du soir", "query": "boite=alerts&qui=team&nom=Lefevre"} | typed
    return client.post(FILTERS, values)


def test_a_filter_is_kept_without_any_word_that_was_typed(client, nurse):
    assert keep(client.as_(nurse)).status_code == 303

    kept = SavedFilter.objects.get()
    assert (kept.path, kept.query) == ("/a-faire", "boite=alerts&qui=team")
    assert "Alertes du soir" in client.get(FILTERS).content.decode()


def test_a_shared_filter_shows_each_reader_their_own_list(client, nurse, desk):
    keep(client.as_(nurse), query="qui=team", shared="on")
    TaskFactory(organization=desk)
    where = reverse("web:open_filter", args=[SavedFilter.objects.get().pk])

    colleague = coordinator_of(desk, account_id=AccountFactory().pk)
    elsewhere = coordinator_of(OrganizationFactory(), account_id=AccountFactory().pk)

    assert client.get(where)["Location"] == "/a-faire?qui=team"
    mine = Browser().as_(colleague).get(where, follow=True).content.decode()
    assert "Qualifier la demande" in mine
    assert Browser().as_(elsewhere).get(where).status_code == 404


def test_a_filter_of_ones_own_is_nobody_elses(client, nurse, desk):
    keep(client.as_(nurse))
    kept = SavedFilter.objects.get()
    colleague = Browser().as_(coordinator_of(desk, account_id=AccountFactory().pk))

    assert colleague.get(reverse("web:open_filter", args=[kept.pk])).status_code == 404
    assert colleague.post(reverse("web:forget_filter", args=[kept.pk])).status_code == 404
    assert client.post(reverse("web:forget_filter", args=[kept.pk])).status_code == 303
    assert not SavedFilter.objects.exists()


def test_a_filter_without_a_name_is_given_back_with_a_sentence(client, nurse):
    response = keep(client.as_(nurse), name="")

    assert response.status_code == 422
    assert not SavedFilter.objects.exists()


def test_the_worklist_leads_to_its_filters(client, nurse):
    page = client.as_(nurse).get("/a-faire?boite=alerts").content.decode()

    assert "/filtres/?boite=alerts" in page
