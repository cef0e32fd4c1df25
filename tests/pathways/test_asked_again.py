"""Who is asked: the usual nurse first, even by a desk that never met her; and who refused a need
that has changed since."""

import pytest
from django.urls import reverse
from django.utils import timezone

from cordee.broker import services as broker
from cordee.broker.models import Invitation, Solicitation
from cordee.intake import services as intake
from cordee.intake.models import Wish
from cordee.kernel.identifiers import uuid7
from tests.factories.broker import nurse
from tests.factories.directory import CommuneFactory, MembershipFactory, OrganizationFactory
from tests.factories.intake import desk_of
from tests.factories.people import PersonFactory, joins_circle
from tests.pathways.test_conductor import qualify
from tests.pathways.test_edited_need import page, searches  # noqa: F401 — the form of the need
from tests.pathways.test_life import asked_for, self_of
from tests.support import arranging, run_jobs

pytestmark = pytest.mark.django_db


# --- the usual nurse ------------------------------------------------------------------------------


@pytest.fixture
def hers():
    """Somebody whom no desk knows, and the usual nurse whom her circle names."""
    CommuneFactory()
    usual = nurse()
    person = PersonFactory()
    joins_circle(person, practitioner=usual, is_usual_nurse=True)
    return person, usual


def call(client, person, **more):
    """The desk meets her for the first time, on the telephone."""
    desk = OrganizationFactory(territory=person.territory)
    shown, search = told_of(client, person, desk, geste="search", **more)
    return search, shown


def told_of(client, person, desk, **more):
    """A call about her, as its page sends it: what its side panel says, and the search if any."""
    typed = {
        "draft_id": str(uuid7()),
        "caller_phone": "06 12 34 56 78",
        "caller_kind": "gp",
        "caller_name": "Docteur Arnaud",
        "person_id": str(person.pk),
        "kind": "injection",
        "commune": "saint bonnet en champsaur",
        "weight": "full",
        "no_sign": "on",
        "delay": "h24",
    } | more
    client.now = timezone.now()
    client.as_(desk_of(desk))
    shown = client.htmx(reverse("intake:summary", args=[typed["draft_id"]]), typed).text
    if "geste" not in typed:
        return shown, None
    assert client.post(reverse("intake:desk"), typed).status_code == 302
    run_jobs()
    return shown, Solicitation.objects.get()


def test_the_usual_nurse_is_asked_first_by_a_desk_that_meets_the_person(client, hers):
    person, usual = hers
    for _ in range(3):
        nurse()

    search, shown = call(client, person)

    assert usual.last_name not in shown  # the desk was not told her name
    assert not Wish.objects.exists()
    assert search.usual_practitioner_id == usual.pk
    assert [one.practitioner for one in search.invitations.all()] == [usual]


def test_who_chooses_nobody_has_nobody_asked_first(client, hers):
    search, _ = call(client, hers[0], chooses_nobody="on")
    assert search.usual_practitioner_id is None


def test_a_tick_taken_off_during_the_call_stays_off_and_gives_no_head_start(client, hers):
    person, usual = hers
    desk = OrganizationFactory(territory=person.territory)
    joins_circle(person, organization=desk, practitioner=None)
    nurse()
    ticked = f'name="usual_nurse" value="{usual.pk}" checked'
    seen, _ = told_of(client, person, desk)
    assert ticked in seen
    seen, search = told_of(client, person, desk, usual_shown=str(usual.pk), geste="search")
    assert str(usual.pk) in seen
    assert ticked not in seen
    assert dict(Wish.objects.values_list("practitioner_id", "choice")) == {usual.pk: "ordinary"}
    assert search.usual_practitioner_id is None


def test_a_usual_nurse_who_is_not_wanted_is_not_asked(request_, orienteuse, now):
    usual = nurse()
    other = nurse()
    joins_circle(request_.person, practitioner=usual, is_usual_nurse=True)
    with arranging():
        Wish.objects.create(request=request_, practitioner=usual, choice="exclude")
    search = qualify(request_, orienteuse, now)
    assert search.usual_practitioner_id is None
    assert asked_for(request_) == [other.pk]


def test_who_the_call_named_is_first_before_the_circle(request_, orienteuse, now):
    noted, said = nurse(), nurse()
    joins_circle(request_.person, practitioner=noted, is_usual_nurse=True)
    with arranging():
        Wish.objects.create(request=request_, practitioner=said, choice="usual")
    assert qualify(request_, orienteuse, now).usual_practitioner_id == said.pk


# --- who refused another need ----


@pytest.fixture
def refused(request_, orienteuse, now):
    """The only nurse of the zone says no, for a reason; the request comes back."""

    def say(refusal):
        nurse()
        search = qualify(request_, orienteuse, now)
        invitation = search.invitations.get()
        broker.decline(
            actor=self_of(invitation),
            invitation=invitation,
            refusal=refusal,
            now=timezone.now(),
        )
        run_jobs(until=timezone.now())
        request_.refresh_from_db()
        assert request_.state == "qualified"
        return invitation

    return say


@pytest.mark.parametrize(
    ("refusal", "change"),
    [("hours", {"visit_times": ["evening"]}), ("hours", {"begins_on": "+3"}),
     ("kind", {"kind": "dressing"}), ("absent", {"begins_on": "+9"})],
)  # fmt: skip
def test_who_refused_what_has_changed_is_asked_again(refused, page, request_, refusal, change):  # noqa: F811
    former = refused(refusal)

    page(**change, geste="search")

    again = searches(request_)[-1]
    assert again.pk != former.solicitation_id
    assert [one.practitioner_id for one in again.invitations.all()] == [former.practitioner_id]
    assert request_.state == "searching"


@pytest.mark.parametrize(
    ("refusal", "change"),
    [("hours", {"kind": "dressing"}), ("kind", {"begins_on": "+9"}), ("", {"begins_on": "+9"})],
)
def test_who_refused_what_has_not_changed_is_not(refused, page, request_, refusal, change):  # noqa: F811
    former = refused(refusal)

    page(**change, geste="search")

    assert asked_for(request_) == [former.practitioner_id]
    assert request_.state == "qualified"


@pytest.mark.parametrize("changed", [False, True])
def test_another_service_asks_again_only_if_it_asks_for_something_else(
    refused, request_, orienteuse, changed
):
    former = refused("kind")
    other = MembershipFactory(organization__kind="sio").organization
    to = intake.HandOn(organization=other, reason="territory", spoken_with="Nadia")
    copy = intake.hand_on(actor=orienteuse, request=request_, to=to, now=timezone.now())
    if changed:
        with arranging():
            copy.kind = "dressing"
            copy.save()
    run_jobs()

    qualify(copy, desk_of(other), timezone.now())

    asked = Invitation.objects.filter(solicitation__origin=f"intake/request/{copy.pk}")
    assert [one.practitioner_id for one in asked] == [former.practitioner_id] * changed
