"""A call about somebody who may be known already: the desk asks before it creates anybody."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from cordee.intake.models import CareRequest, Document, Draft
from cordee.people.models import Person
from tests.factories.directory import CommuneFactory, OrganizationFactory
from tests.factories.intake import CareRequestFactory, DraftFactory, desk_of
from tests.factories.people import PersonFactory
from tests.intake.files import pdf
from tests.intake.test_desk import said

pytestmark = pytest.mark.django_db
ASKED = "quelqu’un de connu lui ressemble"


@pytest.fixture
def service():
    CommuneFactory()
    return OrganizationFactory()


@pytest.fixture
def desk(client, service):
    return client.as_(desk_of(service))


@pytest.fixture
def berthe(service):
    return PersonFactory(birth_name="Lefèvre", first_names="Berthe", territory=service.territory)


def sent(desk, **changes):
    return desk.post(reverse("intake:desk"), said(delay="h24") | changes)


@pytest.mark.parametrize(
    "typed",
    [
        {},
        {"birth_name": "Lefebvre", "birth_date": ""},
        {"first_names": "", "birth_date": ""},
        {"person_id": ""},
        {"weight": "one_off"},
    ],
    ids=["same", "as it sounds", "a name alone", "as the desk used to say nobody", "light"],
)
def test_nobody_is_created_beside_who_may_be_the_same_without_a_word(desk, berthe, typed):
    answer = sent(desk, need="Matin et soir", **typed)
    assert answer.status_code == 422
    assert ASKED in answer.text
    assert f'name="person_id" value="{berthe.pk}" id="id_person_id" autofocus' in answer.text
    assert "Matin et soir" in answer.text
    assert not CareRequest.objects.exists()
    assert Person.objects.count() == 1


def test_none_of_them_is_said_and_never_supposed(desk, berthe):
    call = said(delay="h24")
    shown = desk.htmx(reverse("intake:summary", args=[call["draft_id"]]), call).text
    assert 'value="aucune" accesskey="o">' in shown
    answer = sent(desk, person_id="aucune", shown=[str(berthe.pk)])
    assert answer.status_code == 302
    assert CareRequest.objects.get().person.birth_name == "Lefèvre"
    assert Person.objects.count() == 2


def test_who_is_chosen_is_not_created_again(desk, berthe):
    assert sent(desk, person_id=str(berthe.pk), shown=[str(berthe.pk)]).status_code == 302
    assert CareRequest.objects.get().person == berthe


def test_none_of_them_holds_for_those_who_were_shown(desk, service, berthe):
    other = PersonFactory(birth_name="Lefevre", first_names="Berthe", territory=service.territory)
    answer = sent(desk, person_id="aucune", shown=[str(berthe.pk)])
    assert answer.status_code == 422
    assert str(other.pk) in answer.text
    assert 'value="aucune" accesskey="o">' in answer.text


def test_what_was_said_comes_back_with_the_draft(desk, berthe):
    call = said(person_id="aucune", shown=[str(berthe.pk)])
    desk.post(reverse("intake:save", args=[call["draft_id"]]), call)
    page = desk.get(reverse("intake:draft", args=[call["draft_id"]])).text
    assert 'value="aucune" accesskey="o" checked>' in page


def test_the_phone_tells_who_it_may_be_whatever_the_name(desk, service):
    phone = "+33612345679"
    PersonFactory(
        birth_name="Lefèvre", first_names="Jeanne", phone=phone, territory=service.territory
    )
    answer = sent(desk, birth_name="Lefebre", first_names="J", person_phone="06 12 34 56 79")
    assert answer.status_code == 422
    assert "même téléphone" in answer.text


def test_the_prescription_chosen_is_kept_while_one_is_asked(desk, berthe):
    chosen = SimpleUploadedFile("ordonnance.pdf", pdf(), content_type="application/pdf")
    assert sent(desk, ordonnance=chosen).status_code == 422
    assert Document.objects.get().draft == Draft.objects.get()


def test_advice_without_a_name_asks_nothing(desk, berthe):
    call = {"weight": "advice", "anonymous": "on", "kind": "", "answer_words": "Pharmacie de garde"}
    assert sent(desk, **call).status_code == 302
    assert CareRequest.objects.get().person is None


def test_who_is_known_elsewhere_casts_no_shadow(desk):
    PersonFactory(
        birth_name="Lefèvre", first_names="Berthe", territory=OrganizationFactory().territory
    )
    assert sent(desk).status_code == 302


def test_what_came_online_is_asked_too(desk, service, berthe):
    request = CareRequestFactory(organization=service, person=None, channel="online")
    draft = DraftFactory(organization=service, account=None, request=request)
    assert sent(desk, draft_id=str(draft.pk)).status_code == 422
    request.refresh_from_db()
    assert request.person is None
