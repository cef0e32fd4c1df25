"""The worklist: what waits for me, in one order, with five gestures that can be undone."""

import re
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cordee.access.actor import SYSTEM, Role
from cordee.kernel.errors import DomainError
from cordee.kernel.identifiers import uuid7
from cordee.pathways import rules, selectors, services
from cordee.pathways.models import Task
from cordee.pathways.selectors import Wanted
from tests.factories.broker import SolicitationFactory
from tests.factories.directory import (
    AccountFactory,
    CoverFactory,
    MembershipFactory,
    OrganizationFactory,
)
from tests.factories.pathways import TaskFactory
from tests.factories.people import PersonFactory
from tests.pathways.team import known_person, works_at
from tests.support import (
    NOW,
    actor,
    arranging,
    facts,
    run_jobs,
    simultaneously,
    stranger,
    traces,
)

pytestmark = pytest.mark.django_db
HOME = "/a-faire"


@pytest.fixture
def desk():
    return OrganizationFactory()


@pytest.fixture
def nurse(desk):
    return works_at(desk, "Claire Roux")


def kinds(speaker, **wanted) -> list[str]:
    return [task.kind for task in selectors.worklist(speaker, Wanted(**wanted), NOW).tasks]


def test_what_is_most_urgent_comes_first_then_what_is_due_first(desk, nurse):
    TaskFactory(organization=desk, kind="close_request", urgency=4)
    TaskFactory(organization=desk, kind="call_back", urgency=1, sorts_at=NOW + timedelta(hours=1))
    TaskFactory(organization=desk, kind="qualify", urgency=1)
    TaskFactory(organization=desk, kind="read_text", urgency=0, sorts_at=NOW + timedelta(days=9))

    assert kinds(nurse) == ["read_text", "qualify", "call_back", "close_request"]


def test_mine_is_what_i_have_what_nobody_has_and_what_i_cover(desk, nurse):
    away, other = AccountFactory(), AccountFactory()
    CoverFactory(absent=away, cover_id=nurse.account_id)
    TaskFactory(organization=desk, kind="call_back", assignee_id=nurse.account_id)
    TaskFactory(organization=desk, kind="qualify")
    TaskFactory(organization=desk, kind="read_text", assignee=away)
    TaskFactory(organization=desk, kind="close_request", assignee=other)

    assert sorted(kinds(nurse)) == ["call_back", "qualify", "read_text"]
    assert len(kinds(nurse, whose="team")) == 4


@pytest.mark.parametrize(("seen", "told"), [(49, "49"), (50, "50"), (51, "50+"), (60, "50+")])
@pytest.mark.parametrize("hidden", [0, 3, 60])
def test_what_is_hidden_first_makes_no_count_smaller(desk, nurse, hidden, seen, told):
    for _ in range(hidden):
        TaskFactory(organization=desk, box="tasks", urgency=0, person=PersonFactory())
    for _ in range(seen):
        TaskFactory(organization=desk, box="tasks", urgency=1)
    shown = selectors.worklist(nurse, Wanted(), NOW)
    assert (shown.told("tasks"), shown.told("")) == (told, told)


def test_only_a_box_of_which_some_are_hidden_is_walked_on(desk, nurse, monkeypatch):
    asked, counting = [], selectors._counting
    monkeypatch.setattr(selectors, "_counting", lambda *of: asked.append(of[1:]) or counting(*of))
    TaskFactory(organization=desk, box="tasks", urgency=0, person=PersonFactory())
    for box in ["tasks", "alerts"] * 55:
        TaskFactory(organization=desk, box=box, urgency=1)
    shown = selectors.worklist(nurse, Wanted(), NOW)
    assert [shown.told(box) for box in ("tasks", "alerts", "")] == ["50+"] * 3
    assert asked == [(51, selectors.BOXES), (204, ("tasks",))]


def test_who_begins_or_ceases_to_be_covered_is_shown_so_at_the_next_page(desk, nurse):
    """Whom one covered is remembered to ask so: what is read decides."""
    away = AccountFactory()
    TaskFactory(organization=desk, kind="read_text", assignee=away)
    assert [kinds(nurse) for _ in range(4)] == [[]] * 4
    since = NOW - timedelta(days=1)
    cover = CoverFactory(absent=away, cover_id=nurse.account_id, since=since)
    for _ in range(4):
        shown = selectors.worklist(nurse, Wanted(), NOW)
        assert ([one.kind for one in shown.tasks], shown.told("")) == (["read_text"], "1")
    with arranging():
        type(cover).objects.filter(pk=cover.pk).update(until=NOW)
    for _ in range(2):
        shown = selectors.worklist(nurse, Wanted(), NOW)
        assert (shown.tasks, shown.told("")) == ([], "0")


def test_another_organisation_and_a_hidden_person_leave_no_shadow(desk, nurse):
    TaskFactory(kind="qualify")
    TaskFactory(organization=desk, kind="call_back", person=PersonFactory())

    shown = selectors.worklist(nurse, Wanted(whose="team"), NOW)

    assert shown.tasks == []
    assert shown.counts == {}


def test_each_box_counts_what_one_may_see_of_what_one_asked_for(desk, nurse):
    known, other = known_person(desk), AccountFactory()
    for person in (known, known, None, PersonFactory()):
        TaskFactory(organization=desk, person=person, box="requests")
    TaskFactory(organization=desk, person=known, box="alerts", kind="call_back")
    TaskFactory(organization=desk, box="alerts", role="dpo", kind="review_emergency")
    TaskFactory(organization=desk, box="messages", kind="read_text", assignee=other)

    for _ in range(4):  # by the texts of stencils, then as what is prepared
        team = selectors.worklist(nurse, Wanted(whose="team", box="alerts"), NOW)
        mine = selectors.worklist(nurse, Wanted(), NOW)
        assert team.counts == {"requests": 3, "alerts": 1, "messages": 1}
        assert mine.counts == {"requests": 3, "alerts": 1}
        assert (len(team.tasks), len(mine.tasks)) == (1, 4)


def test_beyond_fifty_a_box_is_told_as_fifty_and_more(desk, nurse):
    for _ in range(52):
        TaskFactory(organization=desk)
    shown = selectors.worklist(nurse, Wanted(), NOW)
    assert (shown.told("requests"), shown.told()) == ("50+", "50+")


@pytest.mark.parametrize(
    "role", [Role.PRACTITIONER, Role.HOME_HELP, Role.PERSON, Role.ADMINISTRATOR, Role.DPO]
)
def test_who_is_not_of_the_team_sees_no_task(desk, role):
    TaskFactory(organization=desk)

    assert kinds(actor(role, desk), whose="team") == []


def test_a_task_reserved_to_the_dpo_is_theirs_alone(desk, nurse):
    TaskFactory(organization=desk, kind="review_emergency", role="dpo")

    assert kinds(actor(Role.DPO, desk), whose="team") == ["review_emergency"]
    assert kinds(nurse, whose="team") == []


def test_what_is_put_off_comes_back_at_its_hour(desk, nurse):
    task = TaskFactory(organization=desk)
    services.snooze(actor=nurse, task=task, until=NOW + timedelta(hours=2), now=NOW)

    assert kinds(nurse) == []
    assert kinds(nurse, whose="put_off") == ["qualify"]
    later = selectors.worklist(nurse, Wanted(), NOW + timedelta(hours=2)).tasks
    assert [one.pk for one in later] == [task.pk]


def test_at_its_hour_what_was_put_off_shows_on_the_lists_that_are_open(desk, nurse, monkeypatch):
    task = TaskFactory(organization=desk)
    hour = NOW + timedelta(hours=2)
    services.snooze(actor=nurse, task=task, until=NOW + timedelta(hours=1), now=NOW)
    services.snooze(actor=nurse, task=task, until=hour, now=NOW)
    for moment in (NOW + timedelta(hours=1), hour, hour):
        monkeypatch.setattr(timezone, "now", lambda now=moment: now)
        run_jobs(until=moment)
    said = [one["data"]["how"] for one in facts("pathways.task_moved")]
    assert said == ["snoozed", "snoozed", "woken"]
    task.refresh_from_db()
    assert task.snoozed_until is None


def test_pages_follow_each_other_without_a_gap_or_a_double(desk, nurse, monkeypatch):
    monkeypatch.setattr(selectors, "PAGE", 4)
    made = [TaskFactory(organization=desk, urgency=n % 3) for n in range(11)]

    seen, after = [], ""
    while True:
        part = selectors.worklist(nurse, Wanted(after=after), NOW)
        seen += [task.pk for task in part.tasks]
        after = part.next
        if not after:
            break

    assert len(seen) == 11
    assert set(seen) == {task.pk for task in made}


@pytest.mark.parametrize("broken", ["", "x", "AAAA", "0|x|y", "é", "MXx5fHo="])
def test_a_broken_page_mark_begins_again(desk, nurse, broken):
    TaskFactory(organization=desk)

    assert kinds(nurse, after=broken) == ["qualify"]


def test_the_page_costs_the_same_for_one_line_and_for_twelve(desk, nurse, client):
    client.as_(nurse)
    costs = []
    for rows in (1, 12):
        while Task.objects.count() < rows:
            TaskFactory(organization=desk, person=known_person(desk))
        with CaptureQueriesContext(connection) as counted:
            page = client.get(HOME).content.decode()
        assert page.count('<li class="row') == rows
        costs.append(len(counted))

    assert costs[0] == costs[1]


def test_showing_the_list_traces_the_persons_on_it_and_a_refresh_adds_nothing(desk, nurse, client):
    person = known_person(desk)
    TaskFactory(organization=desk, person=person)
    client.as_(nurse)

    client.get(HOME)
    assert [line["persons"] for line in traces("list")] == [[person.pk]]
    client.htmx(HOME)
    assert len(traces("list")) == 1


def test_the_fragment_is_the_same_as_in_the_page(desk, nurse, client):
    TaskFactory(organization=desk)
    client.as_(nurse)

    whole, part = client.get(HOME).content.decode(), client.htmx(HOME).content.decode()

    assert "<html" not in part
    assert part.strip().splitlines()[0].strip() in whole
    assert "Qualifier la demande" in part


def test_asked_again_the_list_names_the_lines_that_stand_and_writes_the_others(desk, nurse, client):
    known, late = known_person(desk), TaskFactory(organization=desk, kind="qualify")
    TaskFactory(organization=desk, person=known, kind="call_back")
    client.as_(nurse)
    etags = re.findall('data-etag="([0-9a-f]{16})"', client.get(HOME).content.decode())
    TaskFactory(organization=desk, kind="read_text")
    with arranging():
        Task.objects.filter(pk=late.pk).update(due_at=NOW - timedelta(hours=1))

    has = {"Standing-Lines": " ".join(etags), "HX-Request": "true"}
    again = client.get(HOME, headers=has).content.decode()

    assert len(set(etags)) == 2
    assert [etags.count(one) for one in re.findall('<li data-same="(.*?)"></li>', again)] == [1]
    assert known.birth_name not in again
    assert again.count('<li class="row') == 2  # that which came, and that which is late by now
    assert f"t-{late.pk}" in again


def test_what_a_page_says_it_has_opens_nothing(desk, nurse, client):
    TaskFactory(organization=desk, person=known_person(OrganizationFactory()))
    client.as_(nurse)
    hostile = {"Standing-Lines": '"><script> ' + "0" * 16, "HX-Request": "true"}

    again = client.get(HOME, headers=hostile).content.decode()

    assert "data-same" not in again
    assert "<script>" not in again


def test_done_is_said_once_and_can_be_undone(desk, nurse, client):
    task = TaskFactory(organization=desk, kind="read_text", box="messages")
    client.as_(nurse)

    response = client.post(reverse("pathways:settle", args=[task.pk]))
    assert (response.status_code, response["Location"]) == (303, HOME)
    task.refresh_from_db()
    assert (task.state, task.settled_by_id) == ("done", nurse.account_id)
    assert client.post(reverse("pathways:settle", args=[task.pk])).status_code == 409

    client.post(reverse("pathways:reopen", args=[task.pk]))
    task.refresh_from_db()
    assert (task.state, task.settled_at) == ("open", None)
    assert [line["kind"] for line in facts()] == ["pathways.task_settled", "pathways.task_moved"]


def test_what_a_fact_settles_is_not_ticked_off_by_hand(desk, nurse, client):
    task = TaskFactory(organization=desk, kind="call_back", box="tasks")
    client.as_(nurse)

    response = client.post(reverse("pathways:settle", args=[task.pk]))

    assert response.status_code == 409
    assert "ouvrez-la" in response.content.decode()
    assert "/fait" not in client.get(HOME).content.decode()
    task.refresh_from_db()
    assert task.state == "open"


def test_a_task_is_handed_to_a_colleague_and_not_to_a_stranger(desk, nurse, client):
    task, stranger = TaskFactory(organization=desk), AccountFactory()
    colleague = AccountFactory()
    MembershipFactory(account=colleague, organization=desk, role="orienteuse")
    client.as_(nurse)
    where = reverse("pathways:hand_over", args=[task.pk])

    assert client.post(where, {"to": str(stranger.pk)}).status_code == 409
    assert client.post(where, {"to": str(colleague.pk)}).status_code == 303
    task.refresh_from_db()
    assert task.assignee_id == colleague.pk

    client.post(reverse("pathways:give_back", args=[task.pk, "equipe"]))
    task.refresh_from_db()
    assert task.assignee_id is None


def test_a_moment_that_is_not_offered_is_refused_with_a_sentence(desk, nurse, client):
    task = TaskFactory(organization=desk)
    client.as_(nurse)

    response = client.post(reverse("pathways:snooze", args=[task.pk]), {"until": "toujours"})

    assert response.status_code == 409
    assert "Ce délai n’existe pas" in response.content.decode()


@pytest.mark.parametrize("verb", ["settle", "reopen", "snooze", "wake", "hand_over"])
def test_what_one_does_not_see_does_not_exist(nurse, client, verb):
    task = TaskFactory()
    client.as_(nurse)

    assert client.post(reverse(f"pathways:{verb}", args=[task.pk])).status_code == 404
    assert traces("refused")[-1]["subject_id"] == str(task.pk)


def test_a_stranger_is_sent_to_the_sign_in(client):
    response = client.get(HOME)

    assert response.status_code == 302
    assert "/compte/" in response["Location"]


def ask(desk, **details):
    return services.Ask(
        **({"kind": "qualify", "origin": "x/y/1", "organization_id": desk.pk} | details)
    )


def test_the_same_thing_asked_twice_is_one_task(desk):
    one = services.open_task(actor=SYSTEM, ask=ask(desk), now=NOW)
    two = services.open_task(actor=SYSTEM, ask=ask(desk), now=NOW)

    assert one.pk == two.pk
    assert len(facts("pathways.task_opened")) == 1


@pytest.mark.django_db(transaction=True)
def test_the_same_thing_asked_at_once_by_two_workers_is_one_task():
    desk = OrganizationFactory()

    answers = simultaneously(
        *[lambda: services.open_task(actor=SYSTEM, ask=ask(desk), now=NOW)] * 6
    )

    assert {getattr(one, "pk", one) for one in answers} == {Task.objects.get().pk}
    assert len(facts("pathways.task_opened")) == 1


def test_a_task_opened_again_meanwhile_cannot_be_reopened_twice(desk, nurse):
    task = services.open_task(actor=SYSTEM, ask=ask(desk, kind="read_text"), now=NOW)
    services.settle(actor=nurse, task=task, now=NOW)
    services.open_task(actor=SYSTEM, ask=ask(desk, kind="read_text"), now=NOW)

    with pytest.raises(DomainError, match="déjà été rouverte"):
        services.reopen(actor=nurse, task=task, now=NOW)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("pathways_task_is_open_once_per_desk_and_role", {}),
        ("pathways_task_is_dated_when_settled", {"origin": "other", "state": "done"}),
        ("pathways_task_urgency_is_known", {"origin": "other", "urgency": 5}),
    ],
)
def test_the_database_keeps_the_promises_of_tasks(desk, name, change):
    TaskFactory(organization=desk, origin="x/y/1")

    with pytest.raises(IntegrityError, match=name), transaction.atomic(), arranging():
        TaskFactory(organization=desk, **({"origin": "x/y/1"} | change))


def test_each_line_says_where_the_request_stands_and_whose_it_is(desk, nurse, client):
    TaskFactory(organization=desk, kind="await_answer")
    TaskFactory(organization=desk, kind="read_text")

    page = client.as_(nurse).get(reverse("pathways:worklist"), {"qui": "team"}).text

    stands = [one.split("<")[0] for one in page.split('row__stands">')[1:]]
    assert sorted(stands) == ["En recherche · Équipe", "Équipe"]


def test_whatever_a_request_owes_says_where_it_stands():
    opened_by_a_fact = {
        *("decide_later_offer", "meet_service", "review_stopped"),
        *("place_away", "place_gone", "place_left"),
        *("tell_winner", "tell_visit", "delivery_failed"),
    }
    of_requests = rules.DERIVED | opened_by_a_fact
    assert {code for code, kind in rules.KINDS.items() if kind.stands} == of_requests


def test_the_page_of_a_person_shows_what_waits_about_them(desk, nurse, client):
    person = known_person(desk)
    TaskFactory(organization=desk, person=person, kind="call_back", box="tasks")
    TaskFactory(organization=desk, person=known_person(desk), kind="qualify")
    client.as_(nurse)

    shown = client.get(reverse("pathways:person_panel", args=[person.pk])).content.decode()

    assert "Rappeler le demandeur" in shown
    assert "Qualifier" not in shown


def test_a_request_leads_to_its_last_search_and_a_stranger_to_nothing(desk, nurse, client):
    search = SolicitationFactory(organization=desk, person=known_person(desk))
    where = reverse("pathways:search_of", args=[uuid7()])
    with arranging():
        search.origin = f"intake/request/{where.split('/')[3]}"
        search.save()

    found = client.as_(nurse).get(where)
    assert found["Location"] == reverse("broker:search", args=[search.pk])
    assert client.as_(stranger()).get(where).status_code == 404
