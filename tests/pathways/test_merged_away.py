"""Two records become one, or two again: an entry in hospital, a move, a choice, of the other."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from cordee.pathways.models import Task
from cordee.people.models import Candidate, Merge
from cordee.people.selectors import is_deceased
from tests.factories.broker import nurse
from tests.factories.directory import CommuneFactory
from tests.factories.people import StayFactory
from tests.pathways.test_conductor import qualify, waiting
from tests.pathways.test_life import confirmed, found, texts_to
from tests.pathways.test_merged_care import brought_together, circles_of, desk_page, proved
from tests.support import arranging, facts, run_jobs, seen_on

pytestmark = pytest.mark.django_db
__all__ = ["desk_page", "proved"]
HOUR = timedelta(hours=1)


def undone(page):
    page.now = timezone.now()
    merge = Merge.objects.get()
    assert page.post(reverse("people:undo_merge", args=[merge.pk])).status_code == 302
    run_jobs()


@pytest.mark.parametrize("asked", [found, confirmed])
def test_what_was_asked_before_the_other_record_entered_hospital_stops(
    asked, desk_page, request_, orienteuse, proved, now
):
    nurse()
    search, invitation = asked(request_, orienteuse, now)
    StayFactory(person=proved, entered_at=now + HOUR)

    brought_together(desk_page, request_, proved)
    run_jobs()

    for row in (request_, search):
        row.refresh_from_db()
    assert (request_.state, request_.end_reason) == ("cancelled", "admitted")
    assert search.state == "cancelled"
    assert texts_to(invitation)[-1] == "broker.not_needed"
    assert not circles_of(invitation)
    assert waiting(request_) == {"call_back", "review_stopped"}


@pytest.mark.parametrize("stay", ["entered before", "home again"])
def test_what_is_for_her_return_goes_on(stay, desk_page, request_, orienteuse, proved, now):
    nurse()
    search = qualify(request_, orienteuse, now)
    if stay == "entered before":
        StayFactory(person=proved, entered_at=now - 5 * HOUR)
    else:
        entry, out = now + HOUR, now + 2 * HOUR
        StayFactory(person=proved, entered_at=entry, left_at=out, destination="home")
    brought_together(desk_page, request_, proved)
    run_jobs()
    search.refresh_from_db()
    assert search.state == "open"


def test_a_commune_that_goes_back_with_its_record_is_a_move(desk_page, request_, proved, now):
    with arranging():
        proved.commune = CommuneFactory(code="05029", name="Chabottes")
        proved.save()
    person = request_.person
    assert person.commune_id != "05029"
    sent = desk_page.post(reverse("people:propose", args=[proved.pk, person.pk]))
    seen = seen_on(desk_page.get(sent.url))
    address = reverse("people:merge", args=[Candidate.objects.get().pk])
    desk_page.post(address, seen | {"commune_id": "absorbed"})
    run_jobs()
    moved = [line["data"]["commune_code"] for line in facts("people.person_moved")]
    assert moved == [person.commune_id]

    undone(desk_page)

    moved = [line["data"]["commune_code"] for line in facts("people.person_moved", proved.pk)]
    assert moved == [person.commune_id, "05029"]


def test_a_merge_that_moved_nobody_moves_nobody_back(desk_page, request_, proved):
    brought_together(desk_page, request_, proved)
    undone(desk_page)
    assert facts("people.person_moved") == []


# --- a choice that was said meanwhile ------------------------------------------------------------

KIND = "ask_choices"
SAID = {"speaker": "person", "how": "oral"}


def asks_of():
    return set(Task.objects.open().filter(kind=KIND).values_list("person", flat=True))


def refuses_figures(page, person):
    said = SAID | {"purpose": "figures", "will": "refused"}
    assert page.post(reverse("people:process", args=[person.pk]), said).status_code == 302


def test_each_is_asked_what_she_wants_where_one_chose_while_they_were_one(
    desk_page, request_, orienteuse, proved
):
    person = request_.person
    brought_together(desk_page, request_, proved)
    refuses_figures(desk_page, proved)
    undone(desk_page)
    assert asks_of() == {proved.pk, person.pk}
    task = Task.objects.open().visible_to(orienteuse).get(kind=KIND, person=person)
    page = desk_page.get(reverse("pathways:open", args=[task.pk]), follow=True)
    assert page.redirect_chain[-1][0] == reverse("people:choices", args=[person.pk])
    desk_page.post(reverse("pathways:settle", args=[task.pk]))
    assert asks_of() == {proved.pk}


def test_nobody_is_asked_where_nothing_was_chosen_meanwhile(desk_page, request_, proved):
    refuses_figures(desk_page, proved)
    desk_page.now = timezone.now()
    brought_together(desk_page, request_, proved)
    undone(desk_page)
    refuses_figures(desk_page, proved)
    assert asks_of() == set()


def dies(page, person):
    said = {"deceased_on": f"{timezone.localdate():%d/%m/%Y}"}
    assert page.post(reverse("people:death", args=[person.pk]), said).status_code == 302
    run_jobs()


def test_the_dead_are_asked_nothing(desk_page, request_, proved):
    person = request_.person
    brought_together(desk_page, request_, proved)
    refuses_figures(desk_page, proved)
    undone(desk_page)
    dies(desk_page, proved)
    assert asks_of() == {person.pk}


def test_nor_does_a_merge_undone_ask_the_dead(desk_page, request_, proved):
    person = request_.person
    brought_together(desk_page, request_, proved)
    refuses_figures(desk_page, proved)
    dies(desk_page, proved)
    undone(desk_page)
    alive = {one for one in (person.pk, proved.pk) if not is_deceased(one)}
    assert len(alive) < 2
    assert asks_of() == alive
