"""A next version beside the one under way: proposed once, reviewed meanwhile, refused; a death."""

from datetime import date

import pytest

from cordee.kernel.errors import DomainError
from cordee.people import services as people
from cordee.people.models import Person
from cordee.people.services import merge_persons, propose_pair
from cordee.plans import services
from cordee.plans.models import Agreement, PlanVersion
from cordee.plans.rules.agreement import Decision
from cordee.plans.services import EffectSaid, ReviewSaid
from tests.factories.people import InformationFactory, joins_circle
from tests.plans.scene import Around, active, agreed, at, begin, said, set_around, write, write_need
from tests.support import NOW, run_jobs

pytestmark = pytest.mark.django_db


@pytest.fixture
def around():
    return set_around()


def propose(around, plan):
    services.propose(actor=around.coordinator, plan=plan, now=NOW)
    plan.refresh_from_db()


def next_offered(around):
    """A plan under way, with a second version that waits for her word."""
    plan, step = active(around)
    write_need(around, plan)
    propose(around, plan)
    return plan, step


def unchanged(around, plan):
    with pytest.raises(DomainError) as found:
        propose(around, plan)
    return found.value.code


# --- proposing from an old tab -------------------------------------------------------------------


def test_proposing_again_what_she_agreed_to_is_refused_and_her_word_stands(around):
    plan, _ = agreed(around)
    assert unchanged(around, plan) == "plans.unchanged"
    plan.refresh_from_db()
    assert (plan.state, PlanVersion.objects.count()) == ("agreed", 1)
    begin(around, plan)
    assert unchanged(around, plan) == "plans.unchanged"


def test_an_old_tab_is_told_that_the_plan_is_already_proposed(client, around):
    plan = around.open()
    write(around, plan)
    client.as_(around.coordinator).post(at("propose", plan.pk))
    again = client.post(at("propose", plan.pk))
    assert "déjà proposé tel quel" in again.text
    assert PlanVersion.objects.count() == 1


def test_what_she_refused_may_be_proposed_again_as_it_is(around):
    plan, _ = next_offered(around)
    said(around, plan, Decision.REFUSED)
    plan.refresh_from_db()
    propose(around, plan)
    assert (plan.state, plan.in_force, PlanVersion.objects.count()) == ("proposed", 1, 3)


# --- reviewing meanwhile -------------------------------------------------------------------------


def test_what_is_under_way_is_reviewed_while_the_next_version_waits(client, around):
    plan, step = next_offered(around)
    assert "Réviser ensemble" in client.as_(around.coordinator).get(at("plan", plan.pk)).text
    effect = EffectSaid(step.goal, "better", "", "", "")
    held = ReviewSaid(NOW.date(), date(2027, 2, 1), effects=[effect])
    review = services.review(actor=around.coordinator, plan=plan, said=held, now=NOW)
    plan.refresh_from_db()
    assert (plan.state, plan.review_on, review.number) == ("proposed", date(2027, 2, 1), 1)


# --- refusing and taking back --------------------------------------------------------------------


def test_the_next_version_once_agreed_to_may_still_be_refused_and_the_former_stays(client, around):
    plan, step = next_offered(around)
    said(around, plan, Decision.AGREED)
    page = client.as_(around.coordinator).get(at("agreement", plan.pk))
    form = {"number": "2", "decision": "refused", "speaker": "person", "how": "oral"}
    form["shown"] = page.text.split('name="shown" value="')[1].split('"')[0]
    assert client.post(at("agreement", plan.pk), form).status_code == 302
    plan.refresh_from_db()
    step.refresh_from_db()
    assert (plan.state, plan.in_force, step.phase) == ("active", 1, "active")


def test_the_page_says_which_version_a_withdrawal_takes_back(client, around):
    plan, _ = next_offered(around)
    page = client.as_(around.coordinator).get(at("agreement", plan.pk)).text
    page = page.replace("\u00a0", " ")
    assert "Voici la version 2" in page
    assert "Un retrait reprend l’accord donné à la version 1" in page


def test_taking_back_what_is_under_way_shows_that_version_and_not_the_one_refused(client, around):
    plan, _ = next_offered(around)
    said(around, plan, Decision.REFUSED)
    page = client.as_(around.coordinator).get(at("agreement", plan.pk)).text
    assert "Voici la version 1" in page.replace("\u00a0", " ")
    form = {"number": "1", "decision": "withdrawn", "speaker": "person", "how": "oral"}
    assert client.post(at("agreement", plan.pk), form | {"shown": ""}).status_code == 302
    plan.refresh_from_db()
    word = Agreement.objects.order_by("-pk").first()
    assert (plan.state, word.decision, word.frozen.number) == ("refused", "withdrawn", 1)


# --- a death -------------------------------------------------------------------------------------


def die(around, person):
    found = Person.objects.get(pk=person.pk)
    died = date(2026, 11, 20)
    people.declare_death(actor=around.coordinator, person=found, deceased_on=died, now=NOW)


def test_a_plan_that_joins_the_record_of_somebody_who_died_ends_with_them(around):
    gone, kept = around.person, set_around(birth_name="Lefevre").person
    joins_circle(kept, organization=around.dac, role="coordination")
    InformationFactory(person=kept)
    followed = Around(kept, around.dac, around.coordinator)
    plan, step = active(followed)
    die(around, gone)
    run_jobs()
    pair = propose_pair(actor=around.coordinator, person=gone, other=kept, now=NOW)
    merge_persons(actor=around.coordinator, candidate=pair, from_absorbed=frozenset(), now=NOW)
    run_jobs()
    plan.refresh_from_db()
    step.refresh_from_db()
    assert plan.person_id == gone.pk
    assert (plan.state, plan.end_reason, step.phase) == ("closed", "deceased", "stopped")


def test_the_plan_of_somebody_who_died_does_not_begin(around):
    plan, _ = agreed(around)
    die(around, around.person)
    with pytest.raises(DomainError) as found:
        begin(around, plan)
    assert found.value.code == "plans.deceased"
