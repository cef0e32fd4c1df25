"""A dilemma is its author's and its participants': nobody else reads it, nor learns that it is."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from cordee.kernel.errors import DomainError
from cordee.meetings import services
from cordee.meetings.models import Dilemma
from cordee.meetings.services import DilemmaSaid
from cordee.pathways.models import Task
from cordee.pathways.policy import OWN
from cordee.people import services as people
from cordee.people.models import Person
from tests.factories.directory import AccountFactory, MembershipFactory
from tests.factories.people import PersonFactory
from tests.meetings.scene import at, set_team
from tests.plans.scene import herself, set_around
from tests.support import NOW, Browser, arranging, coordinator_of, facts, run_jobs

pytestmark = pytest.mark.django_db
TEXT = "Respecter son refus d’aide, ou la protéger\u00a0?"
LATER = date(2027, 1, 12)


@pytest.fixture
def around():
    return set_team(set_around())


@pytest.fixture
def colleague(around):
    account = AccountFactory(name="Inès Roux")
    MembershipFactory(account=account, organization=around.dac, role="coordinator")
    return coordinator_of(around.dac, account_id=account.pk, name=account.name)


def wrote(around, **said):
    said = DilemmaSaid(**{"question": TEXT} | said)
    made: Dilemma = services.write_dilemma(
        actor=around.coordinator, person=around.person, said=said, now=NOW
    )
    return made


def reads(actor, dilemma):
    return Browser(raise_request_exception=False).as_(actor).get(at("dilemma", dilemma.pk))


def test_its_author_and_who_took_part_read_it_and_a_colleague_does_not(around, colleague):
    dilemma = wrote(around)
    assert TEXT in reads(around.coordinator, dilemma).text
    assert reads(colleague, dilemma).status_code == 404
    said = DilemmaSaid(question=TEXT, seats=[colleague.account_id])
    seen = Dilemma.objects.get().version
    actor = around.coordinator
    services.rewrite_dilemma(actor=actor, dilemma=dilemma, said=said, seen=seen, now=NOW)
    assert TEXT in reads(colleague, dilemma).text


def test_neither_the_thread_nor_the_panel_tells_that_it_is(around, colleague):
    def panels(actor):
        browser = Browser().as_(actor)
        return browser.get(f"/personnes/{around.person.pk}").text

    before = Browser().as_(colleague).get(at("person_panel", around.person.pk)).content
    thread = facts(thread=around.person.pk)
    wrote(around, review_on=LATER)
    run_jobs()
    assert Browser().as_(colleague).get(at("person_panel", around.person.pk)).content == before
    assert facts(thread=around.person.pk) == thread
    for actor in (colleague, herself(around)):
        assert "dilemme écrit" not in panels(actor).lower()


def test_to_read_it_again_waits_for_its_author_alone_and_names_nobody(around, colleague):
    dilemma = wrote(around, review_on=LATER, seats=[colleague.account_id])
    run_jobs()
    task = Task.objects.get(kind="read_note")
    assert (task.person_id, task.role) == (None, OWN)
    mine = Browser().as_(around.coordinator).get("/a-faire").text
    assert "Relire une note" in mine
    for whose in ("mine", "team"):
        theirs = Browser().as_(colleague).get(f"/a-faire?qui={whose}").text
        assert "Relire une note" not in theirs
    assert not Task.objects.visible_to(colleague).exists()
    assert str(dilemma.pk) not in str(facts(thread=around.person.pk))


def test_another_day_moves_the_task_and_no_day_takes_it_away(around):
    dilemma = wrote(around, review_on=LATER)
    run_jobs()
    for day, waiting in ((LATER + timedelta(days=7), 1), (None, 0)):
        said = DilemmaSaid(question=TEXT, review_on=day)
        seen = Dilemma.objects.get().version
        services.rewrite_dilemma(
            actor=around.coordinator, dilemma=dilemma, said=said, seen=seen, now=timezone.now()
        )
        run_jobs()
        assert Task.objects.open().filter(kind="read_note").count() == waiting


def test_two_windows_of_its_author_lose_nothing(around):
    dilemma = wrote(around)
    seen = Dilemma.objects.get().version
    again = {"actor": around.coordinator, "dilemma": dilemma, "seen": seen, "now": NOW}
    services.rewrite_dilemma(said=DilemmaSaid(question="Autrement"), **again)
    with pytest.raises(DomainError, match="a changé depuis"):
        services.rewrite_dilemma(said=DilemmaSaid(question="Encore"), **again)
    assert Dilemma.objects.get().question == "Autrement"


def test_a_choice_says_why_and_is_typed_through_the_page(around):
    client = Browser().as_(around.coordinator)
    typed = {"question": TEXT, "choice": "Attendre", "why": "", "review_on": "12/01/2027"}
    address = at("reflect_on_person", around.person.pk)
    assert "dites pourquoi" in client.post(address, typed).text
    assert client.post(address, typed | {"why": "Elle sait ce qu’elle risque."}).status_code == 302
    assert Dilemma.objects.get().review_on == LATER


def test_whoever_follows_the_person_no_more_is_reminded_of_nothing(around):
    wrote(around, review_on=LATER)
    run_jobs()
    stay = around.person.circle.get(organization=around.dac)
    people.leave_circle(actor=around.coordinator, member=stay, now=timezone.now())
    run_jobs()
    assert not Task.objects.open().exists()
    assert Dilemma.objects.get().review_on is None


def test_a_record_that_is_joined_to_another_keeps_its_dilemmas(around):
    other = PersonFactory(territory=around.dac.territory)
    with arranging():
        Person.objects.filter(pk=other.pk).update(merged_into=around.person)
        made = Dilemma.objects.create(
            person=other,
            author_id=around.coordinator.account_id,
            question=TEXT,
            written_at=NOW,
        )
    made.refresh_from_db()
    assert made.person_id == around.person.pk
