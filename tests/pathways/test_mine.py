"""« Mes actions »: what is entrusted to a professional by name, and what they alone may read."""

from datetime import date, timedelta

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cordee.access.actor import SYSTEM
from cordee.access.models import Trace
from cordee.access.policy import is_allowed
from cordee.directory import services as directory
from cordee.directory.models import Membership
from cordee.meetings import services as meetings
from cordee.meetings.services import DecisionSaid
from cordee.pathways import entrusted
from cordee.pathways import services as tasks
from cordee.pathways.models import Task
from cordee.people import services as people
from cordee.people.rules.sharing import Category
from cordee.plans import services
from cordee.plans.models import Activity
from cordee.plans.rules.domains import Domain
from cordee.plans.rules.lines import Answer
from cordee.plans.services import ActionSaid, DeedSaid, Words
from tests.factories.directory import AccountFactory, MembershipFactory, PractitionerFactory
from tests.factories.meetings import meeting_held
from tests.factories.people import MemberFactory, SharingFactory, joins_circle
from tests.plans.scene import WISHES, set_around, start, write_goal, write_need
from tests.support import NOW, coordinator_of, run_jobs, speaking_as

pytestmark = pytest.mark.django_db
PAGE = "/mes-actions"
TODAY, LATE, SOON = date(2026, 11, 23), date(2026, 11, 20), date(2026, 12, 1)
WORDS = "Passer un soir parler avec elle"


@pytest.fixture
def around():
    around = set_around()
    MembershipFactory(account_id=around.coordinator.account_id, organization=around.dac)
    return around


@pytest.fixture
def nurse(around):
    """A professional alone, of her circle, who may read what is of mental health."""
    practitioner = PractitionerFactory()
    joins_circle(around.person, practitioner=practitioner, role="nurse")
    SharingFactory(
        person=around.person, category="mental_health", audience="health", choice="consented"
    )
    return speaking_as(practitioner, account_id=AccountFactory().pk)


def stay_of(around, who):
    return around.person.circle.get(practitioner=who.practitioner_id)


def under_way(around, *deeds, domain=Domain.PSYCHIC):
    """A plan under way with these actions, protected by the domain of their need."""
    plan = around.open()
    wishes = Words(wishes=WISHES, referent_id=around.coordinator.account_id)
    services.write_words(actor=around.coordinator, plan=plan, said=wishes, now=NOW)
    goal = write_goal(around, plan, write_need(around, plan, domain))
    for deed in deeds:
        said = DeedSaid(**{"words": WORDS, "goal": goal} | deed)
        services.write_action(actor=around.coordinator, plan=plan, said=said, now=NOW)
    start(around, plan)
    run_jobs()
    return Activity.objects.filter(plan=plan).order_by("pk")


def given(around, who, day=SOON, **details):
    return {"choice": "entrusted", "member": stay_of(around, who), "first_on": day} | details


def decided(around, **doer):
    meeting = meeting_held(
        around.person,
        around.dac,
        MembershipFactory(organization=around.dac).account,
        MemberFactory(person=around.person),
    )
    said = DecisionSaid(
        words="Proposer une psychologue", doer=doer, due_on=SOON, category=Category.MENTAL_HEALTH
    )
    made = meetings.decide(actor=around.coordinator, meeting=meeting, said=said, now=NOW)
    run_jobs()
    return made


def author_leaves(around):
    held = Membership.objects.get(account=around.coordinator.account_id)
    yesterday = (NOW - timedelta(days=1)).date()
    directory.end_membership(actor=SYSTEM, membership=held, last_day=yesterday, now=NOW)
    run_jobs()
    other = joins_circle(around.person, practitioner=PractitionerFactory())
    people.leave_circle(actor=SYSTEM, member=other, now=NOW)  # the circle is looked at again
    run_jobs()


def give(around):
    """Who leads the structure gives what nobody there may read."""
    held = MembershipFactory(role="coordinator", organization=around.dac)
    leader = coordinator_of(around.dac, account_id=held.account_id)
    asked = Task.objects.open().get(kind="give_line", organization=around.dac)
    tasks.give_line(actor=leader, task=asked, now=NOW)
    run_jobs()


def text_of(client, who):
    return client.as_(who).get(PAGE).text


def test_a_protected_action_stands_on_the_page_of_the_professional_it_is_entrusted_to(
    client, around, nurse
):
    under_way(around, given(around, nurse))
    page = text_of(client, nurse)
    assert WORDS in page
    assert around.person.full_name in page
    assert "Ahmed Diallo, DAC du Champsaur" in page
    assert Trace.objects.get(verb="pathways.entrusted.list").persons == [around.person.pk]
    for other in (around.coordinator, speaking_as(PractitionerFactory())):
        assert WORDS not in text_of(client, other)


def test_late_comes_first_then_by_day_then_without_one(client, around, nurse):
    days = {"Bientôt": SOON, "En retard": LATE, "Sans jour": None, "Ce jour": TODAY}
    deeds = [given(around, nurse, day, words=f"« {said} »") for said, day in days.items()]
    under_way(around, *deeds)
    page = BeautifulSoup(text_of(client, nurse), "html.parser")
    titles = [one.text.strip() for one in page.select("main section h2")]
    assert titles == ["En retard", "À venir", "Sans date"]
    told = [one.text for one in page.select("main article strong")]
    assert told == ["« En retard »", "« Ce jour »", "« Bientôt »", "« Sans jour »"]


def test_it_is_said_done_there_and_one_comes_back_there(client, around, nurse):
    (step,) = under_way(around, given(around, nurse))
    page = BeautifulSoup(text_of(client, nurse), "html.parser")
    (form,) = page.select("main form")
    sent = {one["name"]: one["value"] for one in form.select("input[name]")}
    assert client.post(form["action"], sent).url == PAGE
    step.refresh_from_db()
    assert step.phase == "done"
    assert "Rien ne vous est confié pour l’instant" in text_of(client, nurse)


def test_a_question_is_asked_from_there_and_stays_read_there(client, around, nurse):
    under_way(around, given(around, nurse))
    page = BeautifulSoup(text_of(client, nurse), "html.parser")
    asks, cannot = page.select("main article .cluster a")
    assert 'value="cannot" id="id_answer_2" checked' in client.get(cannot["href"]).text.replace(
        " required", ""
    )
    said = {"answer": "question", "words": "À quelle heure dort-elle ?"}
    assert client.post(asks["href"], said).url == PAGE
    assert "À quelle heure dort-elle" in text_of(client, nurse)


def test_what_its_reader_may_no_more_read_or_do_leaves_the_page(client, around, nurse):
    under_way(around, given(around, nurse))
    people.leave_circle(actor=SYSTEM, member=stay_of(around, nurse), now=NOW)
    run_jobs()
    assert WORDS not in text_of(client, nurse)


def test_every_gesture_that_is_shown_is_allowed(around, nurse):
    under_way(around, given(around, nurse), given(around, nurse, None), {"choice": "herself"})
    decided(around, member=stay_of(around, nurse))
    found = entrusted.mine(nurse, TODAY)
    lines = [*found.late, *found.coming, *found.undated]
    assert len(lines) == 3
    for line in lines:
        verb = "plans.answer" if line.action else "meetings.settle"
        assert is_allowed(nurse, verb, line.action or line.decision) == line.acts


def test_a_decision_stands_there_and_is_settled_there(client, around, nurse):
    made = decided(around, member=stay_of(around, nurse))
    assert "Proposer une psychologue" in text_of(client, nurse)
    to = reverse("meetings:settle", args=[made.meeting_id, made.pk]) + "?de=mes-actions"
    assert to in client.get(PAGE).text
    assert client.post(to, {"phase": "done"}).url == PAGE
    assert "Proposer une psychologue" not in text_of(client, nurse)


def test_a_decision_given_to_somebody_of_the_team_stands_on_their_page(client, around):
    decided(around, account_id=around.coordinator.account_id)
    assert "Proposer une psychologue" in text_of(client, around.coordinator)


def test_a_decision_that_its_author_left_stands_with_the_professional_alone_who_reads_it(
    client, around, nurse
):
    made = decided(around, by_person=True)
    assert "Proposer une psychologue" not in text_of(client, nurse)  # its author is asked
    author_leaves(around)
    page = text_of(client, nurse)
    assert "Proposer une psychologue" in page
    assert "aucune équipe n’est sollicitée" in page
    assert "C’est fait" not in page
    give(around)
    page = text_of(client, nurse)
    to = reverse("meetings:settle", args=[made.meeting_id, made.pk]) + "?de=mes-actions"
    assert to in page
    assert client.post(to, {"phase": "done"}).url == PAGE
    made.refresh_from_db()
    assert made.phase == "done"


def test_so_does_an_action_that_its_author_left(client, around, nurse):
    (step,) = under_way(around, {"choice": "herself", "first_on": SOON})
    assert WORDS not in text_of(client, nurse)
    author_leaves(around)
    page = text_of(client, nurse)
    assert WORDS in page
    assert "Faite aujourd’hui" not in page
    give(around)
    page = BeautifulSoup(text_of(client, nurse), "html.parser")
    (form,) = page.select("main form")
    sent = {one["name"]: one["value"] for one in form.select("input[name]")}
    assert client.post(form["action"], sent).url == PAGE
    step.refresh_from_db()
    assert step.phase == "done"


def test_the_menu_leads_a_professional_there_and_the_palette_whoever_has_a_worklist(
    client, around, nurse
):
    def offered(actor):
        rail = client.as_(actor).get(reverse("people:list")).text
        told = client.post(reverse("web:palette"), {"q": ""}).text
        return [f'href="{PAGE}"' in rail, f'href="{PAGE}"' in told]

    assert offered(nurse) == [True, True]
    assert offered(around.coordinator) == [False, True]


def test_fifty_lines_take_as_many_queries_as_five(client, around, nurse):
    def asked():
        client.as_(nurse).get(PAGE)
        with CaptureQueriesContext(
            connection,
        ) as told:
            client.get(PAGE)
        return len(told)

    steps = under_way(around, *(given(around, nurse) for _ in range(50)))
    answer = ActionSaid(Answer.QUESTION, "À quelle heure ?")
    for step in steps:
        services.answer(actor=nurse, activity=step, said=answer, now=NOW)
    many = asked()
    for step in steps[5:]:
        services.do_action(actor=nurse, activity=step, done_on=TODAY, now=NOW)
    assert asked() == many
