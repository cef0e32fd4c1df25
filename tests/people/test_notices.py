"""The notice: what it must say, what was given of it, and the consent that follows it."""

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from cordee.access.actor import SYSTEM, Role
from cordee.kernel.errors import DomainError
from cordee.people import services
from cordee.people.forms import IdentityForm
from cordee.people.models import Information, Sharing
from cordee.people.rules import identity, matching, notices, processing, sensitivity, sharing
from cordee.people.rules.readings import Reading
from cordee.people.rules.sharing import Audience, Category, Choice, LegalState, Medium, Speaker
from cordee.people.selectors import unverified_readings
from cordee.people.selectors.persons import BEYOND_THE_LEAST, OF_CARE
from cordee.people.services import Chosen, Told
from tests.architecture.house import ROOT
from tests.factories.directory import AccountFactory, OrganizationFactory
from tests.factories.people import (
    InformationFactory,
    PersonFactory,
    RelativeFactory,
    SharingFactory,
    joins_circle,
)
from tests.support import NOW, actor, arranging, facts, orienteuse_of

EVERY_LABEL = [
    one.label for kind in (Category, Audience, Medium, notices.Safeguard) for one in kind
] + list(notices.LEAST_VIEW)
TEMPLATE = ROOT / "docs" / "modeles" / "note-d-information.md"


# --- what it says --------------------------------------------------------------------------------


def test_the_notice_in_force_is_what_the_house_shares_today_to_the_letter():
    """A category, an audience, a medium or a measure more asks for a new version of the notice."""
    assert notices.notice(notices.CURRENT) == notices.composed()


def folded(text):
    return " ".join(text.casefold().split())


@pytest.mark.parametrize("label", EVERY_LABEL)
def test_the_notice_and_its_template_name_each_category_reader_medium_and_measure(label):
    assert folded(label) in folded(" ".join(notices.notice(notices.CURRENT)))
    assert folded(label) in folded(TEMPLATE.read_text(encoding="utf-8"))


def test_a_notice_that_was_given_can_still_be_read_word_for_word():
    (only,) = notices.notice("2026-11")
    assert only.startswith("Pour vous accompagner, les professionnels de votre équipe de soins")
    assert only.endswith("ou de le choisir dans votre espace.")
    assert max(map(len, notices.NOTICES)) <= Information._meta.get_field("notice").max_length


def test_the_least_view_told_is_the_one_the_desk_has():
    """Each column that the least view leaves open is in the notice, under the words of people."""
    form = IdentityForm(today=NOW.date(), withheld=BEYOND_THE_LEAST | OF_CARE)
    open_ = set(form.fields) - {"sure", "seen"}
    told = {
        "noms": {"birth_name", "used_name"},
        "prénoms": {"first_names", "used_first_name"},
        "date de naissance": {"birth_date"},
        "sexe": {"sex"},
        "commune": {"commune"},
        "téléphone": {"phone"},
        "fiabilité de l’identité": set(),  # the badge beside the name
    }
    assert tuple(told) == notices.LEAST_VIEW
    assert set().union(*told.values()) == open_


# --- before a consent ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("choice", "speaker", "given", "allowed"),
    [
        (Choice.CONSENTED, Speaker.PERSON, [], False),
        (Choice.CONSENTED, Speaker.PERSON, [("2026-11", "person")], False),
        (Choice.CONSENTED, Speaker.PERSON, [(notices.CURRENT, "person")], True),
        (Choice.CONSENTED, Speaker.REPRESENTATIVE, [(notices.CURRENT, "person")], False),
        (Choice.CONSENTED, Speaker.REPRESENTATIVE, [(notices.CURRENT, "representative")], True),
        (Choice.CONSENTED, Speaker.PARENT, [(notices.CURRENT, "parent")], True),
        (Choice.OPPOSED, Speaker.PERSON, [], True),
        (Choice.NEUTRAL, Speaker.PERSON, [], True),
    ],
)
def test_a_consent_follows_the_notice_in_force_given_to_who_consents(
    choice, speaker, given, allowed
):
    assert notices.may_be_recorded(choice, speaker, given) is allowed


def test_the_box_is_asked_while_somebody_who_may_consent_has_not_been_told():
    told = [(notices.CURRENT, "person")]
    assert notices.to_tell(LegalState.ADULT, False, []) == {Speaker.PERSON}
    assert not notices.to_tell(LegalState.ADULT, False, told)
    assert notices.to_tell(LegalState.REPRESENTED, True, told) == {Speaker.REPRESENTATIVE}
    assert not notices.to_tell(LegalState.UNABLE, False, [])  # nobody may consent


@pytest.fixture
def desk():
    return OrganizationFactory()


@pytest.fixture
def person(desk):
    person = PersonFactory(territory=desk.territory)
    joins_circle(person, organization=desk)
    return person


def consent(**told):
    return {"speaker": "person", "how": "paper", "category": "care", "audience": "social",
            "choice": "consented", "document": "Accord signé"} | told  # fmt: skip


def claire(desk):
    return orienteuse_of(desk, account_id=AccountFactory().pk)


@pytest.mark.django_db
def test_a_consent_without_a_notice_is_refused_beside_the_box_and_nothing_is_lost(
    client, desk, person
):
    answer = client.as_(claire(desk)).post(reverse("people:share", args=[person.pk]), consent())
    assert answer.status_code == 422
    assert "La loi demande d’informer avant" in answer.text
    assert 'value="Accord signé"' in answer.text
    assert not Sharing.objects.exists()
    assert not Information.objects.exists()


@pytest.mark.django_db
def test_the_notice_handed_in_the_same_gesture_is_written_with_the_consent(client, desk, person):
    speaking = client.as_(claire(desk))
    sent = consent(hands_notice="on")
    assert speaking.post(reverse("people:share", args=[person.pk]), sent).status_code == 302
    (information,) = Information.objects.filter(person=person)
    assert (information.notice, information.speaker) == (notices.CURRENT, "person")
    assert {row.notice for row in Sharing.objects.filter(person=person)} == {notices.CURRENT}
    assert [line["data"]["notice"] for line in facts("people.informed")] == [notices.CURRENT]
    again = consent(category="coordination")
    assert speaking.post(reverse("people:share", args=[person.pk]), again).status_code == 302
    assert Information.objects.count() == 1


@pytest.mark.django_db
def test_a_notice_of_before_does_not_carry_a_new_consent_and_leaves_the_former_ones(
    client, desk, person
):
    InformationFactory(person=person, notice="2026-11")
    SharingFactory(person=person, choice="consented", audience="social", notice="2026-11")
    address = reverse("people:share", args=[person.pk])
    speaking = client.as_(claire(desk))
    assert speaking.post(address, consent(category="social")).status_code == 422
    assert Sharing.objects.current().filter(choice="consented").count() == 1
    opposed = consent(category="social", choice="opposed")
    assert speaking.post(address, opposed).status_code == 302
    assert set(Sharing.objects.filter(choice="opposed").values_list("notice", flat=True)) == {
        "2026-11"
    }  # the last one that she read


@pytest.mark.django_db
def test_an_opposition_needs_no_notice_and_claims_none(client, desk, person):
    sent = consent(choice="opposed")
    answer = client.as_(claire(desk)).post(reverse("people:share", args=[person.pk]), sent)
    assert answer.status_code == 302
    assert set(Sharing.objects.values_list("notice", flat=True)) == {""}


@pytest.mark.django_db
def test_the_person_ticks_that_she_read_it_in_her_own_space(client, person):
    account = AccountFactory().pk
    herself = actor(Role.PERSON, account_id=account, person_ids=frozenset({person.pk}))
    speaking = client.as_(herself)
    page = reverse("people:choices", args=[person.pk])
    assert "J’ai lu la note d’information" in speaking.get(page).text
    sent = {"category": "care", "audience": "social", "choice": "consented"}
    address = reverse("people:share", args=[person.pk])
    assert speaking.post(address, sent).status_code == 422
    assert speaking.post(address, sent | {"hands_notice": "on"}).status_code == 302
    assert Information.objects.get(person=person).how == "online"
    assert "J’ai lu la note d’information" not in speaking.get(page).text


@pytest.mark.django_db
def test_a_guardian_who_consents_was_told_herself(person):
    with arranging():
        type(person).objects.filter(pk=person.pk).update(protection="guarded")
    person.refresh_from_db()
    guardian = RelativeFactory(person=person, is_representative=True)
    InformationFactory(person=person, notice=notices.CURRENT)
    chosen = Chosen(Choice.CONSENTED, Category.CARE, Audience.SOCIAL)

    def consents(**more):
        told = Told(Speaker.REPRESENTATIVE, relative=guardian, **more)
        services.choose_sharing(actor=SYSTEM, person=person, chosen=chosen, told=told, now=NOW)

    with pytest.raises(DomainError, match="La loi demande d’informer avant"):
        consents()
    consents(hands_notice=True)
    assert Information.objects.filter(speaker="representative", relative=guardian).exists()


@pytest.mark.django_db
def test_a_refused_consent_writes_no_notice_either(person):
    chosen = Chosen(Choice.CONSENTED, Category.CARE, Audience.SOCIAL)
    told = Told(Speaker.TRUSTED, hands_notice=True)
    with pytest.raises(DomainError):
        services.choose_sharing(actor=SYSTEM, person=person, chosen=chosen, told=told, now=NOW)
    assert not Information.objects.exists()


@pytest.mark.django_db
def test_the_database_keeps_no_consent_without_its_notice(person):
    name = "people_sharing_consent_names_its_notice"
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        SharingFactory(person=person, choice="consented", notice="")


# --- how the texts were read ---------------------------------------------------------------------


def test_what_was_not_confirmed_is_marked_next_to_its_rule_and_listed():
    found = [
        one
        for module in (sharing, identity, matching, processing, sensitivity)
        for value in vars(module).values()
        for one in (value if isinstance(value, tuple) else (value,))
        if isinstance(one, Reading) and not one.verified
    ]
    assert {sharing.EXCHANGED_BEFORE_INFORMATION, processing.ANSWERED_AFTER_STOP} <= {*found}
    assert set(found) == set(unverified_readings())
    assert all(one.source for one in found)


@pytest.mark.django_db
def test_the_controller_reads_what_is_to_be_confirmed_with_the_legal_bases(client, desk):
    page = reverse("people:bases")
    shown = client.as_(actor(Role.DPO, account_id=AccountFactory().pk)).get(page).text
    assert "Lectures de la loi à confirmer" in shown
    assert "L.1110-4, II" in shown
    assert "L.34-5" in shown
    assert "réponse à ce qu’il vient d’écrire, dans les 24 heures" in shown
    assert "Lectures de la loi" not in client.as_(claire(desk)).get(page).text
