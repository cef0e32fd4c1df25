"""Two windows on one person: an older page undoes nothing of what a colleague corrected since."""

import pytest
from django.urls import reverse

from cordee.people.models import Person
from tests.factories.directory import AccountFactory, OrganizationFactory
from tests.factories.people import PersonFactory, RelativeFactory, joins_circle
from tests.support import NOW, Browser, arranging, facts, orienteuse_of, seen_on

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk():
    return OrganizationFactory()


@pytest.fixture
def person(desk):
    person = PersonFactory(territory=desk.territory, ald=False)
    joins_circle(person, organization=desk)
    return person


def window(desk):
    return Browser().as_(orienteuse_of(desk, account_id=AccountFactory().pk))


def typed(**details):
    return {"birth_name": "Lefevre", "first_names": "Berthe", "birth_date": "07/03/1941"} | details


def test_a_number_corrected_meanwhile_stays(desk, person):
    address = reverse("people:edit", args=[person.pk])
    one, other = window(desk), window(desk)
    first, second = seen_on(one.get(address)), seen_on(other.get(address))
    assert one.post(address, typed(phone="0612345678") | first).status_code == 302

    answer = other.post(address, typed(email="b@example.org") | second)

    person.refresh_from_db()
    assert (answer.status_code, person.phone, person.email) == (409, "+33612345678", "")
    assert "Quelqu’un vient de corriger cette fiche" in answer.text
    fresh = typed(phone="0612345678", email="b@example.org") | seen_on(other.get(address))
    assert other.post(address, fresh).status_code == 302
    person.refresh_from_db()
    assert (person.phone, person.email) == ("+33612345678", "b@example.org")


def test_what_a_page_does_not_show_leaves_no_shadow_on_it(desk):
    """The least view: what changes beyond it changes nothing there."""
    person = PersonFactory(territory=desk.territory)
    joins_circle(person)
    address, least = reverse("people:edit", args=[person.pk]), window(desk)
    before = seen_on(least.get(address))
    with arranging():
        Person.objects.filter(pk=person.pk).update(ald=True, address="3 rue Haute")
    assert seen_on(least.get(address)) == before
    assert least.post(address, typed(phone="0612345678") | before).status_code == 302


def test_a_relative_corrected_meanwhile_stays_so(desk, person):
    jeanne = RelativeFactory(person=person)
    address = reverse("people:edit_relative", args=[person.pk, jeanne.pk])
    said = {"name": "Jeanne Martin", "link": "child"}
    one, other = window(desk), window(desk)
    first, second = seen_on(one.get(address)), seen_on(other.get(address))
    assert one.post(address, said | first | {"phone": "06 39 98 12 34"}).status_code == 302
    answer = other.post(address, said | second | {"is_trusted": "on"})
    jeanne.refresh_from_db()
    assert (answer.status_code, jeanne.phone) == (409, "+33639981234")
    assert not jeanne.is_trusted


def test_ones_own_older_page_sent_again_says_nothing_new(desk, person):
    """Back after saving, and the same is sent: nothing would be undone."""
    address, mine = reverse("people:edit", args=[person.pk]), window(desk)
    said = typed(phone="0612345678") | seen_on(mine.get(address))
    assert [mine.post(address, said).status_code for _ in range(2)] == [302, 302]
    version = Person.objects.get(pk=person.pk).version
    assert mine.post(address, said).status_code == 302
    assert Person.objects.get(pk=person.pk).version == version
    assert mine.post(address, said | {"email": "b@example.org"}).status_code == 409


def test_nor_does_that_of_a_relative(desk, person):
    jeanne = RelativeFactory(person=person)
    address, mine = reverse("people:edit_relative", args=[person.pk, jeanne.pk]), window(desk)
    said = {
        "name": " Jeanne Martin",
        "link": "child",
        "phone": "06 39 98 12 34",
        "is_trusted": "on",
    }
    said |= seen_on(mine.get(address))
    assert [mine.post(address, said).status_code for _ in range(2)] == [302, 302]
    assert len(facts("people.relative_changed")) == 1
    assert mine.post(address, said | {"phone": ""}).status_code == 409
    with arranging():
        type(jeanne).objects.filter(pk=jeanne.pk).update(ended_at=NOW)
    assert mine.post(address, said).status_code in (404, 409)
