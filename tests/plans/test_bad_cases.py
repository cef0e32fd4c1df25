"""Two at once, a plan that changes under an agreement, a word taken back, a life that ends."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from cordee.access.actor import Role
from cordee.kernel.errors import DomainError, Forbidden
from cordee.people import services as people
from cordee.people.models import Person
from cordee.people.rules.processing import Purpose, Will
from cordee.people.rules.sharing import Speaker
from cordee.people.services import Told
from cordee.plans import selectors, services
from cordee.plans.models import Activity, CarePlan, Goal, Need, VersionPart
from cordee.plans.rules.agreement import Decision
from cordee.plans.rules.domains import Domain
from cordee.plans.rules.lines import Answer, Stage
from cordee.plans.rules.states import EndReason
from cordee.plans.services import ActionSaid, EffectSaid, NeedSaid, ReviewSaid, Settled
from tests.factories.directory import (
    AccountFactory,
    MembershipFactory,
    OrganizationFactory,
    PractitionerFactory,
)
from tests.factories.people import PersonAccountFactory, RelativeFactory, joins_circle
from tests.plans.scene import (
    active,
    agreed,
    at,
    begin,
    herself,
    said,
    set_around,
    write,
    write_need,
)
from tests.support import NOW, actor, coordinator_of, facts, run_jobs

pytestmark = pytest.mark.django_db


@pytest.fixture
def around():
    return set_around()


def refused(code, gesture):
    """Expect a sentence, and give it."""
    with pytest.raises(DomainError) as found:
        gesture()
    assert found.value.code == code
    return found.value.message


# --- two who write -------------------------------------------------------------------------------


def test_the_second_of_two_who_write_keeps_their_words_and_reads_the_other_s(client, around):
    plan = around.open()
    need = write_need(around, plan)
    client.as_(around.coordinator)
    typed = {"domain": "functional", "necessary": "2", "possible": "2", "seen": str(need.version)}
    assert client.post(at("edit", plan.pk, "need", need.pk), typed | {"words": "Chute"}).url

    late = client.post(at("edit", plan.pk, "need", need.pk), typed | {"words": "Tombe la nuit"})
    assert late.status_code == 422
    assert "« Chute »" in late.text.replace("\u00a0", " ")
    assert "Tombe la nuit" in late.text
    need.refresh_from_db()
    assert need.words == "Chute"

    seen = late.text.split('name="seen" value="')[1].split('"')[0]
    again = typed | {"words": "Chute, et tombe la nuit", "seen": seen}
    assert client.post(at("edit", plan.pk, "need", need.pk), again).status_code == 302
    need.refresh_from_db()
    assert need.words == "Chute, et tombe la nuit"


def test_the_second_of_two_who_settle_an_objective_reads_what_the_other_said(client, around):
    plan, step = active(around)
    page = at("settle", plan.pk, step.goal_id)
    client.as_(around.coordinator)
    seen = read_version(client.get(page))
    first = {"stage": "not_reached", "outcome": "Les marches sont trop hautes", "seen": seen}
    assert client.post(page, first).status_code == 302
    goal = Goal.objects.get()
    assert goal.outcome == "Les marches sont trop hautes"

    typed = {"stage": "reached", "outcome": "Elle sort seule"}
    late = client.post(page, typed | {"seen": seen})
    assert late.status_code == 422
    assert "non atteint\u00a0: Les marches sont trop hautes" in late.text
    assert "Elle sort seule" in late.text
    goal.refresh_from_db()
    assert (goal.stage, goal.outcome) == ("not_reached", "Les marches sont trop hautes")

    again = typed | {"seen": read_version(late)}
    assert client.post(page, again).status_code == 302
    goal.refresh_from_db()
    assert (goal.stage, goal.outcome) == ("reached", "Elle sort seule")


def read_version(page):
    """The version of the row that a form says it read."""
    return page.text.split('name="seen" value="')[1].split('"')[0]


# --- agreeing to what was shown ------------------------------------------------------------------


def test_an_agreement_to_a_version_that_changed_is_refused_with_a_sentence(client, around):
    plan = around.open()
    write(around, plan)
    services.propose(actor=around.coordinator, plan=plan, now=NOW)
    plan.refresh_from_db()
    write_need(around, plan)
    refused("plans.changed_since", lambda: said(around, plan, Decision.AGREED))

    client.as_(around.coordinator)
    assert "Le plan a changé depuis" in client.get(at("agreement", plan.pk)).text
    services.propose(actor=around.coordinator, plan=plan, now=NOW)
    plan.refresh_from_db()
    said(around, plan, Decision.AGREED)


def test_what_was_shown_on_a_screen_left_open_is_not_what_is_agreed_to(around):
    plan = around.open()
    write(around, plan)
    services.propose(actor=around.coordinator, plan=plan, now=NOW)
    plan.refresh_from_db()
    old = selectors.shown_of(around.coordinator, plan)
    write_need(around, plan)
    services.propose(actor=around.coordinator, plan=plan, now=NOW)
    plan.refresh_from_db()
    word = services.Word(Decision.AGREED, old.version.number, old.digest)
    gesture = lambda: services.say(actor=around.coordinator, plan=plan, word=word, now=NOW)  # noqa: E731
    refused("plans.changed_since", gesture)


def test_what_changed_after_the_agreement_does_not_begin(around):
    plan, step = agreed(around)
    typed = services.DeedSaid(words="Courir", goal=step.goal, choice="herself")
    services.write_action(actor=around.coordinator, plan=plan, said=typed, line=step, now=NOW)
    refused("plans.changed_since", lambda: begin(around, plan))
    step.refresh_from_db()
    assert step.phase == "proposed"


def test_what_is_added_to_a_plan_under_way_waits_for_its_own_agreement(around):
    plan, step = active(around)
    added = write(around, plan, choice="herself")
    assert (step.phase, added.phase) == ("active", "proposed")
    services.propose(actor=around.coordinator, plan=plan, now=NOW)
    plan.refresh_from_db()
    assert (plan.state, plan.in_force) == ("proposed", 1)
    step.refresh_from_db()
    assert step.phase == "active"
    said(around, plan, Decision.REFUSED)
    plan.refresh_from_db()
    added.refresh_from_db()
    assert (plan.state, plan.in_force, added.phase) == ("active", 1, "proposed")


def test_an_action_under_way_is_not_rewritten(around):
    plan, step = active(around)
    typed = services.DeedSaid(words="Courir", goal=step.goal, choice="herself")
    write_again = lambda: services.write_action(  # noqa: E731
        actor=around.coordinator, plan=plan, said=typed, line=step, now=NOW
    )
    refused("plans.under_way", write_again)
    take = lambda: services.take_away(actor=around.coordinator, plan=plan, line=step, now=NOW)  # noqa: E731
    refused("plans.under_way", take)


def test_a_plan_is_proposed_once_everything_is_written(around):
    plan = around.open()
    sentence = refused(
        "plans.not_ready",
        lambda: services.propose(actor=around.coordinator, plan=plan, now=NOW),
    )
    assert "souhaits" in sentence
    write(around, plan, choice="")
    plan.refresh_from_db()
    sentence = refused(
        "plans.not_ready",
        lambda: services.propose(actor=around.coordinator, plan=plan, now=NOW),
    )
    assert "la fait ou la confie" in sentence


# --- taking back, refusing -----------------------------------------------------------------------


def test_taking_the_agreement_back_stops_everything_at_once(around):
    plan, step = active(around)
    said(around, plan, Decision.WITHDRAWN, words="Je ne veux plus")
    plan.refresh_from_db()
    step.refresh_from_db()
    assert (plan.state, plan.in_force, plan.review_on) == ("refused", None, None)
    assert (step.phase, step.next_on) == ("stopped", None)
    kinds = [line["kind"] for line in facts(thread=around.person.pk)][-2:]
    assert kinds == ["plans.action_stopped", "plans.plan_refused"]


def test_a_refused_plan_begins_nothing_and_may_be_written_again(around):
    plan = around.open()
    write(around, plan)
    services.propose(actor=around.coordinator, plan=plan, now=NOW)
    plan.refresh_from_db()
    said(around, plan, Decision.REFUSED)
    plan.refresh_from_db()
    assert plan.state == "refused"
    refused("plans.state", lambda: begin(around, plan))
    services.propose(actor=around.coordinator, plan=plan, now=NOW)
    plan.refresh_from_db()
    assert plan.state == "proposed"


# --- who speaks ----------------------------------------------------------------------------------


def proposed(around):
    plan = around.open()
    write(around, plan)
    services.propose(actor=around.coordinator, plan=plan, now=NOW)
    plan.refresh_from_db()
    return plan


def test_the_person_of_trust_is_heard_and_does_not_agree_for_her(around):
    plan = proposed(around)
    trusted = RelativeFactory(person=around.person, is_trusted=True)
    by = {"speaker": Speaker.TRUSTED, "relative": trusted}
    sentence = refused("plans.speaker", lambda: said(around, plan, Decision.AGREED, **by))
    assert "la personne" in sentence
    said(around, plan, Decision.DISCUSSED, **by)
    plan.refresh_from_db()
    assert plan.state == "discussed"


def test_for_a_protected_adult_who_represents_her_agrees():
    around = set_around(protection="guarded")
    plan = proposed(around)
    refused("plans.speaker", lambda: said(around, plan, Decision.AGREED))
    guardian = RelativeFactory(person=around.person, is_representative=True)
    by = {"speaker": Speaker.REPRESENTATIVE, "relative": guardian}
    said(around, plan, Decision.AGREED, **by)
    plan.refresh_from_db()
    assert plan.state == "agreed"


def test_for_who_cannot_speak_and_has_nobody_no_plan_begins():
    around = set_around(unable_since=date(2026, 11, 1))
    plan = proposed(around)
    sentence = refused("plans.speaker", lambda: said(around, plan, Decision.AGREED))
    assert "Personne ne peut donner cet accord" in sentence


def test_a_relative_is_not_a_guardian_by_saying_so():
    around = set_around(protection="guarded")
    plan = proposed(around)
    cousin = RelativeFactory(person=around.person)
    by = {"speaker": Speaker.REPRESENTATIVE, "relative": cousin}
    refused("plans.speaker", lambda: said(around, plan, Decision.AGREED, **by))


def test_from_her_own_space_a_guardian_speaks_as_who_they_are(client):
    from cordee.access.actor import Actor, Role
    from cordee.access.actor import Purpose as For

    around = set_around(protection="guarded")
    plan = proposed(around)
    guardian = RelativeFactory(person=around.person, is_representative=True)
    other = RelativeFactory(person=around.person, is_representative=True, name="Paul")
    space = PersonAccountFactory(person=around.person, relative=other, since=NOW)
    speaks = Actor(
        role=Role.RELATIVE,
        account_id=space.account_id,
        person_ids=frozenset({around.person.pk}),
        purpose=For.OWN,
    )
    by = {"speaker": Speaker.REPRESENTATIVE, "actor": speaks}
    refused("plans.speaker", lambda: said(around, plan, Decision.AGREED, relative=guardian, **by))
    said(around, plan, Decision.AGREED, relative=other, **by)
    plan.refresh_from_db()
    assert plan.state == "agreed"


def test_another_structure_writes_nothing_in_this_plan(around):
    from tests.factories.directory import OrganizationFactory

    plan = around.open()
    other = OrganizationFactory(kind="dac")
    joins_circle(around.person, organization=other, role="coordination")
    stranger = coordinator_of(other, account_id=AccountFactory().pk)
    need = NeedSaid(words="Autre", domain=Domain.HOUSING)
    with pytest.raises(Forbidden):
        services.write_need(actor=stranger, plan=plan, said=need, now=NOW)


# --- what is hidden ------------------------------------------------------------------------------


def colleague(around):
    """Another coordinator of the same structure."""
    return coordinator_of(around.dac, account_id=AccountFactory(name="Nadia").pk)


def test_a_mental_health_need_is_read_by_its_author_and_by_no_colleague(client, around):
    plan = around.open()
    write(around, plan)
    need = NeedSaid(words="Idées noires le soir", domain=Domain.PSYCHIC)
    services.write_need(actor=around.coordinator, plan=plan, said=need, now=NOW)
    services.propose(actor=around.coordinator, plan=plan, now=NOW)

    pages = [
        at("plan", plan.pk),
        at("paper", plan.pk),
        at("versions", plan.pk),
        at("version", plan.pk, 1),
        at("agreement", plan.pk),
        reverse("web:person", args=[around.person.pk]),
    ]
    for page in pages[:4]:
        assert client.as_(colleague(around)).get(page).status_code == 200
    for page in pages:
        assert "Idées noires" not in client.as_(colleague(around)).get(page).text, page
    for page in pages[:2] + pages[3:5]:
        assert "Idées noires" in client.as_(around.coordinator).get(page).text, page
    assert "Idées noires" in client.as_(herself(around)).get(at("plan", plan.pk)).text


def test_an_agreement_covers_what_was_shown_and_a_hidden_action_stays_proposed(around):
    plan = around.open()
    step = write(around, plan)
    actor_, now = around.coordinator, NOW
    need = services.write_need(
        actor=actor_, plan=plan, said=NeedSaid(words="Triste", domain=Domain.PSYCHIC), now=now
    )
    goal = services.write_goal(
        actor=actor_,
        plan=plan,
        said=services.GoalSaid(words="Aller mieux", voice="person", need=need),
        now=now,
    )
    deed = services.DeedSaid(
        words="Voir le psychologue", goal=goal, choice="herself", first_on=date(2026, 12, 3)
    )
    hidden = services.write_action(actor=actor_, plan=plan, said=deed, now=now)
    services.propose(actor=actor_, plan=plan, now=now)
    plan.refresh_from_db()
    said(around, plan, Decision.AGREED, actor=colleague(around))
    plan.refresh_from_db()
    begin(around, plan)
    step.refresh_from_db()
    hidden.refresh_from_db()
    assert (step.phase, hidden.phase) == ("active", "proposed")

    told = [line["data"] for line in facts(thread=around.person.pk)]
    assert not [one for one in told if str(hidden.pk) in str(one)]


def test_what_is_hidden_leaves_no_shadow_in_what_a_colleague_is_told_of_changes(client, around):
    plan = around.open()
    write(around, plan)
    services.propose(actor=around.coordinator, plan=plan, now=NOW)
    plan.refresh_from_db()
    need = NeedSaid(words="Idées noires", domain=Domain.PSYCHIC)
    services.write_need(actor=around.coordinator, plan=plan, said=need, now=NOW)
    assert "a changé" in client.as_(around.coordinator).get(at("plan", plan.pk)).text
    assert "a changé" not in client.as_(colleague(around)).get(at("plan", plan.pk)).text
    said(around, plan, Decision.AGREED, actor=colleague(around))


# --- lives ---------------------------------------------------------------------------------------


def ended(plan):
    plan.refresh_from_db()
    return plan.state, plan.end_reason, Activity.objects.filter(phase="active").exists()


def test_a_death_ends_the_plan_and_its_actions(around):
    plan, _ = active(around)
    person = Person.objects.get(pk=around.person.pk)
    people.declare_death(
        actor=around.coordinator, person=person, deceased_on=date(2026, 11, 20), now=NOW
    )
    run_jobs()
    assert ended(plan) == ("closed", "deceased", False)
    refused("plans.deceased", around.open)


def test_a_refusal_of_coordination_ends_the_plan(around):
    plan, _ = active(around)
    people.choose_processing(
        actor=around.coordinator,
        person=around.person,
        purpose=Purpose.COORDINATION,
        will=Will.REFUSED,
        told=Told(),
        now=NOW,
    )
    run_jobs()
    assert ended(plan) == ("closed", "shut_out", False)


def test_a_structure_that_leaves_the_circle_leaves_the_plan(around):
    plan, _ = active(around)
    member = around.person.circle.get(organization=around.dac)
    people.leave_circle(actor=around.coordinator, member=member, now=NOW)
    run_jobs()
    assert ended(plan) == ("closed", "shut_out", False)


def test_a_plan_held_by_a_hospital_lasts_as_long_as_the_own_stay_of_its_doctor(around):
    hospital = OrganizationFactory(kind="hospital")
    doctor = PractitionerFactory(profession="10", account=AccountFactory())
    MembershipFactory(account=doctor.account, organization=hospital, role="hospital")
    stay = joins_circle(around.person, practitioner=doctor, role="doctor")
    me = actor(
        Role.HOSPITAL,
        hospital,
        account_id=doctor.account.pk,
        practitioner_id=doctor.pk,
        profession="10",
    )
    plan = services.open_plan(actor=me, person=around.person, now=NOW)
    other = joins_circle(around.person, practitioner=PractitionerFactory(), role="nurse")
    people.leave_circle(actor=around.coordinator, member=other, now=NOW)
    run_jobs()
    plan.refresh_from_db()
    assert plan.is_open
    people.leave_circle(actor=around.coordinator, member=stay, now=NOW)
    run_jobs()
    plan.refresh_from_db()
    assert plan.end_reason == "shut_out"


def test_a_plan_follows_the_record_that_absorbed_hers_and_comes_back(around):
    from cordee.people.services import merge_persons, propose_pair, undo_merge

    double = set_around(birth_name="Lefevre")
    joins_circle(double.person, organization=around.dac, role="coordination")
    plan, _ = active(around)
    pair = propose_pair(
        actor=around.coordinator, person=around.person, other=double.person, now=NOW
    )
    merge = merge_persons(
        actor=around.coordinator, candidate=pair, from_absorbed=frozenset(), now=NOW
    )
    plan.refresh_from_db()
    assert plan.person_id == merge.survivor_id
    assert selectors.get_plan(around.coordinator, plan.pk)
    undo_merge(actor=around.coordinator, merge=merge, now=NOW + timedelta(hours=1))
    plan.refresh_from_db()
    assert plan.person_id == around.person.pk


def test_two_plans_under_way_of_one_structure_keep_two_records_apart(around):
    from cordee.people.services import merge_persons, propose_pair

    double = set_around(birth_name="Lefevre")
    joins_circle(double.person, organization=around.dac, role="coordination")
    around.open()
    services.open_plan(actor=around.coordinator, person=double.person, now=NOW)
    pair = propose_pair(
        actor=around.coordinator, person=around.person, other=double.person, now=NOW
    )
    sentence = refused(
        "people.merge_in_conflict",
        lambda: merge_persons(
            actor=around.coordinator, candidate=pair, from_absorbed=frozenset(), now=NOW
        ),
    )
    assert "plan personnalisé" in sentence


# --- doing, reviewing ----------------------------------------------------------------------------


def test_who_is_to_act_asks_a_question_and_it_is_kept_in_their_words(client, around):
    plan, step = active(around)
    client.as_(herself(around))
    empty = client.post(at("answer", plan.pk, step.pk), {"answer": "question", "words": ""})
    assert empty.status_code == 422
    client.post(at("answer", plan.pk, step.pk), {"answer": "question", "words": "Avec ma canne ?"})
    assert "Avec ma canne" in client.as_(around.coordinator).get(at("plan", plan.pk)).text
    assert facts("plans.action_answered")[-1]["data"]["answer"] == "question"


def test_what_comes_back_has_its_next_day_once_done(around):
    plan = around.open()
    step = write(around, plan, rhythm="weekly", first_on=date(2026, 11, 23))
    services.propose(actor=around.coordinator, plan=plan, now=NOW)
    plan.refresh_from_db()
    said(around, plan, Decision.AGREED)
    plan.refresh_from_db()
    begin(around, plan)
    step.refresh_from_db()
    services.do_action(actor=around.coordinator, activity=step, done_on=date(2026, 11, 23), now=NOW)
    step.refresh_from_db()
    assert (step.phase, step.next_on) == ("active", date(2026, 11, 30))
    tomorrow = lambda: services.do_action(  # noqa: E731
        actor=around.coordinator, activity=step, done_on=date(2026, 11, 24), now=NOW
    )
    refused("plans.done_day", tomorrow)


def test_what_was_done_earlier_and_noted_later_moves_no_day_back(client, around):
    plan = around.open()
    step = write(around, plan, rhythm="weekly", first_on=date(2026, 11, 16))
    services.propose(actor=around.coordinator, plan=plan, now=NOW)
    plan.refresh_from_db()
    said(around, plan, Decision.AGREED)
    plan.refresh_from_db()
    begin(around, plan)
    client.as_(around.coordinator)
    for day in ("23/11/2026", "16/11/2026"):
        sent = client.post(at("done", plan.pk, step.pk), {"done_on": day})
        assert sent.status_code == 302
    step.refresh_from_db()
    assert (step.done_on, step.next_on) == (date(2026, 11, 23), date(2026, 11, 30))
    told = facts("plans.action_done")
    assert [one["data"]["due_on"] for one in told] == ["2026-11-30", "2026-11-30"]


def test_a_review_keeps_both_judgements_side_by_side(client, around):
    plan, step = active(around)
    effect = EffectSaid(step.goal, "worse", "Je fatigue", "better", "Marche mieux")
    services.review(
        actor=around.coordinator,
        plan=plan,
        said=ReviewSaid(NOW.date(), date(2027, 2, 1), effects=[effect]),
        now=NOW,
    )
    plan.refresh_from_db()
    assert (plan.state, plan.review_on) == ("reviewed", date(2027, 2, 1))
    page = client.as_(around.coordinator).get(at("plan", plan.pk)).text
    assert "Moins bien" in page
    assert "Mieux" in page
    assert "Je fatigue" in page


def test_an_objective_that_was_not_reached_is_kept_with_what_happened(client, around):
    plan, step = active(around)
    settle = lambda outcome: services.settle_goal(  # noqa: E731
        actor=around.coordinator,
        plan=plan,
        goal=Goal.objects.get(),
        settled=Settled(Stage.NOT_REACHED, outcome),
        now=NOW,
    )
    refused("plans.outcome", lambda: settle(""))
    settle("Les marches sont trop hautes")
    page = client.as_(around.coordinator).get(at("plan", plan.pk)).text
    fourth = page.split('id="gardes"')[1]
    assert "Les marches sont trop hautes" in fourth


def test_who_may_not_act_does_not_answer(around):
    plan, step = active(around)
    nobody = actor(around.coordinator.role)
    with pytest.raises(Forbidden):
        services.answer(actor=nobody, activity=step, said=ActionSaid(Answer.UNDERSTOOD), now=NOW)


def test_closing_a_plan_by_hand_says_why_and_stops_it(around):
    plan, _ = active(around)
    close = lambda reason: services.close(  # noqa: E731
        actor=around.coordinator, plan=plan, reason=reason, now=NOW
    )
    refused("plans.end", lambda: close(EndReason.DECEASED))
    close(EndReason.REACHED)
    assert ended(plan) == ("closed", "reached", False)
    need = NeedSaid(words="Autre", domain=Domain.HOUSING)
    refused(
        "plans.closed",
        lambda: services.write_need(actor=around.coordinator, plan=plan, said=need, now=NOW),
    )
    assert CarePlan.objects.count() == 1
    assert Need.objects.count() == 1
    assert VersionPart.objects.exists()
