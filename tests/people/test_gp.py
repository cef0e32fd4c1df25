"""The GP of record: said in the circle alone, by a gesture, and told on the person's page."""

from dataclasses import replace

import pytest
from django.db import transaction
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cordee.access.actor import SYSTEM
from cordee.kernel.errors import DomainError
from cordee.people import services
from cordee.people.jobs import name_gps
from cordee.people.models import CircleMember, Person
from cordee.people.services import Joining
from tests.factories.directory import AccountFactory, OrganizationFactory, PractitionerFactory
from tests.factories.people import PersonFactory, RelativeFactory, joins_circle
from tests.support import NOW, facts, orienteuse_of, speaking_as

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk():
    return OrganizationFactory()


@pytest.fixture
def person(desk):
    person = PersonFactory(territory=desk.territory)
    joins_circle(person, organization=desk)
    return person


def claire(desk):
    return orienteuse_of(desk, account_id=AccountFactory(name="Claire Bonnet").pk)


def doctor(**details):
    return PractitionerFactory(profession="10", profession_name="Médecin", **details)


def join(person, practitioner, role="gp"):
    joining = Joining(role=role, practitioner_id=practitioner.pk)
    return services.join_circle(actor=SYSTEM, person=person, joining=joining, now=NOW)


def gp(person):
    return Person.objects.get(pk=person.pk).gp


def test_joining_as_gp_makes_the_gp_of_record_and_leaving_unmakes_it(person):
    arnaud = doctor()
    stay = join(person, arnaud)
    assert gp(person) == arnaud
    services.leave_circle(actor=SYSTEM, member=stay, now=NOW)
    assert gp(person) is None
    told = [line["data"]["practitioner_id"] for line in facts("people.gp_changed", person.pk)]
    assert told == [str(arnaud.pk), None]


def test_a_new_gp_takes_the_place_and_the_former_stays_as_a_doctor(person):
    first, second = doctor(), doctor()
    join(person, first)
    join(person, second)
    assert gp(person) == second
    assert person.circle.get(practitioner=first).role == CircleMember.Role.DOCTOR


def test_a_gp_who_becomes_a_doctor_is_the_gp_no_more(person):
    arnaud = doctor()
    join(person, arnaud)
    join(person, arnaud, role="doctor")
    assert gp(person) is None


def test_a_gp_who_enters_or_wins_a_place_stays_the_gp(desk, person):
    arnaud = doctor()
    join(person, arnaud)
    himself = replace(speaking_as(arnaud), organization_id=desk.pk)
    services.enter_circle(actor=himself, person=person, now=NOW)
    assert gp(person) == arnaud
    services.welcome(
        actor=himself, person=person, practitioner_id=arnaud.pk, role="doctor", now=NOW
    )
    assert gp(person) == arnaud
    assert len(facts("people.gp_changed", person.pk)) == 1


def test_only_a_doctor_is_a_gp(person):
    with pytest.raises(DomainError, match="est un médecin"):
        join(person, PractitionerFactory())
    joining = Joining(role="gp", organization_id=OrganizationFactory().pk)
    with pytest.raises(DomainError, match="est un médecin"):
        services.join_circle(actor=SYSTEM, person=person, joining=joining, now=NOW)
    assert gp(person) is None


def test_a_relative_is_no_professional_and_no_reference(person):
    joining = {"relative_id": RelativeFactory(person=person).pk}
    for refused in ({"role": "nurse"}, {"role": "relative", "is_reference": True}):
        with pytest.raises(DomainError, match="proche"):
            services.join_circle(
                actor=SYSTEM, person=person, joining=Joining(**joining, **refused), now=NOW
            )
    services.join_circle(
        actor=SYSTEM, person=person, joining=Joining(**joining, role="relative"), now=NOW
    )


def test_a_correction_of_the_identity_leaves_the_gp(client, desk, person):
    arnaud = doctor()
    join(person, arnaud)
    sent = {"birth_name": "Lefèvre", "phone": "0612345678"}
    client.as_(claire(desk)).post(reverse("people:edit", args=[person.pk]), sent)
    assert gp(person) == arnaud


gestures = st.lists(
    st.tuples(
        st.sampled_from(["join", "leave", "merge", "undo"]),
        st.integers(0, 1),
        st.integers(0, 2),
        st.sampled_from(["gp", "doctor"]),
        st.booleans(),
    ),
    min_size=2,
    max_size=9,
)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(gestures=gestures)
def test_whatever_happens_the_record_names_the_gp_of_the_circle(transactional_free, gestures):
    with transaction.atomic():
        story = Story()
        for verb, whose, who, role, chosen in gestures:
            getattr(story, verb)(whose, who, role, chosen)
            story.holds()
        transaction.set_rollback(True)


@pytest.fixture
def transactional_free(db):
    """One database for all the examples."""


class Story:
    """Two records of one person, three doctors, one who judges."""

    def __init__(self):
        self.desk = OrganizationFactory()
        self.claire = claire(self.desk)
        self.persons = [PersonFactory(territory=self.desk.territory) for _ in range(2)]
        for person in self.persons:
            joins_circle(person, organization=self.desk)
        self.doctors = [doctor() for _ in range(3)]
        self.merge_ = None

    def whose(self, number):
        person = Person.objects.get(pk=self.persons[number].pk)
        return person.merged_into or person

    def join(self, whose, who, role, chosen):
        join(self.whose(whose), self.doctors[who], role)

    def leave(self, whose, who, role, chosen):
        stays = CircleMember.objects.current().filter(person=self.whose(whose))
        stay = stays.filter(practitioner=self.doctors[who]).first()
        if stay:
            services.leave_circle(actor=SYSTEM, member=stay, now=NOW)

    def merge(self, whose, who, role, chosen):
        if self.merge_ is None:
            one, other = (Person.objects.get(pk=person.pk) for person in self.persons)
            pair = services.propose_pair(actor=self.claire, person=one, other=other, now=NOW)
            self.merge_ = services.merge_persons(
                actor=self.claire,
                candidate=pair,
                from_absorbed=frozenset({"gp_id"} if chosen else ()),
                now=NOW,
            )

    def undo(self, whose, who, role, chosen):
        if self.merge_ is not None:
            services.undo_merge(actor=self.claire, merge=self.merge_, now=NOW)
            self.merge_ = None

    def holds(self):
        for person in Person.objects.filter(merged_into=None):
            said = CircleMember.objects.current().filter(person=person, role="gp").first()
            assert person.gp_id == (said.practitioner_id if said else None)


@pytest.mark.parametrize("chosen", [True, False])
def test_of_two_gps_the_one_chosen_stays(desk, person, chosen):
    other = PersonFactory(territory=desk.territory)
    joins_circle(other, organization=desk)
    mine, theirs = doctor(), doctor()
    join(person, mine)
    join(other, theirs)
    speaking = claire(desk)
    pair = services.propose_pair(actor=speaking, person=person, other=other, now=NOW)
    merge = services.merge_persons(
        actor=speaking,
        candidate=pair,
        from_absorbed=frozenset({"gp_id"} if chosen else ()),
        now=NOW,
    )
    absorbed = {person.pk: mine, other.pk: theirs}[merge.absorbed_id]
    kept = {person.pk: mine, other.pk: theirs}[merge.survivor_id]
    assert gp(merge.survivor) == (absorbed if chosen else kept)
    services.undo_merge(actor=speaking, merge=merge, now=NOW)
    assert gp(merge.survivor) == kept
    told = [
        line["data"]["practitioner_id"] for line in facts("people.gp_changed", merge.survivor_id)
    ]
    assert told == [str(kept.pk), *([str(absorbed.pk), str(kept.pk)] if chosen else [])]


def test_a_circle_written_before_the_gesture_names_its_gp_the_next_night(client, desk, person):
    arnaud = doctor(last_name="Arnaud", first_name="Paul")
    joins_circle(person, practitioner=arnaud, role="gp")
    nobody = PersonFactory(territory=desk.territory)
    assert gp(person) is None
    for _ in range(2):
        name_gps()
    assert (gp(person), gp(nobody)) == (arnaud, None)
    assert len(facts("people.gp_changed", person.pk)) == 1
    panel = reverse("people:identity_panel", args=[person.pk])
    assert "Paul Arnaud" in client.as_(claire(desk)).get(panel).text


# --- the screen ----------------------------------------------------------------------------------


def test_the_gp_is_designated_from_the_identity_and_shown_there(client, desk, person):
    arnaud = doctor(last_name="Arnaud", first_name="Paul")
    nurse = PractitionerFactory(last_name="Arnaud", first_name="Nadia")
    speaking = client.as_(claire(desk))
    panel = reverse("people:identity_panel", args=[person.pk])
    offer = reverse("people:circle", args=[person.pk]) + "?role=gp"
    assert offer in speaking.get(panel).text
    assert "Désigner le médecin traitant" in speaking.get(offer).text
    found = speaking.post(
        reverse("people:joinable", args=[person.pk]), {"texte": "arnaud", "role": "gp"}
    ).text
    assert "Arnaud Paul" in found
    assert str(nurse.pk) not in found
    answer = speaking.post(
        offer, {"who": f"practitioner_id:{arnaud.pk}", "role": "gp", "ground": "recognised"}
    )
    assert answer.headers["Location"] == reverse("web:person", args=[person.pk])
    assert "Paul Arnaud" in speaking.get(panel).text
    assert "Changer de médecin traitant" in speaking.get(panel).text


def test_a_nurse_chosen_as_gp_is_explained_next_to_the_role(client, desk, person):
    nurse = PractitionerFactory()
    answer = client.as_(claire(desk)).post(
        reverse("people:circle", args=[person.pk]),
        {"who": f"practitioner_id:{nurse.pk}", "role": "gp"},
    )
    assert answer.status_code == 422
    assert "est un médecin" in answer.text
    assert gp(person) is None
