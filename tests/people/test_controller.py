"""Legal bases, relatives: set, corrected, taken away, on their screens."""

import pytest
from django.urls import reverse

from cordee.access.actor import Role
from cordee.kernel.errors import DomainError
from cordee.people import services
from cordee.people.models import PersonAccount, ProcessingBasis, Relative
from cordee.people.rules.processing import Basis, Purpose
from cordee.people.selectors import may_process
from tests.factories.directory import AccountFactory, OrganizationFactory, PractitionerFactory
from tests.factories.people import (
    PersonAccountFactory,
    PersonFactory,
    RelativeFactory,
    joins_circle,
)
from tests.support import NOW, Browser, actor, facts, orienteuse_of, simultaneously, speaking_as

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk():
    return OrganizationFactory()


@pytest.fixture
def person(desk):
    person = PersonFactory(territory=desk.territory)
    joins_circle(person, organization=desk)
    return person


def dpo():
    return actor(Role.DPO, account_id=AccountFactory(name="Diane Prévost").pk)


# --- legal bases ---------------------------------------------------------------------------------


def test_the_controller_sets_a_basis_and_it_holds_at_once_for_everybody(client, person):
    page = reverse("people:bases")
    speaking = client.as_(dpo())
    assert "par défaut" in speaking.get(page).text
    assert may_process(person.pk, Purpose.FIGURES)
    answer = speaking.post(page, {"purpose": "figures", "basis": "consent"})
    assert answer.headers["Location"] == page
    shown = speaking.get(page).text
    assert "Diane Prévost" in shown
    assert not may_process(person.pk, Purpose.FIGURES)
    speaking.post(page, {"purpose": "figures", "basis": "legitimate"})
    assert may_process(person.pk, Purpose.FIGURES)
    assert "consentement, " in speaking.get(page).text
    assert [line["data"]["basis"] for line in facts("people.legal_basis_set")] == [
        "consent",
        "legitimate",
    ]


def test_the_bases_are_read_by_whoever_works_here_and_set_by_the_controller_only(client, desk):
    page = reverse("people:bases")
    nurse = speaking_as(PractitionerFactory(), account_id=AccountFactory().pk)
    for reader in (orienteuse_of(desk), nurse):
        speaking = client.as_(reader)
        assert "Fixer cette base" not in speaking.get(page).text
        refused = speaking.post(page, {"purpose": "figures", "basis": "consent"})
        assert refused.status_code == 403
    assert not ProcessingBasis.objects.exists()


def test_a_basis_that_does_not_exist_is_refused_in_words(client):
    answer = client.as_(dpo()).post(reverse("people:bases"), {"purpose": "figures", "basis": "x"})
    assert answer.status_code == 422
    assert not ProcessingBasis.objects.exists()


def test_setting_the_basis_in_force_again_writes_nothing(client):
    for _ in range(2):
        client.as_(dpo()).post(reverse("people:bases"), {"purpose": "texts", "basis": "consent"})
    assert ProcessingBasis.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_controllers_at_once_leave_one_basis():
    first, second = dpo(), dpo()

    def setting(who, basis):
        return lambda: services.set_basis(actor=who, purpose=Purpose.TEXTS, basis=basis, now=NOW)

    ended = simultaneously(setting(first, Basis.CONSENT), setting(second, Basis.CONTRACT))
    assert ProcessingBasis.objects.filter(until=None).count() == 1
    assert all(isinstance(one, ProcessingBasis | DomainError) for one in ended)


# --- relatives -----------------------------------------------------------------------------------


def typed(**details):
    return {"name": "Jeanne Martin", "link": "child", "phone": "06 39 98 12 34", **details}


def test_a_relative_is_corrected_on_a_page_that_shows_what_is_known(client, desk, person):
    jeanne = RelativeFactory(person=person, phone="+33639980001")
    speaking = client.as_(orienteuse_of(desk, account_id=AccountFactory().pk))
    page = reverse("people:edit_relative", args=[person.pk, jeanne.pk])
    assert page in speaking.get(reverse("people:circle_panel", args=[person.pk])).text
    assert "Jeanne Martin" in speaking.get(page).text
    answer = speaking.post(page, typed(name="Jeanne Roux", is_trusted="on"))
    assert answer.status_code == 302
    (kept,) = Relative.objects.all()
    assert (kept.name, kept.phone, kept.is_trusted) == ("Jeanne Roux", "+33639981234", True)
    assert facts("people.relative_changed")[0]["data"]["relative_id"] == str(jeanne.pk)


def test_a_new_trusted_person_takes_the_place_of_the_former(client, desk, person):
    paul = RelativeFactory(person=person, name="Paul", is_trusted=True)
    jeanne = RelativeFactory(person=person)
    page = reverse("people:edit_relative", args=[person.pk, jeanne.pk])
    client.as_(orienteuse_of(desk)).post(page, typed(is_trusted="on"))
    paul.refresh_from_db()
    assert not paul.is_trusted


def test_an_impossible_number_is_refused_and_nothing_changes(client, desk, person):
    jeanne = RelativeFactory(person=person, phone="+33639980001")
    page = reverse("people:edit_relative", args=[person.pk, jeanne.pk])
    speaking = client.as_(orienteuse_of(desk))
    assert speaking.post(page, typed(phone="12")).status_code == 409
    assert speaking.post(page, typed(name="")).status_code == 422
    jeanne.refresh_from_db()
    assert jeanne.phone == "+33639980001"


def test_a_relative_taken_away_loses_their_access_and_is_corrected_no_more(client, desk, person):
    jeanne = RelativeFactory(person=person)
    PersonAccountFactory(person=person, relative=jeanne)
    speaking = client.as_(orienteuse_of(desk))
    page = reverse("people:edit_relative", args=[person.pk, jeanne.pk])
    speaking.post(reverse("people:end_relative", args=[person.pk, jeanne.pk]))
    assert not PersonAccount.objects.filter(until=None).exists()
    assert speaking.get(page).status_code == 404
    with pytest.raises(DomainError, match="retiré"):
        services.note_relative(
            actor=orienteuse_of(desk),
            person=person,
            said=services.RelativeSaid(name="Jeanne"),
            relative=Relative.objects.get(),
            now=NOW,
        )


def test_a_relative_of_somebody_else_does_not_exist_here(client, desk, person):
    other = RelativeFactory()
    page = reverse("people:edit_relative", args=[person.pk, other.pk])
    assert client.as_(orienteuse_of(desk)).get(page).status_code == 404
    assert Browser().get(page).status_code == 302
