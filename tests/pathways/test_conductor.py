"""One rope: a request qualified is searched, found, told, confirmed; nothing is left to nobody."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from cordee.access.actor import SYSTEM, Role
from cordee.access.policy import is_allowed
from cordee.broker import services as broker
from cordee.broker.models import Invitation, Solicitation
from cordee.directory import services as directory
from cordee.intake import services as intake
from cordee.kernel.facts import listeners_of, stored
from cordee.pathways import jobs, orders
from cordee.pathways.models import Task
from cordee.people import services as people
from cordee.people.rules.emergency import Attestation, Motive
from tests.factories.broker import nurse
from tests.factories.directory import (
    AccountFactory,
    MembershipFactory,
    OrganizationFactory,
    PractitionerFactory,
)
from tests.factories.intake import CareRequestFactory
from tests.factories.pathways import TaskFactory
from tests.factories.people import BORN, PersonFactory, joins_circle
from tests.support import actor, coordinator_of, orienteuse_of, run_jobs, speaking_as

pytestmark = pytest.mark.django_db
CLAIM = people.Claim(
    attestation=Attestation(True, True, "Retrouvée au sol, confuse."),
    motive=Motive.CONFUSED,
    birth_name="Lefèvre",
    first_name="Berthe",
    birth_date=BORN,
)


def waiting(request) -> set[str]:
    return set(
        Task.objects.open().about(f"intake/request/{request.pk}").values_list("kind", flat=True)
    )


def tasks_of(request) -> dict:
    """Each open task of a request, with whose it is."""
    opened = Task.objects.open().about(f"intake/request/{request.pk}")
    return dict(opened.values_list("kind", "assignee_id"))


def qualify(request, orienteuse, now):
    intake.qualify(actor=orienteuse, request=request, now=now)
    run_jobs()
    request.refresh_from_db()
    return Solicitation.objects.filter(origin=f"intake/request/{request.pk}").last()


def say_yes(search, now):
    invitation = Invitation.objects.filter(solicitation=search).first()
    winner = speaking_as(invitation.practitioner, account_id=None)
    broker.accept(actor=winner, invitation=invitation, now=now)
    run_jobs()
    return invitation


def test_a_qualified_request_is_searched_and_followed(request_, orienteuse, now):
    nurse()

    search = qualify(request_, orienteuse, now)

    assert search.state == "open"
    assert search.kinds == ["injection"]
    assert "Code 12B" in search.arrival_notes
    assert request_.state == "searching"
    assert waiting(request_) == {"await_answer"}
    assert Invitation.objects.filter(solicitation=search).count() == 1


def test_a_yes_is_told_to_the_requester_then_confirmed_then_closed(request_, orienteuse, now):
    nurse()
    search = qualify(request_, orienteuse, now)

    invitation = say_yes(search, now)
    request_.refresh_from_db()
    assert (request_.state, request_.practitioner_id) == ("found", invitation.practitioner_id)
    assert waiting(request_) == {"call_back"}

    intake.tell(
        actor=orienteuse,
        request=request_,
        said=intake.Told(how="call", result="reached"),
        now=timezone.now(),
    )
    run_jobs()
    assert waiting(request_) == set()

    search.refresh_from_db()
    broker.confirm_care(
        actor=speaking_as(invitation.practitioner, account_id=None),
        invitation=invitation,
        first_visit_at=now + timedelta(hours=20),
        now=now,
    )
    run_jobs()
    request_.refresh_from_db()
    assert request_.state == "confirmed"
    assert request_.first_visit_on == timezone.localtime(now + timedelta(hours=20)).date()


def test_nobody_brings_the_request_back_with_proposals_and_a_call_to_make(
    request_, orienteuse, now
):
    search = qualify(request_, orienteuse, now)

    assert search.state == "exhausted"
    request_.refresh_from_db()
    assert "phone" in request_.proposals
    assert waiting(request_) == {"choose_alternative"}


def test_a_withdrawal_reopens_the_search_and_says_so(request_, orienteuse, now):
    nurse()
    nurse()
    search = qualify(request_, orienteuse, now)
    invitation = say_yes(search, now)

    broker.withdraw(
        actor=speaking_as(invitation.practitioner, account_id=None), invitation=invitation, now=now
    )
    run_jobs()

    request_.refresh_from_db()
    assert (request_.state, request_.practitioner_id) == ("searching", None)
    assert waiting(request_) == {"tell_withdrawal", "await_answer"}
    again = Solicitation.objects.open().get(origin=search.origin)
    assert invitation.practitioner_id in again.excluded


def test_death_stops_the_search_and_leaves_a_task_to_an_owner(request_, orienteuse, now):
    nurse()
    search = qualify(request_, orienteuse, now)

    people.declare_death(
        actor=orienteuse, person=request_.person, deceased_on=timezone.localdate(now), now=now
    )
    run_jobs()

    search.refresh_from_db()
    request_.refresh_from_db()
    assert search.state == "cancelled"
    assert request_.state == "cancelled"
    assert "review_stopped" in waiting(request_)
    assert "await_answer" not in waiting(request_)


def test_a_fact_heard_twice_changes_nothing_more(request_, orienteuse, now):
    nurse()
    search = qualify(request_, orienteuse, now)
    say_yes(search, now)
    before = counts()
    request_.refresh_from_db()
    version = request_.version

    for line in every_line():
        if listeners_of(stored(line).kind):
            jobs.on_the_rope(fact=stored(line))

    run_jobs()
    request_.refresh_from_db()
    assert (counts(), request_.version) == (before, version)


def counts() -> list[int]:
    return [table.objects.count() for table in (Task, Solicitation, Invitation)]


def every_line():
    from cordee.kernel.models import FactHeader

    return list(FactHeader.objects.order_by("id").values_list("id", flat=True))


def test_a_hold_for_the_samu_stops_the_search_until_released(request_, orienteuse, now):
    nurse()
    search = qualify(request_, orienteuse, now)

    intake.hold_for_samu(actor=orienteuse, request=request_, signs=[], now=now)
    run_jobs()
    search.refresh_from_db()
    assert search.state == "cancelled"
    assert waiting(request_) == {"release_hold"}

    request_.refresh_from_db()
    intake.release(actor=orienteuse, request=request_, reason="Le SAMU a rassuré.", now=now)
    run_jobs()
    assert "release_hold" not in waiting(request_)


def test_every_alternative_of_the_broker_has_words_at_the_desk():
    assert set(orders.PROPOSALS) == set(orders.Alternative)


def test_an_emergency_access_is_reviewed_by_the_coordinator_and_the_dpo(request_, desk, now):
    coordinator, dpo = AccountFactory(), AccountFactory()
    MembershipFactory(
        account=coordinator, organization=desk, role="coordinator", since=date(2026, 1, 1)
    )
    MembershipFactory(account=dpo, organization=desk, role="dpo", since=date(2026, 1, 1))
    fact = type(
        "Fact",
        (),
        {
            "thread_id": request_.person_id,
            "data": {
                "grant_id": "01900000-0000-7000-8000-000000000001",
                "coordinator_account_id": str(coordinator.pk),
                "review_due_at": (now + timedelta(days=7)).isoformat(),
            },
        },
    )

    jobs.on_emergency(fact=fact)
    jobs.on_emergency(fact=fact)

    tasks = Task.objects.filter(kind="review_emergency").order_by("role")
    assert [(task.role, task.assignee_id) for task in tasks] == [
        ("", coordinator.pk),
        (Role.DPO.value, None),
    ]
    assert all(task.person_id is None for task in tasks)


def test_without_an_account_of_reference_the_structure_of_reference_examines(request_, now):
    dac = OrganizationFactory(kind="dac")
    joins_circle(request_.person, organization=dac, is_reference=True)
    data = {
        "grant_id": "01900000-0000-7000-8000-000000000002",
        "coordinator_account_id": None,
        "review_due_at": (now + timedelta(days=7)).isoformat(),
    }
    jobs.on_emergency(fact=type("Fact", (), {"thread_id": request_.person_id, "data": data}))
    task = Task.objects.get(kind="review_emergency")
    assert (task.organization, task.role, task.assignee) == (dac, Role.COORDINATOR.value, None)


def opened_in_emergency(person, now, number=3):
    data = {
        "grant_id": f"01900000-0000-7000-8000-00000000000{number}",
        "coordinator_account_id": None,
        "review_due_at": (now + timedelta(days=7)).isoformat(),
    }
    return type("Fact", (), {"thread_id": person.pk, "data": data})


def opened_for(person, now):
    """An access that a doctor of no circle opened on somebody, by her exact traits."""
    doctor = speaking_as(PractitionerFactory(profession="10"), account_id=AccountFactory().pk)
    claim = replace(
        CLAIM,
        birth_name=person.birth_name,
        first_name=person.first_name,
        birth_date=person.birth_date,
    )
    return people.open_emergency(actor=doctor, claim=claim, now=now)


def test_an_emergency_access_outside_any_circle_is_given_to_who_can_examine_and_tell(client, now):
    berthe = PersonFactory(birth_name="Lefèvre")
    OrganizationFactory(kind="sio", territory=berthe.territory)  # its nurses could not open it
    house = OrganizationFactory(kind="dac")
    MembershipFactory(organization=house, role="dpo", since=date(2026, 1, 1))
    doctor = speaking_as(PractitionerFactory(profession="10"), account_id=AccountFactory().pk)
    grant = people.open_emergency(actor=doctor, claim=CLAIM, now=now)
    run_jobs()

    for kind in ("review_emergency", "tell_emergency"):
        task = Task.objects.get(kind=kind)
        assert (task.organization, task.role) == (house, Role.DPO.value)
        dpo = actor(Role(task.role), task.organization)
        page = client.as_(dpo).get(reverse("people:emergency_review", args=[grant.pk]))
        assert page.status_code == 200
        assert is_allowed(dpo, f"people.{kind}", grant)


def test_every_dpo_concerned_is_told_of_an_emergency_access(now):
    person = PersonFactory()
    houses = [OrganizationFactory(kind=kind) for kind in ("hospital", "dac")]
    for house in houses:
        joins_circle(person, organization=house)
        MembershipFactory(organization=house, role="dpo", since=date(2026, 1, 1))
    apart = MembershipFactory(role="dpo", since=date(2026, 1, 1)).organization
    fact = opened_in_emergency(person, now)

    jobs.on_emergency(fact=fact)
    jobs.on_emergency(fact=fact)

    for kind in ("review_emergency", "tell_emergency"):
        asked = Task.objects.open().filter(kind=kind, role=Role.DPO.value)
        assert {one.organization for one in asked} == set(houses)
        assert asked.count() == 2
    assert not Task.objects.filter(organization=apart).exists()
    jobs.on_emergency_told(fact=fact)
    jobs.on_emergency_reviewed(fact=fact)
    assert not Task.objects.open().exists()


@pytest.mark.parametrize("kind", ["review_emergency", "tell_emergency"])
def test_without_any_dpo_the_coordinators_of_the_territory_examine_and_tell(kind, client, now):
    berthe = PersonFactory(birth_name="Lefèvre")
    sio = OrganizationFactory(kind="sio", territory=berthe.territory)
    elsewhere = OrganizationFactory(kind="sio")
    coordinator = MembershipFactory(organization=sio, role="coordinator", since=date(2026, 1, 1))
    doctor = speaking_as(PractitionerFactory(profession="10"), account_id=AccountFactory().pk)
    grant = people.open_emergency(actor=doctor, claim=CLAIM, now=now)
    run_jobs()

    task = Task.objects.get(kind=kind)
    assert (task.organization, task.role) == (sio, Role.COORDINATOR.value)
    examiner = coordinator_of(sio, account_id=coordinator.account_id)
    assert Task.objects.visible_to(examiner).filter(pk=task.pk).exists()
    address = reverse("people:emergency_review", args=[grant.pk])
    assert client.as_(coordinator_of(elsewhere)).get(address).status_code == 404
    assert client.as_(orienteuse_of(sio)).get(address).status_code == 404
    client.as_(examiner)
    assert client.get(address).status_code == 200
    gestures = {
        "review_emergency": (address, {"outcome": "justified", "words": "Chute."}),
        "tell_emergency": (reverse("people:tell_emergency", args=[grant.pk]), {"how": "Appel."}),
    }
    where, data = gestures[kind]
    assert client.post(where, data).status_code == 302
    run_jobs()
    assert not Task.objects.open().filter(kind=kind).exists()


def test_the_coordinator_of_reference_is_joined_by_those_of_the_territory_when_no_dpo_is(now):
    person = PersonFactory()
    sio = OrganizationFactory(kind="sio", territory=person.territory)
    MembershipFactory(organization=sio, role="coordinator", since=date(2026, 1, 1))
    dac = OrganizationFactory(kind="dac")
    joins_circle(person, organization=dac, is_reference=True)
    grant = opened_for(person, now)
    run_jobs()

    told = Task.objects.open().filter(kind="review_emergency")
    assert {one.organization for one in told} == {dac, sio}
    assert grant.examiner == sio


def test_the_person_is_still_to_be_told_once_the_access_is_examined(now):
    person = PersonFactory()
    dac = OrganizationFactory(kind="dac")
    joins_circle(person, organization=dac, is_reference=True)
    fact = opened_in_emergency(person, now)
    jobs.on_emergency(fact=fact)

    jobs.on_emergency_reviewed(fact=fact)

    assert [one.kind for one in Task.objects.open().order_by("pk")] == ["tell_emergency"]
    jobs.on_emergency_told(fact=fact)
    assert not Task.objects.open().exists()


def test_the_tasks_of_who_left_go_back_to_the_team(request_, desk, now):
    leaving = MembershipFactory(organization=desk, role=Role.ORIENTEUSE)
    elsewhere = MembershipFactory(account=leaving.account)
    held = TaskFactory(organization=desk, assignee=leaving.account)
    kept = TaskFactory(organization=elsewhere.organization, assignee=leaving.account)

    directory.end_membership(
        actor=SYSTEM, membership=leaving, last_day=now.date() - timedelta(days=1), now=now
    )
    run_jobs()

    held.refresh_from_db()
    kept.refresh_from_db()
    assert (held.state, held.assignee) == ("open", None)
    assert kept.assignee == leaving.account


def test_a_request_of_who_left_asks_the_team(desk, orienteuse, now):
    request = CareRequestFactory(
        organization=desk, owner=AccountFactory(), kind="injection", delay="planned"
    )

    qualify(request, orienteuse, now)

    assert [task.assignee for task in Task.objects.open()] == [None]
