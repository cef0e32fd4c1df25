"""The number and its traits on screen: shown when qualified, read again when they contradict."""

import pytest
from django.urls import reverse

from cordee.people.models import Person
from cordee.people.rules import identity
from tests.factories.directory import AccountFactory, OrganizationFactory
from tests.factories.people import BORN, InformationFactory, PersonFactory, joins_circle, number_of
from tests.support import orienteuse_of

pytestmark = pytest.mark.django_db
TEST = identity.Registry.TEST.value


@pytest.fixture
def desk():
    return OrganizationFactory()


@pytest.fixture
def claire(client, desk):
    return client.as_(orienteuse_of(desk, account_id=AccountFactory(name="Claire Bonnet").pk))


def known(desk, **traits):
    """Somebody with an unqualified number, whom the desk follows."""
    details = {"ins": number_of(7), "ins_oid": TEST} | traits
    person = PersonFactory(territory=desk.territory, **details)
    joins_circle(person, organization=desk)
    return person


def at(name, person):
    return reverse(f"people:{name}", args=[person.pk])


def typed(person, **details):
    """What a browser sends back of the form as it was shown, but for the details."""
    return {
        "birth_name": person.birth_name,
        "first_names": person.first_names,
        "birth_date": f"{BORN:%d/%m/%Y}",
        "sex": "F",
    } | details


def wrong_key():
    right = number_of(7)
    return right[:13] + f"{(int(right[13:]) % 97) + 1:02d}"


# --- what looks wrong ----------------------------------------------------------------------------

CONTRADICTIONS = [
    ({"ins": wrong_key()}, "La clé ne correspond pas"),
    ({"sex": "M"}, "Le premier chiffre ne correspond pas au sexe"),
    ({"birth_date": "1952-03-07"}, "ne correspond pas à la date de naissance"),
]


@pytest.mark.parametrize(("traits", "said"), CONTRADICTIONS)
def test_the_panel_says_what_is_to_be_read_again(claire, desk, traits, said):
    panel = claire.get(at("identity_panel", known(desk, **traits))).text
    assert "À relire" in panel
    assert said in panel
    assert number_of(7)[:13] not in panel


def test_a_number_that_agrees_is_not_to_be_read_again(claire, desk):
    assert "relire" not in claire.get(at("identity_panel", known(desk))).text
    assert "relire" not in claire.get(at("identity_panel", known(desk, ins="", ins_oid=""))).text


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"ins": wrong_key()}, "La clé"),
        ({"sex": "M"}, "Le premier chiffre"),
        ({"birth_date": "07/03/1952"}, "L’année ou le mois"),
    ],
)
def test_after_saving_the_doubt_is_said_and_nothing_is_refused(claire, desk, sent, said):
    person = known(desk)
    answer = claire.post(at("edit", person), typed(person, **sent), follow=True)
    assert "Enregistré. Le matricule INS est à relire" in answer.text
    assert said in answer.text


def test_entering_somebody_says_it_too(claire, desk):
    sent = {"birth_name": "Vernet", "sex": "M", "birth_date": f"{BORN:%d/%m/%Y}"}
    answer = claire.post(reverse("people:create"), sent | {"ins": number_of(7)}, follow=True)
    assert "à relire" in answer.text
    assert Person.objects.get(birth_name="Vernet").ins == number_of(7)


def test_who_may_not_see_the_number_is_told_no_doubt_of_it(claire, desk):
    person = PersonFactory(
        territory=desk.territory, ins=wrong_key(), ins_oid=TEST
    )  # the least view
    assert "relire" not in claire.get(at("identity_panel", person)).text
    answer = claire.post(at("edit", person), typed(person), follow=True)
    assert "relire" not in answer.text


# --- what is shown -------------------------------------------------------------------------------


def test_an_unqualified_number_is_nowhere_and_an_empty_field_keeps_it(claire, desk):
    person = known(desk)
    form = claire.get(at("edit", person)).text
    assert person.ins not in form
    assert "Laissez vide pour le garder" in form
    claire.post(at("edit", person), typed(person, phone="0612345678", ins="", ins_oid=""))
    kept = Person.objects.get(pk=person.pk)
    assert (kept.ins, kept.ins_oid, kept.phone) == (person.ins, TEST, "+33612345678")


def test_a_qualified_number_is_in_its_field_and_an_emptied_field_removes_it(claire, desk):
    person = known(desk, ins_status="qualifiee")
    form = claire.get(at("edit", person)).text
    assert f'value="{person.ins}"' in form
    assert "Retirer le matricule" not in form
    claire.post(at("edit", person), typed(person, ins="", ins_oid=""))
    assert Person.objects.get(pk=person.pk).ins == ""


def test_a_hidden_number_is_replaced_by_another_or_removed_on_purpose(claire, desk):
    person = known(desk)
    claire.post(at("edit", person), typed(person, ins=number_of(8)))
    assert Person.objects.get(pk=person.pk).ins == number_of(8)
    claire.post(at("edit", person), typed(person, ins="", forget_ins="on"))
    removed = Person.objects.get(pk=person.pk)
    assert (removed.ins, removed.ins_oid) == ("", "")


# --- what cannot be ------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["05061", "2A004", "2b033", "97105", "98818", "99352", "20004"])
def test_the_codes_of_birth_places_are_taken(claire, desk, code):
    person = known(desk)
    answer = claire.post(at("edit", person), typed(person, birth_place_code=code))
    assert answer.status_code == 302
    assert Person.objects.get(pk=person.pk).birth_place_code == code.upper()


@pytest.mark.parametrize(
    "code", ["🙂zz", "05000", "00123", "2C004", "5061", "ABCDE", "<b>", "٠٥٠٦١"]
)
def test_what_is_no_code_of_a_birth_place_is_explained(claire, desk, code):
    person = known(desk)
    answer = claire.post(at("edit", person), typed(person, birth_place_code=code))
    assert answer.status_code == 422
    assert "Un code Insee a cinq caractères" in answer.text
    assert Person.objects.get(pk=person.pk).birth_place_code == ""


@pytest.mark.parametrize(
    ("day", "said"), [("01/01/2051", "dans l’avenir"), ("06/03/1941", "avant la naissance")]
)
def test_a_day_that_cannot_be_is_explained(claire, desk, day, said):
    person = known(desk)
    InformationFactory(person=person)
    answer = claire.post(at("edit", person), typed(person, unable_since=day))
    assert answer.status_code == 422
    assert said in answer.text
    kept = claire.post(at("edit", person), typed(person, unable_since="07/03/1941"))
    assert kept.status_code == 302


def test_a_check_that_names_nothing_is_refused_with_a_sentence(claire, desk):
    person = known(desk)
    for said in ({}, {"event": "seen_in_a_dream"}):
        answer = claire.post(at("check", person), said)
        assert answer.status_code == 409
        assert "La vérification n’est pas notée" in answer.text
    assert Person.objects.get(pk=person.pk).version == person.version
