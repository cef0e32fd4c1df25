"""The number of a version tells its reader nothing of what is hidden; nor does a review."""

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from cordee.access.actor import Role
from cordee.kernel.errors import DomainError
from cordee.pathways.models import Task
from cordee.plans import selectors, services
from cordee.plans.rules.agreement import Decision
from cordee.plans.rules.domains import Domain
from cordee.plans.rules.rhythms import end_of
from cordee.plans.rules.versions import told_apart
from cordee.plans.services import EffectSaid, ReviewSaid, Word
from tests.factories.directory import OrganizationFactory
from tests.factories.people import joins_circle
from tests.plans.scene import (
    active,
    agree,
    at,
    begin,
    said,
    set_around,
    start,
    write,
    write_goal,
    write_need,
)
from tests.support import NOW, actor, facts, less_marks, run_jobs


@pytest.fixture
def around(db):
    return set_around()


@pytest.fixture
def helper(around):
    """Somebody of the home help of her circle, who reads coordination alone."""
    desk = OrganizationFactory(kind="home_help", territory=around.dac.territory)
    joins_circle(around.person, organization=desk, role="home_help")
    return actor(Role.HOME_HELP, desk)


def hidden_goal(around, plan):
    return write_goal(around, plan, write_need(around, plan, Domain.PSYCHIC))


def agreed_again(around, plan):
    plan.refresh_from_db()
    said(around, plan, Decision.AGREED)
    plan.refresh_from_db()
    begin(around, plan)


def versions(client, reader, plan):
    page = client.as_(reader).get(at("versions", plan.pk)).text.replace("\u00a0", " ")
    return [number for number in range(1, 9) if f'id="v{number}"' in page]


def test_what_is_hidden_makes_no_version_for_who_does_not_read_it(client, around, helper):
    plan, _ = active(around)
    hidden_goal(around, plan)
    start(around, plan)
    assert plan.in_force == 2
    assert versions(client, around.coordinator, plan) == [1, 2]
    assert versions(client, helper, plan) == [1]
    page = client.get(at("paper", plan.pk)).text.replace("\u00a0", " ")
    assert "version 1 en cours" in page
    assert client.get(at("version", plan.pk, 1)).status_code == 200
    assert client.get(at("version", plan.pk, 2)).status_code == 404
    write_need(around, plan)
    start(around, plan)
    assert plan.in_force == 3
    assert versions(client, helper, plan) == [1, 2]
    assert "Version 2 du plan" in client.get(at("version", plan.pk, 2)).text
    assert versions(client, around.coordinator, plan) == [1, 2, 3]


def test_the_page_of_a_version_tells_what_its_line_in_the_history_does(client, around, helper):
    """Since when, and every word: those that were said of a version that its reader sees alike."""
    plan, _ = active(around)
    hidden_goal(around, plan)
    plan.refresh_from_db()
    services.propose(actor=around.coordinator, plan=plan, now=NOW + timedelta(days=40))
    plan.refresh_from_db()
    said(around, plan, Decision.DISCUSSED, words="Elle veut y penser")
    client.as_(helper)
    pages = [client.get(at("versions", plan.pk)).text, client.get(at("version", plan.pk, 1)).text]
    proposed = [re.findall(r"Proposée.*? par ", page) for page in pages]
    assert proposed[0] == proposed[1] != []
    assert ["Elle veut y penser" in page for page in pages] == [True, True]


def on_the_thread(plan):
    return [one["kind"] for one in facts(thread=plan.person_id) if one["kind"].startswith("plans.")]


def test_the_thread_tells_nothing_of_a_version_that_changes_only_what_is_hidden(around):
    plan, _ = active(around)
    before = on_the_thread(plan)
    assert before.count("plans.plan_agreed") == 1
    hidden_goal(around, plan)
    plan.refresh_from_db()
    services.propose(actor=around.coordinator, plan=plan, now=NOW)
    plan.refresh_from_db()
    said(around, plan, Decision.DISCUSSED)
    agreed_again(around, plan)
    assert (plan.state, plan.in_force) == ("active", 2)
    assert on_the_thread(plan) == before
    write_need(around, plan)
    start(around, plan)
    told = ["plans.plan_proposed", "plans.plan_agreed", "plans.plan_activated"]
    assert on_the_thread(plan)[len(before) :] == told


def test_what_is_written_for_all_beside_a_hidden_change_is_told(around):
    plan, _ = active(around)
    before = on_the_thread(plan)
    hidden_goal(around, plan)
    plan.refresh_from_db()
    services.propose(actor=around.coordinator, plan=plan, now=NOW)
    plan.refresh_from_db()
    said(around, plan, Decision.DISCUSSED, words="Elle veut y penser")
    assert on_the_thread(plan)[len(before) :] == ["plans.plan_discussed"]


def test_taking_an_agreement_back_is_told_whatever_was_proposed_since(around):
    plan, _ = active(around)
    hidden_goal(around, plan)
    plan.refresh_from_db()
    services.propose(actor=around.coordinator, plan=plan, now=NOW)
    plan.refresh_from_db()
    withdrawn = Word(Decision.WITHDRAWN, number=1, shown="")
    services.say(actor=around.coordinator, plan=plan, word=withdrawn, now=NOW)
    assert on_the_thread(plan)[-1] == "plans.plan_refused"


def test_what_was_refused_and_is_proposed_again_as_it_was_is_told(around):
    plan = around.open()
    write(around, plan)
    for _ in range(2):
        services.propose(actor=around.coordinator, plan=plan, now=NOW)
        plan.refresh_from_db()
        said(around, plan, Decision.REFUSED)
        plan.refresh_from_db()
    assert on_the_thread(plan).count("plans.plan_proposed") == 2


def test_a_hidden_change_moves_no_review_and_says_so_to_who_begins_it(client, around):
    plan, _ = active(around)
    standing = plan.review_on
    run_jobs()
    hidden_goal(around, plan)
    plan.refresh_from_db()
    services.propose(actor=around.coordinator, plan=plan, now=NOW)
    plan.refresh_from_db()
    said(around, plan, Decision.AGREED)
    page = client.as_(around.coordinator).get(at("plan", plan.pk)).text
    assert f"La révision reste prévue le {standing:%d/%m/%Y}" in page
    assert 'name="review_on"' not in page
    assert client.post(at("activate", plan.pk), {"review_on": "3/5/2027"}).status_code == 302
    plan.refresh_from_db()
    assert (plan.state, plan.in_force, plan.review_on) == ("active", 2, standing)
    run_jobs()
    assert Task.objects.open().get(kind="review_plan").due_at == end_of(standing)


def test_the_review_is_asked_for_on_its_new_day_after_a_change_that_all_read(around):
    plan, _ = active(around)
    run_jobs()
    write_need(around, plan)
    agree(around, plan)
    day = date(2027, 5, 3)
    services.activate(actor=around.coordinator, plan=plan, review_on=day, now=NOW)
    run_jobs()
    assert Task.objects.open().get(kind="review_plan").due_at == end_of(day)


def test_no_page_tells_that_a_hidden_change_waits_or_was_agreed_to(client, around, helper):
    plan, _ = active(around)
    hidden_goal(around, plan)
    plan.refresh_from_db()
    services.propose(actor=around.coordinator, plan=plan, now=NOW + timedelta(days=40))
    plan.refresh_from_db()
    panel = reverse("plans:person_panel", args=[plan.person_id])
    read = [panel, *(at(name, plan.pk) for name in ("plan", "paper", "versions"))]

    def pages(reader):
        client.as_(reader)
        texts = [client.get(one).text.replace("\u00a0", " ") for one in read]
        return [less_marks(one) for one in texts]

    badge = "proposé à la personne"
    assert badge in pages(around.coordinator)[0].lower()
    before = pages(helper)
    assert "Version 2" not in "".join(before)
    assert badge not in before[0].lower()
    assert "Plan mis en œuvre" in before[2]
    said(around, plan, Decision.AGREED, now=NOW + timedelta(days=41))
    plan.refresh_from_db()
    begin(around, plan)
    assert pages(helper) == before
    assert pages(helper)[3].count("noté par") == 1
    assert pages(around.coordinator)[3].count("noté par") == 2


def taken_back_and_agreed_again(around):
    """The same plan, agreed to, taken back before it began, proposed again, and begun."""
    plan = around.open()
    write(around, plan)
    for minutes, decision in enumerate((Decision.AGREED, Decision.WITHDRAWN, Decision.AGREED)):
        if decision == Decision.AGREED:
            plan.refresh_from_db()
            services.propose(actor=around.coordinator, plan=plan, now=NOW)
        plan.refresh_from_db()
        said(around, plan, decision, now=NOW + timedelta(minutes=minutes))
    plan.refresh_from_db()
    begin(around, plan)
    return plan


def test_an_agreement_given_again_after_it_was_taken_back_is_told_to_all(client, around, helper):
    plan = taken_back_and_agreed_again(around)
    for reader in (helper, around.coordinator):
        page = client.as_(reader).get(at("version", plan.pk, 1)).text
        assert page.count("noté par") == 3


def test_a_version_proposed_while_the_history_is_read_waits_for_the_next_reading(around, helper):
    plan, _ = active(around)
    reader = around.coordinator
    numbers = selectors.numbers_of(reader, plan)
    write_need(around, plan)
    plan.refresh_from_db()
    latest = services.propose(actor=reader, plan=plan, now=NOW)
    assert [one.number for one in selectors.history_of(reader, plan, numbers)] == [1]
    assert selectors.last_word(helper, plan, numbers, latest) is None


def test_a_hidden_proposal_leaves_a_plan_that_was_reviewed_as_it_reads(client, around, helper):
    plan, _ = active(around)
    review = ReviewSaid(held_on=NOW.date(), next_on=date(2027, 2, 1), words="Tout va bien.")
    services.review(actor=around.coordinator, plan=plan, said=review, now=NOW)
    panel = reverse("plans:person_panel", args=[plan.person_id])

    def read():
        plan.refresh_from_db()
        client.as_(helper)
        texts = [client.get(one).text for one in (panel, at("paper", plan.pk))]
        return [less_marks(one) for one in texts]

    before = read()
    assert all("révisé" in page.lower() for page in before)
    hidden_goal(around, plan)
    plan.refresh_from_db()
    services.propose(actor=around.coordinator, plan=plan, now=NOW)
    assert read() == before
    said(around, plan, Decision.REFUSED)
    assert plan.state == "proposed"
    assert read() == before
    services.propose(actor=around.coordinator, plan=plan, now=NOW)
    plan.refresh_from_db()
    said(around, plan, Decision.AGREED)
    assert read() == before
    services.activate(actor=around.coordinator, plan=plan, review_on=review.next_on, now=NOW)
    assert read() == before


def test_a_refusal_in_words_of_what_is_hidden_lets_no_later_agreement_be_told(
    client, around, helper
):
    plan, _ = active(around)
    hidden_goal(around, plan)
    plan.refresh_from_db()
    services.propose(actor=around.coordinator, plan=plan, now=NOW)
    plan.refresh_from_db()
    said(around, plan, Decision.REFUSED, words="Pas maintenant")
    paper = at("plan", plan.pk)
    before = client.as_(helper).get(paper).text.count("D’accord")
    plan.refresh_from_db()
    services.propose(actor=around.coordinator, plan=plan, now=NOW)
    plan.refresh_from_db()
    said(around, plan, Decision.AGREED)
    assert client.as_(helper).get(paper).text.count("D’accord") == before


def test_what_begins_anew_after_it_was_taken_back_is_not_said_reviewed(client, around, helper):
    plan, _ = active(around)
    review = ReviewSaid(held_on=NOW.date(), next_on=date(2027, 2, 1), words="Tout va bien.")
    services.review(actor=around.coordinator, plan=plan, said=review, now=NOW)
    withdrawn = Word(Decision.WITHDRAWN, number=1, shown="")
    services.say(actor=around.coordinator, plan=plan, word=withdrawn, now=NOW)
    start(around, plan)
    assert "Plan mis en œuvre" in client.as_(helper).get(at("paper", plan.pk)).text


def test_a_review_says_something_to_whoever_reads_its_date(client, around, helper):
    plan, _ = active(around)
    goal = hidden_goal(around, plan)
    start(around, plan)
    judged = ReviewSaid(
        held_on=NOW.date(),
        next_on=date(2027, 2, 1),
        effects=[EffectSaid(goal, team_effect="worse")],
    )
    with pytest.raises(DomainError, match="plans.effects") as refused:
        services.review(actor=around.coordinator, plan=plan, said=judged, now=NOW)
    assert "Écrivez une phrase" in refused.value.message
    worded = replace(judged, words="Nous avons fait le point.")
    services.review(actor=around.coordinator, plan=plan, said=worded, now=NOW)
    page = client.as_(helper).get(at("plan", plan.pk)).text
    assert "Nous avons fait le point." in page
    assert goal.words not in page.partition("Révision du")[2]


def test_a_review_may_hold_words_alone_so_that_one_without_effect_tells_nothing(around):
    plan, _ = active(around)
    empty = ReviewSaid(held_on=NOW.date(), next_on=date(2027, 2, 1))
    with pytest.raises(DomainError, match="plans.effects"):
        services.review(actor=around.coordinator, plan=plan, said=empty, now=NOW)
    words = ReviewSaid(held_on=NOW.date(), next_on=date(2027, 2, 1), words="Tout va bien.")
    assert services.review(actor=around.coordinator, plan=plan, said=words, now=NOW).words


PARTS = st.frozensets(st.sampled_from("abc"))


@given(st.dictionaries(st.integers(1, 30), PARTS, max_size=12), st.integers(1, 30))
def test_a_version_that_changes_nothing_of_what_is_read_changes_no_number(said_to_reader, hidden):
    """Taking away a version that its reader cannot tell from the one before changes no other."""
    numbers = told_apart(said_to_reader)
    assert list(numbers.values()) == sorted(numbers.values())
    assert set(numbers.values()) == set(range(1, max(numbers.values(), default=0) + 1))
    earlier = [one for one in said_to_reader if one < hidden]
    same = hidden in said_to_reader and earlier
    if same and said_to_reader[hidden] == said_to_reader[max(earlier)]:
        left = {one: parts for one, parts in said_to_reader.items() if one != hidden}
        assert told_apart(left) == {one: numbers[one] for one in left}
