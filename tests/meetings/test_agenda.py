"""What is proposed to the agenda, and who reads each line of a meeting."""

import re
from datetime import date
from uuid import uuid4

import pytest

from cordee.access.actor import Role
from cordee.kernel.errors import DomainError, Forbidden
from cordee.meetings import selectors, services
from cordee.meetings.models import Topic
from cordee.meetings.rules.agenda import Line, Reason, differ, proposed
from cordee.meetings.rules.states import Phase
from cordee.meetings.services import TopicSaid
from cordee.pathways.models import Task
from cordee.people import services as people
from cordee.people.rules.sharing import Category
from cordee.plans import services as plans
from cordee.plans.rules.lines import Answer
from cordee.plans.rules.rhythms import civil_day
from cordee.plans.services import ActionSaid, EffectSaid, ReviewSaid
from tests.factories.directory import OrganizationFactory, PractitionerFactory
from tests.factories.people import joins_circle
from tests.meetings.scene import AFTER, STARTS, at, called, decided, held, set_team
from tests.plans.scene import active, herself, set_around
from tests.support import NOW, Browser, actor, facts, run_jobs, speaking_as

TODAY = date(2026, 12, 3)


def line(**details):
    return Line(
        **{"origin": "plans/x/1", "words": "x", "category": "care", "author": uuid4()} | details
    )


@pytest.mark.parametrize(
    ("details", "reason"),
    [
        ({"due_on": date(2026, 12, 2)}, Reason.LATE),
        ({"due_on": TODAY}, None),
        ({"due_on": None}, None),
        ({"answer": "question"}, Reason.ASKED),
        ({"answer": "question", "due_on": date(2026, 12, 2)}, Reason.LATE),
        ({"answer": "cannot", "due_on": date(2026, 12, 2)}, Reason.CANNOT),
        ({"answer": "understood"}, None),
    ],
)
def test_an_action_is_proposed_when_it_is_late_asked_or_impossible(details, reason):
    assert [one.reason for one in proposed([line(**details)], [], TODAY)] == [reason] * bool(reason)


@pytest.mark.parametrize(
    ("details", "reason"),
    [
        ({"due_on": TODAY}, Reason.REVIEW),
        ({"due_on": date(2026, 12, 4)}, None),
        ({"effects": ("better", "worse")}, Reason.DISPUTED),
        ({"effects": ("better", "better")}, None),
    ],
)
def test_an_objective_is_proposed_when_it_is_due_or_disputed(details, reason):
    assert [one.reason for one in proposed([], [line(**details)], TODAY)] == [reason] * bool(reason)


def test_who_does_not_know_or_says_nothing_disagrees_with_nobody():
    assert differ("better", "same")
    for one in ("", "unknown", "better"):
        assert not differ("better", one)
        assert not differ(one, "better")


@pytest.fixture
def around(db):
    return set_team(set_around())


def test_effects_judged_differently_are_proposed_then_left_out_or_kept(around):
    plan, step = active(around)
    said = ReviewSaid(
        held_on=civil_day(NOW),
        next_on=date(2027, 3, 1),
        effects=[EffectSaid(goal=step.goal, person_effect="worse", team_effect="better")],
    )
    plans.review(actor=around.coordinator, plan=plan, said=said, now=NOW)
    meeting = called(around)
    client = Browser().as_(around.coordinator)
    assert "Avis différents" in client.get(at("meeting", meeting.pk)).text
    origin = f"plans/goal/{step.goal_id}"
    for kept in ("non", "oui"):
        client.post(at("judge", meeting.pk), {"origin": origin, "kept": kept})
        assert Topic.objects.get().kept is (kept == "oui")
    assert not selectors.proposals_for(around.coordinator, meeting, civil_day(NOW))


def test_what_is_not_proposed_is_not_judged(around):
    with pytest.raises(DomainError, match="n’est plus proposée"):
        services.judge(
            actor=around.coordinator,
            meeting=called(around),
            origin=f"plans/action/{uuid4()}",
            kept=True,
            today=TODAY,
            now=NOW,
        )


def test_a_protected_line_its_words_and_its_decision_are_read_by_its_category(around):
    meeting = called(around)
    said = TopicSaid("Son humeur du soir", Category.MENTAL_HEALTH)
    topic = services.add_topic(actor=around.coordinator, meeting=meeting, said=said, now=NOW)
    meeting = held(around, meeting, topics="Elle pleure le soir.")
    topic.refresh_from_db()
    decided(around, meeting, words="Voir la psychologue", topic=topic)
    run_jobs()
    asked = Task.objects.open().filter(kind="follow_decision")
    assert [one.person_id for one in asked] == [None]
    assert not facts("meetings.decision_made")

    helps = OrganizationFactory(kind="home_help", territory=around.dac.territory)
    joins_circle(around.person, organization=helps, role="home_help")
    help_ = actor(Role.HOME_HELP, helps)
    person = herself(around)
    for address in ("meeting", "minutes"):
        theirs = Browser().as_(help_).get(at(address, meeting.pk)).text
        for words in ("humeur", "pleure", "psychologue"):
            assert words not in theirs
        mine = Browser().as_(person).get(at(address, meeting.pk)).text
        assert "Elle pleure le soir." in mine


def test_who_was_given_a_decision_says_it_is_done_and_another_may_not(around):
    nurse = PractitionerFactory()
    member = joins_circle(around.person, practitioner=nurse)
    meeting = held(around, called(around))
    decision = decided(around, meeting, doer={"member": member})
    other = PractitionerFactory()
    joins_circle(around.person, practitioner=other)
    done = {"decision": decision, "phase": Phase.DONE, "outcome": "", "now": AFTER}
    with pytest.raises(Forbidden):
        services.settle(actor=speaking_as(other), **done)
    assert services.settle(actor=speaking_as(nurse), **done).phase == "done"


def test_a_meeting_is_not_written_before_its_hour_nor_without_anybody(around):
    meeting = called(around)
    client = Browser().as_(around.coordinator)
    seat = str(meeting.seats.get().pk)
    assert "n’a pas commencé" in client.post(at("write", meeting.pk), {"there": seat}).text
    client.now = AFTER
    assert "Cochez qui était là" in client.post(at("write", meeting.pk), {}).text


def test_two_who_write_the_minutes_lose_nothing(around):
    meeting = called(around)
    said = TopicSaid("Les repas")
    topic = services.add_topic(actor=around.coordinator, meeting=meeting, said=said, now=NOW)
    name, seat = f"t{topic.pk.hex}", str(meeting.seats.get().pk)
    client = Browser().as_(around.coordinator)
    client.now = AFTER
    first = {"there": seat, name: "Portage le midi", f"{name}_read": ""}
    assert client.post(at("write", meeting.pk), first).status_code == 302
    again = first | {name: "Elle cuisine seule"}
    answer = client.post(at("write", meeting.pk), again)
    assert answer.status_code == 422
    assert "Portage le midi" in answer.text
    assert "Elle cuisine seule" in answer.text
    topic.refresh_from_db()
    assert topic.said == "Portage le midi"
    knowing = again | {f"{name}_read": "Portage le midi"}
    assert client.post(at("write", meeting.pk), knowing).status_code == 302
    topic.refresh_from_db()
    assert topic.said == "Elle cuisine seule"


def as_read(page):
    """What the form of the minutes sends when nothing is touched."""
    sent = {}
    form = page.split("Compte rendu de la réunion</h1>")[1].split("</form>")[0]
    for tag in re.findall(r"<input[^>]*>", form):
        said = dict(re.findall(r'([a-z-]+)="([^"]*)"', tag))
        if said.get("type") == "hidden":
            sent[said["name"]] = said.get("value", "")
        elif "checked" in tag:
            sent.setdefault(said["name"], []).append(said["value"])
    return sent


def test_who_was_added_while_the_minutes_were_open_stays_there(around):
    meeting = held(around, called(around))
    late = PractitionerFactory(last_name="Zbinden")
    member = joins_circle(around.person, practitioner=late)
    client = Browser().as_(around.coordinator)
    client.now = AFTER
    opened = as_read(client.get(at("write", meeting.pk)).text)
    client.post(at("invite", meeting.pk), {"who": f"member:{member.pk}"})
    seat = meeting.seats.get(member=member)
    assert client.post(at("write", meeting.pk), opened | {"words": "Le répit"}).status_code == 302
    seat.refresh_from_db()
    assert seat.was_there
    meeting.refresh_from_db()
    assert meeting.words == "Le répit"


def test_each_of_two_who_write_changes_only_who_they_ticked_or_unticked(around):
    member = joins_circle(around.person, practitioner=PractitionerFactory())
    meeting = called(around)
    guest = {"member": member}
    services.invite(actor=around.coordinator, meeting=meeting, guest=guest, now=NOW)
    herself_, other = meeting.seats.order_by("pk")
    client = Browser().as_(around.coordinator)
    client.now = AFTER
    opened = as_read(client.get(at("write", meeting.pk)).text)
    assert set(opened["there"]) == {str(herself_.pk), str(other.pk)}
    without = opened | {"there": [str(herself_.pk)]}
    assert client.post(at("write", meeting.pk), without).status_code == 302
    assert client.post(at("write", meeting.pk), opened).status_code == 302
    assert [one.was_there for one in meeting.seats.order_by("pk")] == [True, False]

    reopened = as_read(client.get(at("write", meeting.pk)).text)
    again = reopened | {"there": [str(herself_.pk), str(other.pk)]}
    assert client.post(at("write", meeting.pk), again).status_code == 302
    assert [one.was_there for one in meeting.seats.order_by("pk")] == [True, True]


def test_a_page_that_comes_back_shows_who_was_added_meanwhile(around):
    meeting = held(around, called(around))
    member = joins_circle(around.person, practitioner=PractitionerFactory())
    client = Browser().as_(around.coordinator)
    client.now = AFTER
    opened = as_read(client.get(at("write", meeting.pk)).text)
    client.post(at("invite", meeting.pk), {"who": f"member:{member.pk}"})
    seat = meeting.seats.get(member=member)
    back = client.post(at("write", meeting.pk), {**opened, "there": []})
    assert "Cochez qui était là" in back.text
    assert as_read(back.text)["there"] == [str(seat.pk)]
    shown = as_read(back.text) | {"there": opened["there"]}
    assert client.post(at("write", meeting.pk), shown).status_code == 302
    seat.refresh_from_db()
    assert seat.was_there is False


def test_words_under_a_line_set_aside_meanwhile_are_kept_and_shown(around):
    plan, step = active(around)
    answered = ActionSaid(Answer.CANNOT, "Pas le mardi")
    plans.answer(actor=around.coordinator, activity=step, said=answered, now=NOW)
    meeting, origin = called(around), f"plans/action/{step.pk}"
    client = Browser().as_(around.coordinator)
    client.now = AFTER
    client.post(at("judge", meeting.pk), {"origin": origin, "kept": "oui"})
    name = f"t{Topic.objects.get().pk.hex}"
    opened = as_read(client.get(at("write", meeting.pk)).text)
    client.post(at("judge", meeting.pk), {"origin": origin, "kept": "non"})

    typed = opened | {name: "Elle préfère le matin", "words": "Le répit"}
    refused = client.post(at("write", meeting.pk), typed)
    assert refused.status_code == 422
    assert "a été écartée" in refused.text
    assert "Elle préfère le matin" in refused.text
    meeting.refresh_from_db()
    assert (meeting.state, meeting.words) == ("planned", "")

    client.post(at("judge", meeting.pk), {"origin": origin, "kept": "oui"})
    again = as_read(refused.text) | {name: typed[name], "words": "Le répit"}
    assert client.post(at("write", meeting.pk), again).status_code == 302
    assert Topic.objects.get().said == "Elle préfère le matin"


def test_a_line_set_aside_with_no_words_lets_the_minutes_be_saved(around):
    plan, step = active(around)
    answered = ActionSaid(Answer.CANNOT, "Pas le mardi")
    plans.answer(actor=around.coordinator, activity=step, said=answered, now=NOW)
    meeting, origin = called(around), f"plans/action/{step.pk}"
    client = Browser().as_(around.coordinator)
    client.now = AFTER
    client.post(at("judge", meeting.pk), {"origin": origin, "kept": "oui"})
    name = f"t{Topic.objects.get().pk.hex}"
    opened = as_read(client.get(at("write", meeting.pk)).text)
    client.post(at("judge", meeting.pk), {"origin": origin, "kept": "non"})
    assert client.post(at("write", meeting.pk), opened | {name: ""}).status_code == 302


def test_a_meeting_moves_its_task_and_cancelled_takes_it_away(around):
    meeting = called(around)
    run_jobs()
    client = Browser().as_(around.coordinator)
    moved = {"day": "04/12/2026", "hour": "9h", "minutes": "45", "place": "Salle du DAC"}
    assert client.post(at("move", meeting.pk), moved).status_code == 302
    run_jobs()
    due = Task.objects.open().get(kind="hold_meeting").due_at
    assert due == STARTS.replace(day=4, hour=9, minute=0)
    client.post(at("cancel", meeting.pk), {"why": "Routes coupées"})
    run_jobs()
    assert not Task.objects.open().exists()
    meeting.refresh_from_db()
    assert (meeting.state, meeting.sequence) == ("cancelled", 2)


def test_who_is_not_of_the_circle_comes_with_the_agreement_of_the_person(around):
    outside = PractitionerFactory(last_name="Zbinden")
    meeting = called(around)
    client = Browser().as_(around.coordinator)
    found = client.post(at("outside", meeting.pk), {"texte": "Zbinden"}).text
    assert str(outside.pk) in found
    assert client.post(at("invite", meeting.pk), {"who": "practitioner:x"}).status_code == 422
    asked = {"who": f"practitioner:{outside.pk}"}
    assert "Sans son accord" in client.post(at("invite", meeting.pk), asked).text
    assert client.post(at("invite", meeting.pk), asked | {"accepted": "on"}).status_code == 302
    page = client.get(at("invite", meeting.pk)).text
    assert "avec l’accord de la personne" in page


def test_a_death_cancels_what_is_planned_and_drops_what_is_to_be_done(around):
    decided(around, held(around, called(around)))
    called(around)
    run_jobs()
    people.declare_death(
        actor=around.coordinator, person=around.person, deceased_on=civil_day(NOW), now=NOW
    )
    run_jobs()
    assert not Task.objects.open().exists()
    assert [one["data"]["phase"] for one in facts("meetings.decision_settled")] == ["dropped"]
    assert len(facts("meetings.meeting_cancelled")) == 1
