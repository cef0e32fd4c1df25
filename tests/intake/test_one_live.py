"""One live request per person and need, whatever the way a need comes in."""

from functools import partial

import pytest
from django.urls import reverse

from cordee.access.actor import SYSTEM
from cordee.intake import services
from cordee.intake.call import Call, CallerSaid, NeedSaid, PersonSaid
from cordee.intake.models import CareRequest
from cordee.kernel.errors import DomainError
from cordee.kernel.identifiers import uuid7
from cordee.pathways.models import Task
from tests.factories.directory import CommuneFactory, OrganizationFactory
from tests.factories.intake import CareRequestFactory, DraftFactory, desk_of
from tests.support import NOW, facts, run_jobs, simultaneously, traces

pytestmark = pytest.mark.django_db


@pytest.fixture
def service():
    CommuneFactory()
    return OrganizationFactory()


@pytest.fixture
def two(service):
    """Somebody asks for injections and for dressings, in two requests."""
    injections = CareRequestFactory(organization=service)
    dressings = CareRequestFactory(
        organization=service, person=injections.person, kind="dressing", need="Un pansement"
    )
    return injections, dressings


def typed(request, **changes):
    return {
        "kind": request.kind,
        "other_kinds": request.other_kinds,
        "commune": request.commune.name,
        "commune_code": request.commune_id,
        "need": request.need,
        "seen": request.version,
    } | changes


@pytest.mark.parametrize(
    "changes",
    [{"kind": "injection"}, {"other_kinds": ["injection"]}],
    ids=["the care itself", "a care beside it"],
)
def test_a_request_is_not_edited_into_what_another_follows(client, service, two, changes):
    _, dressings = two
    said = typed(dressings, need="Un pansement, le soir") | changes
    address = reverse("intake:edit", args=[dressings.pk])
    answer = client.as_(desk_of(service)).post(address, said)
    assert answer.status_code == 422
    assert "déjà en cours pour cette personne" in answer.text
    assert "Un pansement, le soir" in answer.text
    dressings.refresh_from_db()
    assert (dressings.kinds, dressings.need) == (["dressing"], "Un pansement")


def asked_elsewhere(client, followed, **said):
    """Another desk of the territory, that may know the person by name, is asked for care."""
    other = OrganizationFactory(territory=followed.organization.territory, name="Guichet voisin")
    who = client.as_(desk_of(other))
    assert who.get(reverse("intake:request", args=[followed.pk])).status_code == 404
    return who.post(reverse("intake:desk"), desk_call(followed.person_id, **said))


def desk_call(person_id, **said):
    return {
        "draft_id": str(uuid7()),
        "caller_phone": "06 12 34 56 78",
        "caller_kind": "gp",
        "person_id": str(person_id),
        "kind": "injection",
        "commune": "saint bonnet en champsaur",
        "weight": "full",
        "no_sign": "on",
        "delay": "h24",
        "geste": "search",
    } | said


def test_what_another_service_follows_is_come_across_in_the_open(client, service):
    """The answer tells one care from another: the attempt leaves a line, that service calls."""
    followed = CareRequestFactory(organization=service, kind="palliative")
    answer = asked_elsewhere(client, followed, kind="palliative")
    assert answer.status_code == 422
    assert "Un autre service suit déjà cette demande" in answer.text
    assert "ouvrez la demande existante" not in answer.text
    assert CareRequest.objects.count() == 1
    line = facts("intake.asked_elsewhere", thread=followed.person_id)[-1]
    assert line["data"]["request_id"] == str(followed.pk)
    assert next(one for one in traces() if one["verb"] == "intake.meet")["persons"] == [
        followed.person_id
    ]
    run_jobs()
    task = Task.objects.get(kind="meet_service")
    assert (task.organization, task.origin) == (service, f"intake/request/{followed.pk}")


def test_another_care_than_the_one_followed_is_received_and_says_nothing(client, service):
    followed = CareRequestFactory(organization=service, kind="palliative")
    assert asked_elsewhere(client, followed).status_code == 302
    assert not facts("intake.asked_elsewhere", thread=followed.person_id)


def test_an_edit_into_what_another_service_follows_leaves_the_same_line(client, service):
    followed = CareRequestFactory(organization=service, kind="palliative")
    asked_elsewhere(client, followed)
    own = CareRequest.objects.exclude(pk=followed.pk).get()
    said = typed(own, kind="palliative")
    answer = client.post(reverse("intake:edit", args=[own.pk]), said)
    assert answer.status_code == 422
    assert "Un autre service suit déjà cette demande" in answer.text
    assert len(facts("intake.asked_elsewhere", thread=followed.person_id)) == 1


def test_the_care_beside_another_is_not_asked_for_a_second_time(client, service, two):
    injections, dressings = two
    address = reverse("intake:edit", args=[injections.pk])
    desk = client.as_(desk_of(service))
    assert desk.post(address, typed(injections, other_kinds=["toilette"])).status_code == 302
    address = reverse("intake:edit", args=[dressings.pk])
    assert desk.post(address, typed(dressings, kind="toilette")).status_code == 422


def test_two_that_follow_one_care_already_are_still_corrected(client, service, two):
    injections, _ = two
    both = CareRequestFactory(
        organization=service, person=injections.person, kind="toilette", other_kinds=["injection"]
    )
    address = reverse("intake:edit", args=[both.pk])
    answer = client.as_(desk_of(service)).post(address, typed(both, need="Le matin"))
    assert answer.status_code == 302


def test_a_closed_request_does_not_come_back_beside_one_that_follows_part_of_it(service):
    ended = CareRequestFactory(
        organization=service,
        kind="toilette",
        other_kinds=["injection"],
        state="closed",
        told_at=NOW,
        ended_at=NOW,
    )
    CareRequestFactory(organization=service, person=ended.person, kind="injection")
    services.reopen(actor=SYSTEM, request=ended, now=NOW)
    ended.refresh_from_db()
    assert ended.state == "closed"


def _change(desk, request, *others):
    need = NeedSaid(request.kind, others, commune_code=request.commune_id)
    to = services.Edited(need)
    return services.edit(actor=desk, request=request, to=to, now=NOW)


@pytest.mark.django_db(transaction=True)
def test_two_edits_at_once_ask_for_one_care_once(service, two):
    results = simultaneously(*(partial(_change, desk_of(service), one, "toilette") for one in two))
    _one_is_refused(results)


@pytest.mark.django_db(transaction=True)
def test_an_edit_and_a_call_at_once_ask_for_one_care_once(service, two):
    desk = desk_of(service)
    draft = DraftFactory(organization=service, account_id=desk.account_id)
    person, need = PersonSaid(two[0].person_id), NeedSaid("toilette", commune_code="05132")
    call = Call(CallerSaid("gp", "Docteur"), person, need, tell_caller=False)
    results = simultaneously(
        partial(_change, desk_of(service), two[0], "toilette"),
        partial(services.receive, actor=desk, draft=draft, call=call, now=NOW),
    )
    _one_is_refused(results)


def _one_is_refused(results):
    [refused] = [one for one in results if isinstance(one, Exception)]
    assert isinstance(refused, DomainError), refused
    assert refused.code == "intake.already_live"
