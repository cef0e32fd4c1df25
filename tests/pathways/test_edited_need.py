"""The need is edited on its page, and the search follows what it now asks."""

import pytest
from django.urls import reverse
from django.utils import timezone

from cordee.broker.models import Invitation, Solicitation
from cordee.directory.models import PracticeSite
from cordee.intake import services as intake
from cordee.intake.models import CareRequest
from cordee.intake.rules import begins_at
from tests.factories.broker import nurse
from tests.factories.directory import CommuneFactory, WeeklyHoursFactory
from tests.factories.intake import CareRequestFactory
from tests.pathways.test_conductor import qualify, say_yes, waiting
from tests.support import run_jobs

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(client, request_, orienteuse):
    def edit(**changes):
        request_.refresh_from_db()
        said = {
            "kind": request_.kind,
            "commune": request_.commune.name,
            "commune_code": request_.commune_id,
            "need": request_.need,
            "access_notes": request_.access_notes,
            "seen": request_.version,
        } | changes
        client.now = timezone.now()  # after what the conductor has done
        answer = client.as_(orienteuse).post(reverse("intake:edit", args=[request_.pk]), said)
        run_jobs()
        request_.refresh_from_db()
        return answer

    return edit


def searches(request):
    found = Solicitation.objects.filter(origin=f"intake/request/{request.pk}")
    return list(found.order_by("launched_at", "pk"))


def test_the_form_shows_what_is_known(client, request_, orienteuse):
    form = client.as_(orienteuse).get(reverse("intake:edit", args=[request_.pk])).text
    assert f'value="{request_.commune.name}"' in form
    assert 'value="Code 12B"' in form
    shown = client.get(reverse("intake:request", args=[request_.pk])).text
    assert reverse("intake:edit", args=[request_.pk]) in shown


def test_a_change_of_words_reaches_who_comes_without_asking_anybody_again(
    page, request_, orienteuse, now
):
    nurse()
    search = qualify(request_, orienteuse, now)
    assert page(access_notes="Code 34C", visit_minutes="30").status_code == 302
    assert searches(request_) == [search]
    search.refresh_from_db()
    assert "Code 34C" in search.arrival_notes
    assert search.state == "open"
    say_yes(search, now)
    page(access_notes="Sonnez deux fois")
    search.refresh_from_db()
    assert "Sonnez deux fois" in search.arrival_notes
    assert request_.state == "found"


def test_another_hour_of_beginning_is_another_search(page, request_, orienteuse, now):
    nurse()
    first = qualify(request_, orienteuse, now)
    page(begins_on="+3")
    first.refresh_from_db()
    assert first.state == "cancelled"
    second = searches(request_)[-1]
    assert (second.state, request_.state) == ("open", "searching")
    assert waiting(request_) == {"await_answer"}  # the requester was told of nothing yet
    assert timezone.localtime(second.begins_at) == begins_at(request_.begins_on, now)


def test_other_moments_of_the_day_are_another_search(page, request_, orienteuse, now):
    works = nurse(week=None)
    for day in range(7):
        WeeklyHoursFactory(practice=works.practice, weekday=day, starts="07:00", ends="13:00")
    first = qualify(request_, orienteuse, now)
    assert first.invitations.exists()
    page(visit_times=["evening"])
    first.refresh_from_db()
    assert first.state == "cancelled"
    second = searches(request_)[-1]
    assert (second.moments, second.invitations.count()) == (["evening"], 0)


def test_another_profession_is_really_searched(page, request_, orienteuse, now):
    qualify(request_, orienteuse, now)
    assert request_.state == "qualified"
    midwife = nurse(practitioner__profession="50", kinds=["sampling"])
    answer = page(kind="sampling", profession="50", geste="search")
    assert answer.status_code == 302
    search = searches(request_)[-1]
    assert search.profession == "50"
    (asked,) = Invitation.objects.filter(solicitation=search)
    assert asked.practitioner == midwife


def test_a_kind_of_care_is_asked_of_those_who_give_it(desk, orienteuse, now):
    physio = nurse(practitioner__profession="70", kinds=["physiotherapy"])
    request = CareRequestFactory(organization=desk, kind="physiotherapy", received_at=now)
    search = qualify(request, orienteuse, now)
    assert search.profession == "70"
    (asked,) = Invitation.objects.filter(solicitation=search)
    assert asked.practitioner == physio


def test_a_profession_that_does_not_give_this_care_is_refused_in_words(page, request_):
    answer = page(kind="injection", profession="91")
    assert answer.status_code == 422
    assert "ne donne pas ce soin" in answer.text
    assert request_.profession == ""


def test_a_place_that_was_to_be_checked_no_longer_is(page, request_):
    CommuneFactory(code="34301", name="Sète")
    request_.proposals = ["moved", "widen"]
    from tests.support import arranging

    with arranging():
        request_.save()
    page(commune="Sète", commune_code="34301", address="1 quai")
    assert (request_.commune_id, request_.address) == ("34301", "1 quai")
    assert request_.proposals == ["widen"]


def test_the_same_need_is_not_asked_twice_by_editing(page, request_, desk):
    other = CareRequestFactory(organization=desk, person=request_.person, kind="dressing")
    answer = page(kind="dressing")
    assert answer.status_code == 422
    assert "déjà en cours" in answer.text
    assert CareRequest.objects.get(pk=other.pk).kind == "dressing"
    assert request_.kind == "injection"


def test_what_is_over_or_was_changed_meanwhile_is_not_edited(page, request_, orienteuse, now):
    assert page(seen=request_.version - 1).status_code == 409
    intake.cancel(actor=orienteuse, request=request_, reason="asked", now=now)
    assert page(need="Autre").status_code == 409


def test_the_list_to_telephone_has_the_numbers(client, request_, orienteuse, now):
    asked = nurse()
    search = qualify(request_, orienteuse, now)
    following = nurse()
    from tests.support import arranging

    with arranging():
        for number, one in enumerate((asked, following)):
            PracticeSite.objects.create(
                practitioner=one, structure=f"F{number}", phone=f"049200112{number}"
            )
    shown = client.as_(orienteuse).get(reverse("broker:search", args=[search.pk])).text
    assert 'href="tel:+33492001120"' in shown
    assert 'href="tel:+33492001121"' in shown
