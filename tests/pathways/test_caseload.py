"""Who follows whom, what it weighs, and many that change hands together: nobody is left aside."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError
from django.urls import reverse

from cordee.access.actor import Role
from cordee.access.models import Account
from cordee.assessments.rules import kept
from cordee.assessments.rules.instruments import coordination
from cordee.kernel.errors import DomainError
from cordee.pathways import caseload, services
from cordee.pathways.models import HandOver, Task
from cordee.pathways.policy import OWN
from cordee.pathways.rules.caseload import weight
from cordee.pathways.services import Handing
from cordee.plans.models import CarePlan
from tests.factories.assessments import QuestionnaireFactory, ResponseFactory
from tests.factories.directory import AccountFactory, MembershipFactory
from tests.factories.pathways import HandOverFactory, TaskFactory
from tests.plans.scene import active, set_around
from tests.support import NOW, actor, arranging, coordinator_of, facts, run_jobs, simultaneously

pytestmark = pytest.mark.django_db
LIST = "/a-faire/charge"


@pytest.fixture
def team():
    """Ahmed, who holds a plan under way with its tasks, and Karim beside him."""
    return made_up()


class Team:
    """Who is there."""

    def __init__(self, around):
        self.around = around
        self.plan, _ = active(around)
        self.giver = Account.objects.get(pk=around.coordinator.account_id)
        with arranging():
            self.plan.referent = self.giver
            self.plan.save()
        run_jobs()
        self.ahmed, self.dac = around.coordinator, around.dac
        member = MembershipFactory(
            account=self.giver, organization=self.dac, role="coordinator", since="2026-01-05"
        )
        self.membership = member
        other = MembershipFactory(
            organization=self.dac, role="coordinator", account__name="Karim Haddad"
        )
        self.karim = other.account
        for task in Task.objects.open():
            with arranging():
                task.assignee = self.giver
                task.save()

    def asked(self, **details):
        """The person, given to Karim, unless said otherwise."""
        usual = {"persons": (self.around.person.pk,), "reason": "load", "receiver": self.karim}
        return Handing(giver=self.giver, **usual | details)

    def give(self, **details):
        """Have Ahmed give."""
        return services.reassign(actor=self.ahmed, asked=self.asked(**details), now=NOW)


def made_up():
    return Team(set_around())


def evaluated(person, points, category="care", **more):
    """A coordination need of so many points out of thirty."""
    result = coordination.scale(NOW.date()).result(Decimal(points), ())
    instrument = QuestionnaireFactory(url=caseload.NEED, category=category)
    return ResponseFactory(
        person=person, questionnaire=instrument, results=kept.written([result]), **more
    )


def load_of(found, account):
    return next(one for one in found if one.account == account)


def test_a_person_weighs_by_her_evaluation_else_by_what_waits():
    day = NOW.date()
    assert [weight(band, 9, day).points for band in ("one-off", "simple", "sustained")] == [1, 2, 3]
    assert weight("intense", 0, day).points == 4
    assert [weight("", waiting, day).points for waiting in (0, 2, 3, 6, 9, 90)] == [
        1,
        1,
        2,
        3,
        4,
        4,
    ]
    assert not weight("unheard of", 3, day).is_evaluated


def test_the_team_sees_who_follows_whom_and_what_it_weighs(client, team):
    evaluated(team.around.person, 17)
    shown = client.as_(team.ahmed).get(LIST)
    assert shown.status_code == 200
    assert LIST in client.get("/a-faire").text
    for words in ("Ahmed Diallo", "Karim Haddad", "usage local"):
        assert words in shown.text
    mine = load_of(caseload.caseload(team.ahmed, NOW), team.giver)
    assert (mine.weight, mine.evaluated, len(mine.people), mine.tasks) == (3, 1, 1, 2)
    assert mine.late == 0
    later = NOW + timedelta(days=200)
    assert load_of(caseload.caseload(team.ahmed, later), team.giver).late == 2


def test_an_evaluation_that_one_may_not_read_weighs_nothing(team):
    evaluated(team.around.person, 30, category="mental_health")
    mine = load_of(caseload.caseload(team.ahmed, NOW), team.giver)
    assert (mine.weight, mine.evaluated) == (1, 0)


def test_a_person_and_all_that_waits_about_her_change_hands_together(client, team):
    client.as_(team.ahmed)
    address = f"{LIST}/{team.giver.pk}"
    assert team.around.person.full_name in client.get(address).text
    sent = {"persons": str(team.around.person.pk), "to": str(team.karim.pk), "reason": "leaving"}
    got = client.post(address, sent)
    made = HandOver.objects.get()
    assert got.url == reverse("pathways:handed_over", args=[made.pk])
    assert (made.tasks_moved, made.plans_moved, made.refused) == (2, 1, [])
    assert "départ de l’équipe" in client.get(got.url).text
    team.plan.refresh_from_db()
    assert team.plan.referent == team.karim
    assert {one.assignee for one in Task.objects.open()} == {team.karim}
    assert facts("plans.plan_handed_over")


def test_who_receives_is_told_and_who_gave_too_unless_it_was_they(client, team):
    team.give()
    run_jobs()
    told = Task.objects.open().filter(kind__in=("read_received", "read_given"))
    assert [(one.kind, one.assignee) for one in told] == [("read_received", team.karim)]
    karim = coordinator_of(team.dac, account_id=team.karim.pk, name="Karim")
    opened = client.as_(karim).get(reverse("pathways:open", args=[told.get().pk]))
    assert client.get(opened.url).status_code == 200
    assert client.post(reverse("pathways:settle", args=[told.get().pk])).status_code == 303


def test_nothing_chosen_or_nobody_to_receive_is_said_and_nothing_moves(client, team):
    client.as_(team.ahmed)
    address = f"{LIST}/{team.giver.pk}"
    nothing = client.post(address, {"to": str(team.karim.pk), "reason": "load"})
    assert nothing.status_code == 422
    assert "Cochez au moins" in nothing.text
    themselves = {"persons": str(team.around.person.pk), "to": str(team.giver.pk), "reason": "load"}
    assert client.post(address, themselves).status_code == 422
    with pytest.raises(DomainError, match="autre membre"):
        team.give(receiver=MembershipFactory(role="coordinator").account)
    assert not HandOver.objects.exists()


def test_what_cannot_be_given_is_said_on_the_form_which_keeps_what_was_chosen(client, team):
    taken = Task.objects.open().order_by("pk").first()
    services.hand_over(actor=team.ahmed, task=taken, to=team.karim, now=NOW)
    sent = {"tasks": str(taken.pk), "to": str(team.karim.pk), "reason": "load", "words": "Congés"}
    told = client.as_(team.ahmed).post(f"{LIST}/{team.giver.pk}", sent)
    assert told.status_code == 422
    assert "Rien n’a changé de mains" in told.text
    assert "Congés" in told.text
    assert not HandOver.objects.exists()


def test_what_was_settled_or_taken_since_stays_and_is_listed(client, team):
    taken, ended = Task.objects.open().order_by("pk")
    services.hand_over(actor=team.ahmed, task=taken, to=team.karim, now=NOW)
    with arranging():
        ended.state, ended.settled_at = Task.State.DROPPED, NOW
        ended.save()
    made = team.give(tasks=(taken.pk, ended.pk))
    assert {line["why"] for line in made.refused} == {"moved", "settled"}
    page = client.as_(team.ahmed).get(reverse("pathways:handed_over", args=[made.pk])).text
    assert "quelqu’un d’autre s’en occupe depuis" in page
    with pytest.raises(DomainError, match="Rien n’a changé de mains"):
        team.give(tasks=(taken.pk, ended.pk), persons=())


def test_a_task_kept_for_a_role_does_not_go_to_who_has_another(team):
    kept_for = TaskFactory(
        organization=team.dac, person=team.around.person, assignee=team.giver, role="coordinator"
    )
    MembershipFactory(account=team.karim, organization=team.dac, role="hospital")
    nurse = MembershipFactory(organization=team.dac, role="hospital").account
    made = team.give(receiver=nurse)
    assert [line["why"] for line in made.refused] == ["reserved"]
    kept_for.refresh_from_db()
    assert kept_for.assignee == team.giver


def test_what_is_ones_own_is_neither_offered_nor_moved_nor_listed(client, team):
    own = TaskFactory(organization=team.dac, assignee=team.giver, role=OWN, kind="read_note")
    page = client.as_(team.ahmed).get(f"{LIST}/{team.giver.pk}").text
    assert str(own.pk) not in page
    made = team.give(tasks=(own.pk,))
    assert made.refused == []
    own.refresh_from_db()
    assert own.assignee == team.giver


def test_a_refused_line_that_one_may_not_see_is_not_shown(client, team):
    hidden = TaskFactory(organization=team.dac, assignee=team.karim, role="dpo")
    made = team.give()
    with arranging():
        HandOver.objects.update(refused=[{"pk": str(hidden.pk), "why": "moved"}])
    page = client.as_(team.ahmed).get(reverse("pathways:handed_over", args=[made.pk])).text
    assert "Resté où c’était" not in page


def test_what_somebody_who_left_had_is_shown_and_can_be_given(client, team):
    with arranging():
        team.membership.until = NOW.date() - timedelta(days=1)
        team.membership.save()
    karim = coordinator_of(team.dac, account_id=team.karim.pk, name="Karim")
    assert "N’est plus de l’équipe" in client.as_(karim).get(LIST).text
    made = services.reassign(actor=karim, asked=team.asked(), now=NOW)
    assert (made.plans_moved, made.tasks_moved) == (1, 2)
    assert not CarePlan.objects.exclude(referent=team.karim).exists()


def test_another_structure_sees_none_of_it(client, team):
    made = team.give()
    elsewhere = set_around().coordinator
    client.as_(elsewhere)
    assert "Ahmed Diallo" not in client.get(LIST).text.split("<main", 1)[1].replace(
        elsewhere.name, ""
    )
    got = client.get(f"{LIST}/{team.giver.pk}")
    assert team.around.person.full_name not in got.text
    assert client.get(reverse("pathways:handed_over", args=[made.pk])).status_code == 404
    assert client.as_(actor(role=Role.HOME_HELP)).get(LIST).status_code == 403


@pytest.mark.parametrize(
    ("promise", "traits"),
    [
        ("pathways_hand_over_goes_to_another", {"to_oneself": True}),
        ("pathways_hand_over_moves_something", {"tasks_moved": 0, "plans_moved": 0}),
    ],
)
def test_the_database_keeps_no_hand_over_to_oneself_nor_of_nothing(promise, traits):
    one = AccountFactory()
    if traits.pop("to_oneself", False):
        traits |= {"giver": one, "receiver": one}
    with pytest.raises(IntegrityError, match=promise):
        HandOverFactory(**traits)


@pytest.mark.django_db(transaction=True)
def test_two_who_give_the_same_person_at_once_the_second_is_told_and_nobody_is_lost():
    team = made_up()
    third = MembershipFactory(organization=team.dac, role="coordinator").account
    found = simultaneously(team.give, lambda: team.give(receiver=third))
    refused = [one for one in found if isinstance(one, DomainError)]
    made = [one for one in found if isinstance(one, HandOver)]
    assert (len(refused), len(made)) == (1, 1), found
    team.plan.refresh_from_db()
    assert team.plan.referent == made[0].receiver
    assert {one.assignee for one in Task.objects.open()} == {made[0].receiver}
