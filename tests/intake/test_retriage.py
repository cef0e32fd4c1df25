"""The grid answered again after the call: kept beside the former, and the search follows."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from cordee.broker.models import Solicitation
from cordee.intake import services
from cordee.intake.models import CareRequest, TriageAnswer
from cordee.intake.selectors import grid_in_use
from cordee.kernel.errors import DomainError
from cordee.pathways.models import Task
from tests.factories.broker import nurse
from tests.factories.directory import OrganizationFactory
from tests.factories.intake import CareRequestFactory, TriageVersionFactory, desk_of
from tests.support import arranging, facts, run_jobs, stranger

pytestmark = pytest.mark.django_db


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def service():
    service = OrganizationFactory()
    grid = TriageVersionFactory(organization=service)
    with arranging():
        clinician = desk_of(service, profession="60")
        grid.signed_at, grid.signed_name = timezone.now(), "Claire Bonnet"
        grid.signed_by_id = clinician.account_id
        grid.save()
    return service


@pytest.fixture
def request_(service, now):
    return CareRequestFactory(
        organization=service,
        kind="injection",
        delay="planned",
        received_at=now,
        due_at=now + timedelta(days=5),
    )


def codes(service, kind):
    return list(getattr(grid_in_use(service.pk), kind))


def pressing(service):
    """The question of the grid that asks for the soonest delay."""
    return min(codes(service, "delays"), key=lambda one: list(type(one.delay)).index(one.delay))


def searched(desk, request, now):
    """Ask the signs of the grid, none of which is there, then say that the search may begin."""
    codes = [one.code for one in grid_in_use(request.organization_id).signs]
    none = dict.fromkeys(codes, False)
    services.retriage(actor=desk, request=request, answers=none, now=now)
    services.qualify(actor=desk, request=request, now=now)


def again(client, request, **said):
    return client.post(reverse("intake:retriage", args=[request.pk]), said)


def test_the_new_answers_stand_beside_the_former_and_set_the_delay(client, service, request_):
    speaking = client.as_(desk_of(service))
    page = reverse("intake:retriage", args=[request_.pk])
    assert page in speaking.get(reverse("intake:request", args=[request_.pk])).text
    assert codes(service, "signs")[0].question in speaking.get(page).text
    soonest = pressing(service)
    for said in ({"no_sign": "on"}, {"no_sign": "on", f"q_{soonest.code}": "on"}):
        assert again(speaking, request_, **said).status_code == 302
    request_.refresh_from_db()
    assert request_.delay == soonest.delay
    assert TriageAnswer.objects.filter(request=request_).count() == 2
    assert "Tris déjà faits (2)" in speaking.get(page).text


def test_the_search_under_way_follows_the_new_delay(client, service, request_, now):
    nurse()
    desk = desk_of(service)
    searched(desk, request_, now)
    run_jobs()
    search = Solicitation.objects.get()
    assert search.urgency == "planned"
    soonest = pressing(service)
    again(client.as_(desk), request_, no_sign="on", **{f"q_{soonest.code}": "on"})
    run_jobs()
    run_jobs()
    search.refresh_from_db()
    request_.refresh_from_db()
    assert search.urgency == {"h24": "24h", "h72": "72h"}.get(soonest.delay, soonest.delay)
    assert search.deadline_at == request_.due_at
    assert len(facts("broker.urgency_changed")) == 1
    (task,) = Task.objects.open().filter(kind="await_answer")
    assert task.due_at == request_.due_at


def test_a_delay_changed_by_hand_is_followed_too(service, request_, now):
    nurse()
    desk = desk_of(service)
    searched(desk, request_, now)
    run_jobs()
    request_.refresh_from_db()
    services.set_delay(actor=desk, request=request_, delay="h24", now=now)
    run_jobs()
    assert Solicitation.objects.get().urgency == "24h"


def test_a_sign_transfers_to_the_15_and_stops_the_search(client, service, request_, now):
    nurse()
    desk = desk_of(service)
    searched(desk, request_, now)
    run_jobs()
    sign = codes(service, "signs")[0]
    again(client.as_(desk), request_, **{f"q_{sign.code}": "on"})
    run_jobs()
    request_.refresh_from_db()
    assert request_.held_at is not None
    assert TriageAnswer.objects.latest("created_at", "pk").signs == [sign.code]
    assert Solicitation.objects.get().state == "cancelled"


def test_the_signs_are_asked_first(client, service, request_):
    answer = again(client.as_(desk_of(service)), request_, **{f"q_{pressing(service).code}": "on"})
    assert answer.status_code == 422
    assert "Posez d’abord les signes" in answer.text
    assert not TriageAnswer.objects.exists()


def test_a_delay_chosen_by_hand_is_never_made_longer(client, service, request_, now):
    desk = desk_of(service)
    services.set_delay(actor=desk, request=request_, delay="tonight", now=now)
    again(client.as_(desk), request_, no_sign="on")
    request_.refresh_from_db()
    assert (request_.delay, request_.delay_by_hand) == ("tonight", True)


def test_a_page_that_a_colleague_made_old_changes_nothing(client, service, request_, now):
    desk = desk_of(service)
    seen = request_.version
    services.set_delay(actor=desk, request=request_, delay="h72", now=now)
    assert again(client.as_(desk), request_, no_sign="on", seen=seen).status_code == 409
    assert not TriageAnswer.objects.exists()


def test_what_is_over_or_has_no_grid_is_refused_in_words(service, request_, now):
    desk = desk_of(service)
    other = CareRequestFactory(organization=OrganizationFactory())
    with pytest.raises(DomainError, match="Aucune grille"):
        services.retriage(
            actor=desk_of(other.organization), request=other, answers={"x": True}, now=now
        )
    services.refuse(actor=desk, request=request_, reason="other", words="", now=now)
    with pytest.raises(DomainError, match="terminée"):
        services.retriage(
            actor=desk, request=CareRequest.objects.get(pk=request_.pk), answers={}, now=now
        )


def test_a_stranger_does_not_know_the_page(client, request_):
    page = reverse("intake:retriage", args=[request_.pk])
    assert client.as_(stranger()).get(page).status_code == 404
