"""Entering, correcting, moving somebody; and what cannot be written."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cordee.access.actor import SYSTEM
from cordee.access.models import PreviousState
from cordee.directory.models import TerritoryCommune
from cordee.kernel import queue
from cordee.kernel.errors import DomainError, Forbidden
from cordee.kernel.facts import listeners_of
from cordee.kernel.models import FactHeader
from cordee.pathways.models import Task
from cordee.people import selectors, services
from cordee.people.models import Person
from cordee.people.rules import identity as ins
from cordee.people.rules.writing import Identity, faults, tidied
from cordee.people.services import Joining
from tests.factories.directory import AccountFactory, CommuneFactory, OrganizationFactory
from tests.factories.people import BORN, PersonFactory, joins_circle, number_of
from tests.support import NOW, arranging, coordinator_of, facts, orienteuse_of, queued, stranger

pytestmark = pytest.mark.django_db
BERTHE = Identity(birth_name="Lefèvre", first_names="Berthe Marie", birth_date=BORN, sex="F")


@pytest.fixture
def desk():
    return OrganizationFactory()


def enter(desk, **details):
    identity = Identity(**{**vars(BERTHE), **details})
    return services.create_person(actor=orienteuse_of(desk), identity=identity, now=NOW)


def test_whoever_enters_somebody_joins_their_circle(desk):
    person = enter(desk)
    (member,) = selectors.circle_of(orienteuse_of(desk), person)
    assert member.organization == desk
    assert member.role == "orientation"
    assert person.first_name == "Berthe"
    assert person.ins_status == "provisoire"
    assert [line["kind"] for line in facts(thread=person.pk)] == [
        "people.person_created",
        "people.joined_circle",
    ]


def test_whoever_is_entered_wakes_nobody_and_whoever_joins_her_later_does(desk):
    """Jobs of several rooms looked for what waits around somebody who had just come."""
    person = enter(desk)
    assert [name for _, name, _, _ in queued()] == []
    joining = Joining(role="other", organization_id=OrganizationFactory().pk)
    joined = {"actor": orienteuse_of(desk), "person": person, "joining": joining}
    services.join_circle(**joined, now=NOW)
    heard = [name for _, name, _, _ in queued()]
    assert sorted(heard) == sorted(listeners_of("people.joined_circle"))
    assert len(heard) == 11


def test_those_who_would_hear_of_who_is_entered_find_nothing(desk):
    person = enter(desk)
    line = FactHeader.objects.get(thread_id=person.pk, kind="people.joined_circle")
    before = [kind.objects.count() for kind in (FactHeader, PreviousState, Task)], len(queued())
    for name in listeners_of("people.joined_circle"):
        queue.known[name](fact_id=line.pk)
    left = [kind.objects.count() for kind in (FactHeader, PreviousState, Task)], len(queued())
    assert left == before


def test_the_commune_says_the_territory(desk):
    commune = CommuneFactory(code="05139", name="Saint-Firmin")
    with arranging():
        TerritoryCommune(territory=desk.territory, commune=commune).save()
    assert enter(desk, commune_code="05139").territory == desk.territory


@pytest.mark.parametrize(
    "wrong",
    [
        {"birth_name": "  "},
        {"birth_name": "x" * 121},
        {"first_names": "é" * 10_000},
        {"birth_date": NOW.date() + timedelta(days=1)},
        {"birth_date": date(1850, 1, 1)},
        {"phone": "12"},
        {"other_phone": "00 00 00 00 00"},
        {"ins": "123"},
        {"ins": number_of(1), "ins_oid": ins.Registry.NIR.value},
        {"commune_code": "99999"},
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence_and_leaves_nothing(desk, wrong):
    with pytest.raises(DomainError) as refusal:
        enter(desk, **wrong)
    assert refusal.value.code == "people.identity"
    assert refusal.value.message
    assert not Person.objects.exists()
    assert not facts()


@pytest.mark.parametrize(
    "name",
    ["'; DROP TABLE people_person; --", "<script>alert(1)</script>", "${{7*7}}", "{{ 7 }}",
     "🚑 Ambulance", "مريم", "ÅÉÎØÜ", "O'Brien", "-", "null"],
)  # fmt: skip
def test_naughty_names_are_kept_literally(desk, name):
    person = enter(desk, birth_name=name)
    assert Person.objects.get(pk=person.pk).birth_name == name


@pytest.mark.parametrize("mark", ["\u202e", "\u2066", "\u200b", "\ufeff", "\x00", "\x1b"])
def test_invisible_marks_that_could_disguise_a_name_are_taken_out(desk, mark):
    assert enter(desk, birth_name=f"Le{mark}fèvre").birth_name == "Lefèvre"


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text_is_stored_or_refused_and_never_breaks(desk, family, given_names):
    written = tidied(Identity(birth_name=family, first_names=given_names))
    if faults(written, mode="demonstration", today=NOW.date()):
        with pytest.raises(DomainError):
            enter(desk, birth_name=family, first_names=given_names)
    else:
        assert enter(desk, birth_name=family, first_names=given_names).full_name
        selectors.search(orienteuse_of(desk), f"{family} {given_names}")


def test_a_stranger_may_not_correct_somebody():
    with pytest.raises(Forbidden):
        services.update_person(actor=stranger(), person=PersonFactory(), identity=BERTHE, now=NOW)


def test_a_corrected_strict_trait_makes_the_identity_provisional_again(desk):
    person = PersonFactory(qualified=True, territory=desk.territory, birth_name="Lefevre")
    kept = {"phone": person.phone, "commune_code": "05132"}
    identity = Identity(**{**vars(BERTHE), **kept, "ins": person.ins})
    after = services.update_person(
        actor=orienteuse_of(desk), person=person, identity=identity, now=NOW
    )
    assert after.ins_status == "provisoire"
    assert after.version > person.version or Person.objects.get(pk=person.pk).version == 2
    assert facts("people.identity_changed")[0]["data"]["fields"] == ["birth_name"]


def test_a_corrected_phone_leaves_the_identity_qualified(desk):
    person = PersonFactory(qualified=True, territory=desk.territory)
    identity = Identity(
        birth_name=person.birth_name,
        first_names=person.first_names,
        birth_date=BORN,
        sex="F",
        ins=person.ins,
        commune_code="05132",
        phone="0639980099",
    )
    after = services.update_person(
        actor=orienteuse_of(desk), person=person, identity=identity, now=NOW
    )
    assert (after.ins_status, after.phone) == ("qualifiee", "+33639980099")


def test_both_checks_qualify_and_a_doubt_forbids_it(desk):
    actor = orienteuse_of(desk)
    person = enter(desk, ins=number_of(3))
    for event in (ins.Event.INSI_FOUND, ins.Event.PAPER_CHECKED):
        person = services.check_identity(actor=actor, person=person, event=event, now=NOW)
    assert person.shown_ins == number_of(3)
    doubted = services.update_person(
        actor=actor,
        person=person,
        identity=Identity(**{**vars(BERTHE), "ins": number_of(3), "is_doubtful": True}),
        now=NOW,
    )
    assert doubted.ins_status == "provisoire"
    assert doubted.shown_ins == ""
    with pytest.raises(DomainError):
        services.check_identity(actor=actor, person=doubted, event=ins.Event.PAPER_CHECKED, now=NOW)


def test_the_service_may_not_answer_about_no_number(desk):
    with pytest.raises(DomainError, match="matricule"):
        services.check_identity(
            actor=orienteuse_of(desk), person=enter(desk), event=ins.Event.INSI_FOUND, now=NOW
        )


def test_a_move_is_said_once_with_the_new_commune(desk):
    person = PersonFactory(territory=desk.territory)
    joins_circle(person, organization=desk)
    CommuneFactory(code="34301", name="Sète")
    actor = orienteuse_of(desk)
    for _ in range(2):
        services.move_person(
            actor=actor, person=person, commune_code="34301", address="1 quai", now=NOW
        )
    (line,) = facts("people.person_moved")
    assert line["data"]["commune_code"] == "34301"


def test_a_death_is_said_once_and_not_in_the_future(desk):
    person = PersonFactory(territory=desk.territory)
    with pytest.raises(DomainError):
        services.declare_death(
            actor=SYSTEM, person=person, deceased_on=NOW.date() + timedelta(days=1), now=NOW
        )
    for _ in range(2):
        services.declare_death(actor=SYSTEM, person=person, deceased_on=NOW.date(), now=NOW)
    assert len(facts("people.person_died")) == 1
    assert person.age_on(NOW.date()) == 85


def test_a_death_noted_by_mistake_is_corrected_or_taken_back(client, desk):
    """It could not: nobody was ever sought again for that person."""
    person = PersonFactory(territory=desk.territory)
    joins_circle(person, organization=desk)
    speaking = client.as_(coordinator_of(desk, account_id=AccountFactory().pk))
    panel = reverse("people:identity_panel", args=[person.pk])

    def says(what, **said):
        return speaking.post(reverse(f"people:{what}", args=[person.pk]), said).status_code

    assert "retirer le décès" not in speaking.get(panel).text
    assert says("death", deceased_on="20/11/2026") == 302
    assert says("death", deceased_on="19/11/2026") == 302
    person.refresh_from_db()
    assert person.deceased_on == date(2026, 11, 19)
    assert "retirer le décès" in speaking.get(panel).text
    assert says("alive", why="because") == 422
    assert says("alive", why="other_person") == 302
    assert says("alive", why="other_person") == 302  # sent twice, said once
    person.refresh_from_db()
    assert person.deceased_on is None
    (taken_back,) = facts("people.death_denied", person.pk)
    assert taken_back["data"]["why"] == "other_person"


def test_an_admission_is_said(desk):
    person = PersonFactory()
    services.admit_person(actor=SYSTEM, person=person, organization=None, now=NOW)
    assert facts("people.person_admitted", person.pk)


def test_a_used_name_says_the_birth_name_too():
    person = PersonFactory.build(
        birth_name="Lefèvre", used_name="Martin", commune=None, territory=None
    )
    assert person.full_name == "Berthe MARTIN née LEFÈVRE"
    assert person.short_name == "MARTIN Berthe"
