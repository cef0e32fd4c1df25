"""Records that look alike, on the worklist of who may judge them and of nobody else."""

import pytest
from django.urls import reverse

from cordee.access.actor import SYSTEM, Role
from cordee.pathways.models import Task
from cordee.people import jobs, services
from cordee.people.models import Candidate, Evaluation, Merge
from cordee.people.rules.matching import Measure
from cordee.people.rules.sharing import Audience, Category, Choice
from cordee.people.services.choices import Chosen, Told
from tests.factories.directory import AccountFactory, MembershipFactory, OrganizationFactory
from tests.factories.people import PersonFactory, joins_circle, number_of
from tests.support import NOW, actor, coordinator_of, facts, orienteuse_of, run_jobs

pytestmark = pytest.mark.django_db
LINE = "Comparer des fiches qui se ressemblent"
REVIEW = "Relire une réunion automatique de deux fiches"


@pytest.fixture
def desk():
    found = OrganizationFactory()
    MembershipFactory(organization=found, role=Role.ORIENTEUSE)
    return found


@pytest.fixture
def claire(desk):
    return orienteuse_of(desk, account_id=AccountFactory(name="Claire Bonnet").pk)


def twice(*desks, **details):
    written = {"birth_name": "Grandidier", "phone": "+33639980042", "ins": number_of(7)}
    written |= {"ins_oid": "1.2.250.1.213.1.4.10", "territory": desks[0].territory} | details
    one = PersonFactory(**written)
    other = PersonFactory(**written, commune=one.commune)
    for person in (one, other):
        for desk in desks:
            joins_circle(person, organization=desk)
    return one, other


def looked_for():
    jobs.look_for_doubles()
    run_jobs()


def lines(client, who, text=LINE):
    return client.as_(who).get(reverse("pathways:worklist")).text.count(text)


def test_a_desk_that_knows_both_records_has_one_line_that_leads_to_them(client, desk, claire):
    twice(desk)
    twice(desk, birth_name="Zeller", ins=number_of(345), phone="+33639980043")
    looked_for()
    assert Candidate.objects.to_judge().count() == 2
    assert lines(client, claire) == 1
    assert "Sans nom encore" not in client.get(reverse("pathways:worklist")).text
    task = Task.objects.open().get()
    page = client.get(reverse("pathways:open", args=[task.pk]), follow=True)
    assert "GRANDIDIER" in page.text
    assert "ZELLER" in page.text


def test_nobody_else_has_it(client, desk, claire):
    elsewhere, half = OrganizationFactory(), OrganizationFactory()
    for one in (elsewhere, half):
        MembershipFactory(organization=one, role=Role.ORIENTEUSE)
    known, _ = twice(desk)
    joins_circle(known, organization=half)
    looked_for()
    assert Task.objects.open().get().organization_id == desk.pk
    for other in (orienteuse_of(elsewhere), orienteuse_of(half)):
        assert lines(client, other) == 0
    assert lines(client, actor(Role.HOSPITAL, desk)) == 0  # of the same house, and judges no pair
    assert lines(client, coordinator_of(desk)) == 0  # nobody coordinates there


def test_a_refusal_of_coordination_takes_the_line_away_at_once(client, desk, claire):
    _, other = twice(desk)
    looked_for()
    assert lines(client, claire) == 1
    services.choose_sharing(
        actor=claire,
        person=other,
        chosen=Chosen(Choice.OPPOSED, Category.COORDINATION, Audience.COORDINATION),
        told=Told(),
        now=NOW,
    )
    run_jobs()
    assert lines(client, claire) == 0
    looked_for()
    assert lines(client, claire) == 0


def test_the_line_goes_once_all_is_judged_and_comes_back_with_a_merge_undone(client, desk, claire):
    twice(desk)
    looked_for()
    pair = Candidate.objects.get()
    merge = services.merge_persons(actor=claire, candidate=pair, from_absorbed=frozenset(), now=NOW)
    run_jobs()
    assert lines(client, claire) == 0
    services.undo_merge(actor=claire, merge=merge, now=NOW)
    run_jobs()
    assert lines(client, claire) == 1
    services.tell_apart(actor=claire, candidate=pair, now=NOW)
    run_jobs()
    assert lines(client, claire) == 0
    services.judge_again(actor=claire, candidate=pair, now=NOW)
    run_jobs()
    assert lines(client, claire) == 1


def test_looking_again_opens_no_second_line(client, desk, claire):
    twice(desk)
    looked_for()
    looked_for()
    assert lines(client, claire) == 1
    assert len(facts("pathways.task_opened")) == 1


def switched_on():
    services.keep_evaluation(
        actor=SYSTEM,
        measured=services.Measured("a", 40_000, False, [Measure(0.9999, 40_000, 0, 0)]),
        now=NOW,
    )
    evaluation = Evaluation.objects.get()
    who = actor(Role.DPO, account_id=AccountFactory().pk)
    services.switch_on(actor=who, evaluation=evaluation, now=NOW)


def test_what_nobody_decided_waits_to_be_read_again(client, desk, claire):
    switched_on()
    one, _ = twice(desk)
    looked_for()
    assert lines(client, claire) == 0
    assert lines(client, claire, REVIEW) == 1
    task = Task.objects.open().get()
    assert task.person_id == one.pk
    page = client.get(reverse("pathways:open", args=[task.pk]), follow=True)
    assert "Annuler la réunion" in page.text
    client.post(reverse("pathways:settle", args=[task.pk]))
    assert lines(client, claire, REVIEW) == 0


def test_what_was_undone_is_to_be_read_no_more_and_compared_again(client, desk, claire):
    switched_on()
    twice(desk)
    looked_for()
    services.undo_merge(actor=claire, merge=Merge.objects.get(), now=NOW)
    run_jobs()
    assert lines(client, claire, REVIEW) == 0
    assert lines(client, claire) == 1
