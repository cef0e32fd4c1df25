"""The circle: who joins, who leaves, what closes at once."""

import pytest
from django.urls import reverse

from cordee.access.actor import SYSTEM, Role
from cordee.kernel.errors import DomainError, Forbidden
from cordee.people import selectors, services
from cordee.people.policy import persons_of, through_person
from cordee.people.rules.processing import Basis, Purpose, Will
from cordee.people.rules.sharing import Category, Speaker
from cordee.people.services import Joining, RelativeSaid, Told
from tests.factories.directory import AccountFactory, OrganizationFactory, PractitionerFactory
from tests.factories.people import (
    MemberFactory,
    PersonAccountFactory,
    PersonFactory,
    RelativeFactory,
    SharingFactory,
    joins_circle,
)
from tests.support import NOW, actor, arranging, coordinator_of, facts, orienteuse_of, speaking_as

pytestmark = pytest.mark.django_db


def join(person, **joining):
    return services.join_circle(
        actor=SYSTEM, person=person, joining=Joining(**{"role": "nurse", **joining}), now=NOW
    )


def test_a_new_usual_nurse_takes_the_place_and_the_former_one_stays():
    person = PersonFactory()
    first, second = PractitionerFactory(), PractitionerFactory()
    join(person, practitioner_id=first.pk, is_usual_nurse=True)
    join(person, practitioner_id=second.pk, is_usual_nurse=True)
    assert selectors.usual_nurse_of(SYSTEM, person.pk) == second.pk
    assert len(selectors.circle_of(SYSTEM, person)) == 2


def test_joining_twice_is_one_stay_and_one_line():
    person, nurse = PersonFactory(), PractitionerFactory()
    first = join(person, practitioner_id=nurse.pk, is_usual_nurse=True)
    again = join(person, practitioner_id=nurse.pk, role="other_care")
    assert first.pk == again.pk
    assert again.is_usual_nurse
    assert len(facts("people.joined_circle")) == 1


@pytest.mark.parametrize("who", [{}, {"practitioner_id": 1, "organization_id": 1}])
def test_exactly_one_may_join(who):
    with pytest.raises(DomainError, match="une seule"):
        join(PersonFactory(), **who)


def test_the_winner_is_let_in_and_speaks_for_nobody_else():
    person, nurse, other = PersonFactory(), PractitionerFactory(), PractitionerFactory()
    winner = {"person": person, "role": "nurse", "now": NOW}
    services.welcome(actor=speaking_as(nurse), practitioner_id=nurse.pk, **winner)
    assert persons_of(speaking_as(nurse), Category.COORDINATION).contains(person)
    with pytest.raises(Forbidden):
        services.welcome(actor=speaking_as(nurse), practitioner_id=other.pk, **winner)


def test_only_the_broker_calls_welcome():
    from pathlib import Path

    root = Path(services.__file__).parents[2]
    callers = {
        path.relative_to(root).parts[0]
        for path in root.rglob("*.py")
        if "welcome(" in path.read_text(encoding="utf-8") and "people" not in path.parts
    }
    assert callers <= {"broker", "intake"}  # intake: its demonstration only
    intake = [
        path.name
        for path in (root / "intake").rglob("*.py")
        if "welcome(" in path.read_text(encoding="utf-8")
    ]
    assert set(intake) <= {"demo.py"}


def test_a_nurse_may_leave_by_herself_and_sees_nothing_from_that_moment():
    nurse = PractitionerFactory()
    member = MemberFactory(practitioner=nurse)
    herself = speaking_as(nurse)
    services.leave_circle(actor=herself, member=member, now=NOW)
    for category in Category:
        assert not persons_of(herself, category).exists()
    with pytest.raises(Forbidden):
        services.leave_circle(actor=speaking_as(PractitionerFactory()), member=member, now=NOW)


def test_the_person_sends_somebody_away():
    member = MemberFactory()
    herself = actor(Role.PERSON, person_ids=frozenset({member.person_id}))
    services.leave_circle(actor=herself, member=member, now=NOW)
    assert member.person.circle.get().until == NOW


def test_a_structure_of_another_territory_sees_nobody_here():
    here, there = OrganizationFactory(), OrganizationFactory()
    person = PersonFactory(territory=here.territory)
    joins_circle(person, organization=here)
    for role in (coordinator_of, orienteuse_of):
        assert not persons_of(role(there)).exists()
        assert persons_of(role(here)).contains(person)


def test_a_coordinator_outside_the_circle_has_not_even_the_least_view():
    dac = OrganizationFactory(kind="dac")
    PersonFactory(territory=dac.territory)
    assert not persons_of(coordinator_of(dac)).exists()


def test_home_help_goes_on_when_coordination_is_refused():
    person = PersonFactory()
    home_help, dac = OrganizationFactory(kind="home_help"), OrganizationFactory(kind="dac")
    joins_circle(person, organization=home_help)
    joins_circle(person, organization=dac)
    services.choose_processing(
        actor=SYSTEM,
        person=person,
        purpose=Purpose.COORDINATION,
        will=Will.REFUSED,
        told=Told(),
        now=NOW,
    )
    assert persons_of(actor(Role.HOME_HELP, home_help), Category.COORDINATION).contains(person)
    assert not persons_of(coordinator_of(dac)).exists()


def test_where_consent_is_the_basis_coordination_waits_for_it():
    person, dac = PersonFactory(), OrganizationFactory(kind="dac")
    joins_circle(person, organization=dac)
    administrator = actor(Role.ADMINISTRATOR, account_id=AccountFactory().pk)
    services.set_basis(
        actor=administrator, purpose=Purpose.COORDINATION, basis=Basis.CONSENT, now=NOW
    )
    assert not persons_of(coordinator_of(dac), Category.COORDINATION).exists()
    assert persons_of(coordinator_of(dac)).contains(person)  # by name, to ask her
    assert not selectors.may_process(person.pk, Purpose.COORDINATION)
    services.choose_processing(
        actor=SYSTEM,
        person=person,
        purpose=Purpose.COORDINATION,
        will=Will.ACCEPTED,
        told=Told(),
        now=NOW,
    )
    assert persons_of(coordinator_of(dac), Category.COORDINATION).contains(person)
    assert selectors.may_process(person.pk, Purpose.COORDINATION)


def test_refusing_texts_is_honoured():
    person = PersonFactory()
    assert selectors.may_process(person.pk, Purpose.TEXTS)
    services.choose_processing(
        actor=SYSTEM,
        person=person,
        purpose=Purpose.TEXTS,
        will=Will.REFUSED,
        told=Told(),
        now=NOW,
    )
    assert not selectors.may_process(person.pk, Purpose.TEXTS)


def test_a_scope_through_a_person_asks_for_coordination():
    desk = OrganizationFactory()
    person = PersonFactory(territory=desk.territory)
    scope = through_person("person")
    from cordee.people.models import CircleMember

    joins_circle(person)
    assert not CircleMember.objects.filter(scope(orienteuse_of(desk))).exists()
    joins_circle(person, organization=desk)
    assert CircleMember.objects.filter(scope(orienteuse_of(desk))).count() == 2


# --- relatives -----------------------------------------------------------------------------------


def relative_actor(space):
    return actor(
        Role.RELATIVE, account_id=space.account_id, person_ids=frozenset({space.person_id})
    )


def test_a_relative_sees_only_with_consent_and_loses_sight_at_once():
    person = PersonFactory()
    daughter = RelativeFactory(person=person)
    space = PersonAccountFactory(person=person, relative=daughter)
    jeanne = relative_actor(space)
    assert not persons_of(jeanne).exists()
    SharingFactory(person=person, category="identity", audience="relatives", choice="consented")
    assert persons_of(jeanne).contains(person)
    services.end_relative(actor=SYSTEM, relative=daughter, now=NOW)
    assert not persons_of(jeanne).exists()


def test_a_parent_sees_until_majority_and_speaks_for_the_child():
    child = PersonFactory(birth_date="2015-05-05")
    parent = RelativeFactory(person=child, has_parental_authority=True)
    space = PersonAccountFactory(person=child, relative=parent)
    assert persons_of(relative_actor(space), Category.COORDINATION).contains(child)
    with arranging():
        type(child).objects.filter(pk=child.pk).update(birth_date="2000-05-05")
    assert not persons_of(relative_actor(space), Category.COORDINATION).exists()


def test_a_guardian_sees_while_the_protection_lasts():
    person = PersonFactory(protection="guarded")
    guardian = RelativeFactory(person=person, is_representative=True)
    space = PersonAccountFactory(person=person, relative=guardian)
    assert persons_of(relative_actor(space)).contains(person)
    with arranging():
        type(person).objects.filter(pk=person.pk).update(protection="none")
    assert not persons_of(relative_actor(space)).exists()


def test_a_new_trusted_person_replaces_the_former_one():
    person = PersonFactory()
    for name in ("Jeanne", "Paul"):
        services.note_relative(
            actor=SYSTEM,
            person=person,
            said=RelativeSaid(name=name, is_trusted=True),
            now=NOW,
        )
    assert [one.name for one in selectors.relatives_of(SYSTEM, person) if one.is_trusted] == [
        "Paul"
    ]


def test_a_relative_with_an_impossible_phone_or_no_name_is_refused():
    for said in (RelativeSaid(name=" "), RelativeSaid(name="Jeanne", phone="12")):
        with pytest.raises(DomainError):
            services.note_relative(actor=SYSTEM, person=PersonFactory(), said=said, now=NOW)


def test_a_relative_of_somebody_else_speaks_for_nobody_here():
    stranger = RelativeFactory(is_representative=True)
    person = PersonFactory(protection="guarded")
    with pytest.raises(DomainError):
        services.inform(
            actor=SYSTEM,
            person=person,
            told=Told(speaker=Speaker.REPRESENTATIVE, relative=stranger),
            now=NOW,
        )


def test_an_own_space_is_opened_once_after_a_proof_and_closed_at_once():
    person, account = PersonFactory(), AccountFactory()
    opening = {"actor": SYSTEM, "person": person, "account": account, "now": NOW}
    with pytest.raises(DomainError, match="vérifiée"):
        services.open_own_space(**opening)
    space = services.open_own_space(**opening, proved_how="carte d’identité")
    with pytest.raises(DomainError, match="déjà"):
        services.open_own_space(**opening, proved_how="carte d’identité")
    assert [one.pk for one in selectors.own_spaces_of_account(account.pk)] == [space.pk]
    services.close_own_space(actor=SYSTEM, space=space, now=NOW)
    assert not selectors.own_spaces_of_account(account.pk)


def test_a_home_help_of_the_circle_tells_and_does_not_decide():
    service, person = OrganizationFactory(kind="home_help"), PersonFactory()
    joins_circle(person, organization=service, role="home_help")
    helper = actor(Role.HOME_HELP, service)
    assert persons_of(helper, Category.COORDINATION).filter(pk=person.pk).exists()

    with pytest.raises(Forbidden):
        services.declare_death(actor=helper, person=person, deceased_on=NOW.date(), now=NOW)
    person.refresh_from_db()
    assert person.deceased_on is None


@pytest.fixture
def helped():
    """Somebody with a home help, and what the home help posts for her."""
    service, person = OrganizationFactory(kind="home_help"), PersonFactory()
    joins_circle(person, organization=service, role="home_help")
    return person, actor(Role.HOME_HELP, service, account_id=AccountFactory().pk)


def test_a_home_help_writes_down_a_refusal_and_opens_nothing(client, helped):
    person, helper = helped
    speaking = client.as_(helper)

    def says(verb, **said):
        sent = {"speaker": "person", "how": "oral", "hands_notice": "on"} | said
        return speaking.post(reverse(f"people:{verb}", args=[person.pk]), sent).status_code

    cell = {"category": "care", "audience": "home_help"}
    assert says("share", choice="consented", **cell) == 409
    assert says("share", choice="opposed", **cell) == 302
    assert says("share", choice="neutral", **cell) == 409  # the end of a refusal opens too
    assert says("process", purpose="coordination", will="refused") == 302
    assert says("process", purpose="coordination", will="accepted") == 409
    assert not persons_of(helper, Category.CARE).exists()
    assert not person.sharings.filter(choice="consented").exists()


def test_a_home_help_takes_no_representative_away(helped):
    person, helper = helped
    guardian = RelativeFactory(person=person, is_representative=True)
    with pytest.raises(Forbidden):
        services.end_relative(actor=helper, relative=guardian, now=NOW)
