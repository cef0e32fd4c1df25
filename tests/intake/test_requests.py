"""A request on its page: each gesture, who may, what is required, what is said upward."""

import re
from datetime import date, timedelta

import pytest
from django.urls import reverse

from cordee.access.actor import SYSTEM
from cordee.intake import services
from cordee.intake.models import CareRequest, Document, TriageAnswer
from cordee.kernel.errors import DomainError, Forbidden
from cordee.people import services as people
from tests.factories.broker import nurse
from tests.factories.directory import (
    AccountFactory,
    CommuneFactory,
    MembershipFactory,
    OrganizationFactory,
    PractitionerFactory,
)
from tests.factories.intake import (
    CareRequestFactory,
    DraftFactory,
    TriageVersionFactory,
    desk_of,
)
from tests.factories.people import joins_circle
from tests.intake.test_upload_rules import document, picture
from tests.support import (
    NOW,
    TOLD,
    arranging,
    facts,
    run_jobs,
    simultaneously,
    speaking_as,
    traces,
)

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)
BEFORE = NOW - timedelta(days=30)  # before the clock of the doors, which is the real one


@pytest.fixture
def request_():
    return CareRequestFactory()


@pytest.fixture
def desk(request_):
    return desk_of(request_.organization)


def now_is(request):
    request.refresh_from_db()
    return request.state


def act(client, request, gesture, **said):
    request.refresh_from_db()
    said.setdefault("seen", request.version)
    return client.post(reverse("intake:act", args=[request.pk, gesture]), said)


def test_a_request_goes_from_received_to_closed_and_is_told_on_the_way(client, request_, desk):
    client.as_(desk)
    winner = PractitionerFactory()
    assert act(client, request_, "qualifier").status_code == 302
    assert now_is(request_) == "qualified"
    services.mark_searching(actor=SYSTEM, request=request_, now=NOW)
    services.mark_found(actor=SYSTEM, request=request_, practitioner_id=winner.pk, now=BEFORE)
    assert now_is(request_) == "found"
    assert act(client, request_, "confirmer", first_visit_on="24/11/2026").status_code == 302
    assert act(client, request_, "clore").status_code == 409
    assert now_is(request_) == "confirmed"
    act(client, request_, "rappeler", how="call", result="reached", words="Camille vient demain")
    assert act(client, request_, "clore").status_code == 302
    assert now_is(request_) == "closed"
    said = [fact["kind"] for fact in facts(thread=request_.person_id)]
    assert said == [
        "intake.request_qualified",
        "intake.search_marked",
        "intake.request_found",
        "intake.request_confirmed",
        "intake.requester_told",
        "intake.request_closed",
    ]


def test_the_thread_holds_identifiers_and_codes_and_no_word_of_anybody(client, request_, desk):
    client.as_(desk)
    act(client, request_, "rappeler", how="call", result="reached", words="Mme Lefèvre va mal")
    act(client, request_, "refuser", reason="other", words="La voisine dit que")
    told = str(facts(thread=request_.person_id))
    assert "Lefèvre" not in told
    assert "voisine" not in told


def test_every_page_of_a_request_leaves_one_line_of_trace(client, request_, desk):
    client.as_(desk).get(reverse("intake:request", args=[request_.pk]))
    [line] = traces("read")
    assert line["subject_id"] == str(request_.pk)
    assert line["persons"] == [request_.person_id]


def test_a_refusal_is_settled_only_when_the_requester_is_told(client, request_, desk):
    client.as_(desk).now = NOW + timedelta(minutes=1)
    act(client, request_, "refuser", reason="no_professional")
    assert list(CareRequest.objects.owed()) == [request_]
    page = client.get(reverse("intake:request", args=[request_.pk])).content.decode()
    assert "Le demandeur est à prévenir" in page
    act(client, request_, "rappeler", how="call", result="no_answer")
    assert list(CareRequest.objects.owed()) == [request_]
    act(client, request_, "rappeler", how="call", result="reached")
    assert not CareRequest.objects.owed().exists()


def test_an_unknown_reason_changes_nothing(client, request_, desk):
    client.as_(desk)
    assert act(client, request_, "refuser", reason="parce que").status_code == 422
    assert now_is(request_) == "received"
    with pytest.raises(DomainError):
        services.cancel(actor=desk, request=request_, reason="x", now=NOW)


def test_a_held_request_is_not_searched_until_released_with_a_reason(client, request_, desk):
    client.as_(desk)
    act(client, request_, "samu")
    assert act(client, request_, "qualifier").status_code == 409
    services.mark_searching(actor=SYSTEM, request=request_, now=NOW)
    assert now_is(request_) == "received"
    assert act(client, request_, "reprendre", reason=" ").status_code == 422
    assert (
        act(client, request_, "reprendre", reason="Le 15 a rappelé : soins maintenus").status_code
        == 302
    )
    assert act(client, request_, "qualifier").status_code == 302
    hold = request_.holds.get()
    assert hold.released_by_id == desk.account_id
    assert "soins maintenus" not in str(facts())


def test_the_15_stops_a_search_under_way(request_, desk):
    services.qualify(actor=desk, request=request_, now=NOW)
    services.mark_searching(actor=SYSTEM, request=request_, now=NOW)
    services.hold_for_samu(actor=desk, request=request_, now=LATER)
    assert now_is(request_) == "qualified"
    assert [f["data"]["reason"] for f in facts("intake.search_stopped")] == ["samu"]


def test_the_marks_of_the_conductor_may_come_twice_and_late(request_, desk):
    nurse = PractitionerFactory()
    services.qualify(actor=desk, request=request_, now=NOW)
    for _ in range(2):
        services.mark_searching(actor=SYSTEM, request=request_, now=NOW)
    for _ in range(2):
        services.mark_found(actor=SYSTEM, request=request_, practitioner_id=nurse.pk, now=NOW)
    for _ in range(2):
        day = date(2026, 11, 24)
        services.mark_confirmed(actor=SYSTEM, request=request_, first_visit_on=day, now=NOW)
    services.mark_unfilled(actor=SYSTEM, request=request_, proposals=["widen"], now=NOW)
    assert now_is(request_) == "confirmed"
    assert len(facts("intake.request_found")) == 1
    services.cancel(actor=desk, request=request_, reason="solved", now=NOW)
    services.mark_found(actor=SYSTEM, request=request_, practitioner_id=nurse.pk, now=NOW)
    services.reopen(actor=SYSTEM, request=request_, now=NOW)
    assert now_is(request_) == "cancelled"


def test_a_withdrawal_forgets_the_nurse_at_once_and_the_requester_is_to_be_told(request_, desk):
    nurse = PractitionerFactory()
    services.qualify(actor=desk, request=request_, now=NOW)
    services.mark_found(actor=SYSTEM, request=request_, practitioner_id=nurse.pk, now=NOW)
    services.tell(actor=desk, request=request_, said=services.Told("call", "reached"), now=NOW)
    services.reopen(actor=SYSTEM, request=request_, now=LATER)
    request_.refresh_from_db()
    assert (request_.state, request_.practitioner_id, request_.told_at) == ("searching", None, None)


def test_a_withdrawal_while_held_waits_for_the_release(request_, desk):
    nurse = PractitionerFactory()
    services.qualify(actor=desk, request=request_, now=NOW)
    services.mark_found(actor=SYSTEM, request=request_, practitioner_id=nurse.pk, now=NOW)
    services.hold_for_samu(actor=desk, request=request_, now=NOW)
    services.reopen(actor=SYSTEM, request=request_, now=LATER)
    request_.refresh_from_db()
    assert (request_.state, request_.practitioner_id) == ("qualified", None)


def test_nobody_found_comes_back_with_proposals(client, request_, desk):
    services.qualify(actor=desk, request=request_, now=NOW)
    services.mark_searching(actor=SYSTEM, request=request_, now=NOW)
    services.mark_unfilled(actor=SYSTEM, request=request_, proposals=["widen", "phone"], now=NOW)
    page = client.as_(desk).get(reverse("intake:request", args=[request_.pk])).content.decode()
    assert "Élargir la zone" in page
    assert act(client, request_, "chercher").status_code == 302
    assert len(facts("intake.search_asked")) == 1


@pytest.mark.parametrize(
    ("declare", "state", "reason"),
    [("death", "cancelled", "person_died"), ("admission", "cancelled", "admitted")],
)
def test_death_and_admission_stop_the_search_and_leave_the_requester_to_be_told(
    request_, desk, declare, state, reason
):
    services.qualify(actor=desk, request=request_, now=NOW)
    services.mark_searching(actor=SYSTEM, request=request_, now=NOW)
    person = request_.person
    if declare == "death":
        people.declare_death(actor=desk, person=person, deceased_on=NOW.date(), now=NOW)
    else:
        people.admit_person(actor=desk, person=person, organization=None, now=NOW)
    run_jobs()
    request_.refresh_from_db()
    assert (request_.state, request_.end_reason, request_.told_at) == (state, reason, None)
    assert list(CareRequest.objects.owed()) == [request_]


def test_a_move_away_brings_the_search_back_to_a_human_and_a_mere_correction_does_not(
    request_, desk
):
    services.qualify(actor=desk, request=request_, now=NOW)
    services.mark_searching(actor=SYSTEM, request=request_, now=NOW)
    same = request_.commune_id
    services.stop(actor=SYSTEM, request=request_, reason="moved", place=same, now=NOW)
    assert now_is(request_) == "searching"
    for _ in range(2):
        services.stop(actor=SYSTEM, request=request_, reason="moved", place="34301", now=NOW)
    request_.refresh_from_db()
    assert (request_.state, request_.proposals) == ("qualified", ["moved"])
    assert len(facts("intake.search_stopped")) == 1


def test_a_warm_transfer_gives_the_other_service_its_own_request(client, request_, desk):
    other = MembershipFactory().organization
    client.as_(desk)
    cold = {"organization": other.pk, "reason": "territory", "spoken_with": ""}
    assert act(client, request_, "transmettre", **cold).status_code == 422
    warm = cold | {"spoken_with": "Nadia, au pôle"}
    assert act(client, request_, "transmettre", **warm).status_code == 302
    copy = CareRequest.objects.get(organization=other)
    assert now_is(request_) == "handed_on"
    assert (copy.state, copy.person_id, copy.handed_from_id) == (
        "received",
        request_.person_id,
        request_.pk,
    )
    theirs = desk_of(other)
    assert client.as_(theirs).get(reverse("intake:request", args=[copy.pk])).status_code == 200
    assert client.get(reverse("intake:request", args=[request_.pk])).status_code == 404


NOWHERE = {
    "a home help service": {"organization__kind": "home_help"},
    "a service that closed": {"organization__closed_on": NOW.date()},
    "a desk whose last account left": {"until": NOW.date() - timedelta(days=1)},
    "a desk held by an administrator alone": {"role": "administrator"},
}


@pytest.mark.parametrize("where", NOWHERE)
def test_a_request_is_not_handed_on_to_where_nobody_reads_it(client, request_, desk, where):
    there = MembershipFactory(since=NOW.date() - timedelta(days=9), **NOWHERE[where]).organization
    warm = {"organization": there.pk, "reason": "territory", "spoken_with": "Nadia"}
    answer = act(client.as_(desk), request_, "transmettre", **warm)
    assert answer.status_code in (409, 422)
    assert "Personne n’y lit les demandes" in answer.text
    assert now_is(request_) == "received"
    assert not CareRequest.objects.filter(organization=there).exists()


def test_the_dac_receives_nothing_without_a_criterion(client, request_, desk):
    dac = MembershipFactory(organization__kind="dac").organization
    client.as_(desk)
    to = {"organization": dac.pk, "reason": "dac", "spoken_with": "Paul"}
    assert act(client, request_, "transmettre", **to).status_code == 409
    assert now_is(request_) == "received"
    assert act(client, request_, "transmettre", **to, criteria=["alone"]).status_code == 302
    assert CareRequest.objects.get(organization=dac).criteria == ["alone"]


def test_a_request_is_confided_to_a_colleague(client, request_, desk):
    colleague = MembershipFactory(organization=request_.organization).account
    act(client.as_(desk), request_, "suivre", account_id=colleague.pk)
    request_.refresh_from_db()
    assert request_.owner == colleague


def test_a_request_is_not_confided_to_somebody_from_elsewhere(client, request_, desk):
    stranger = AccountFactory()
    assert act(client.as_(desk), request_, "suivre", account_id=stranger.pk).status_code == 409
    request_.refresh_from_db()
    assert request_.owner is None


def test_a_stranger_sees_nothing_and_does_nothing(client, request_):
    stranger = desk_of(OrganizationFactory())
    client.as_(stranger)
    assert client.get(reverse("intake:request", args=[request_.pk])).status_code == 404
    assert act(client, request_, "refuser", reason="other").status_code == 404
    assert request_.person.birth_name not in client.get(reverse("intake:queue")).content.decode()
    with pytest.raises(Forbidden):
        services.refuse(actor=stranger, request=request_, reason="other", now=NOW)


def test_the_winner_sees_the_request_and_its_prescription_only_once_found(client, request_, desk):
    nurse = PractitionerFactory()
    hers = client.as_(speaking_as(nurse))
    address = reverse("intake:request", args=[request_.pk])
    assert hers.get(address).status_code == 404
    services.qualify(actor=desk, request=request_, now=NOW)
    services.mark_found(actor=SYSTEM, request=request_, practitioner_id=nurse.pk, now=NOW)
    joins_circle(request_.person, practitioner=nurse)
    assert hers.get(address).status_code == 200
    assert act(client, request_, "refuser", reason="other").status_code == 403
    services.reopen(actor=SYSTEM, request=request_, now=LATER)
    assert hers.get(address).status_code == 404


def test_an_old_page_is_told_that_a_colleague_was_there_first(client, request_, desk):
    seen = request_.version
    services.take(actor=desk, request=request_, account_id=desk.account_id, now=NOW)
    late = desk_of(request_.organization)
    answer = act(client.as_(late), request_, "refuser", reason="other", seen=seen)
    assert answer.status_code == 409
    assert "relisez-la" in answer.content.decode()
    assert now_is(request_) == "received"


@pytest.mark.django_db(transaction=True)
def test_two_orienteuses_at_the_very_same_moment_leave_one_decision(request_, desk):
    other = desk_of(request_.organization)
    seen = request_.version

    def refuses():
        return services.refuse(actor=desk, request=request_, reason="other", seen=seen, now=NOW)

    def cancels():
        return services.cancel(actor=other, request=request_, reason="asked", seen=seen, now=NOW)

    results = simultaneously(refuses, cancels)
    lost = [one for one in results if isinstance(one, DomainError)]
    assert [one.code for one in lost] == ["intake.changed"]
    assert now_is(request_) in ("refused", "cancelled")
    assert len(facts("intake.request_refused") + facts("intake.request_cancelled")) == 1


def test_the_queue_shows_the_most_pressing_first_and_counts(client, request_, desk):
    pressing = CareRequestFactory(
        organization=request_.organization, kind="dressing", due_at=NOW + timedelta(hours=1)
    )
    page = client.as_(desk).get(reverse("intake:queue")).content.decode()
    assert page.index(str(pressing.pk)) < page.index(str(request_.pk))
    mine = client.get(reverse("intake:queue") + "?qui=mine").content.decode()
    assert str(request_.pk) not in mine


def test_what_is_late_and_what_came_read_apart_by_a_word(client, request_, desk):
    service = request_.organization
    CareRequestFactory(organization=service, kind="dressing", due_at=NOW - timedelta(hours=3))
    CareRequestFactory(organization=service, delay="", due_at=None)
    page = client.as_(desk).get(reverse("intake:queue")).text
    assert len(re.findall(r"en retard, </span>attendu <time", page)) == 1
    assert "<span>reçue <time" in page


@pytest.mark.parametrize("rows", [1, 12])
def test_the_queue_costs_the_same_whatever_its_length(client, rows, django_assert_max_num_queries):
    service = OrganizationFactory()
    for _ in range(rows):
        CareRequestFactory(organization=service)
    client.as_(desk_of(service))
    with django_assert_max_num_queries(9 + TOLD):
        assert client.get(reverse("intake:queue")).status_code == 200


# -- what a move leaves --------------------------------------------------------------------------


def tasks_about(request):
    from cordee.pathways.models import Task

    return set(Task.objects.open().about(f"intake/request/{request.pk}").values_list("kind"))


@pytest.mark.parametrize("state", ["received", "qualified", "found", "confirmed"])
def test_a_move_is_never_silent_whatever_the_state(client, request_, desk, state):
    with arranging():
        CareRequest.objects.filter(pk=request_.pk).update(
            state=state,
            found_at=BEFORE,
            told_at=BEFORE,
            first_visit_on="2026-11-25",
            practitioner=PractitionerFactory() if state in ("found", "confirmed") else None,
        )
    CommuneFactory(code="34301", name="Sète")
    for _ in range(2):
        people.move_person(
            actor=desk, person=request_.person, commune_code="34301", address="1 quai", now=NOW
        )
    run_jobs()
    request_.refresh_from_db()
    assert (request_.state, request_.proposals) == (state, ["moved"])
    assert request_.found_at == BEFORE
    assert len(facts("intake.place_changed")) == 1
    assert ("review_stopped",) in tasks_about(request_)
    owed = state in ("found", "confirmed")
    assert (request_.told_at is None) is owed
    page = client.as_(desk).get(reverse("intake:request", args=[request_.pk])).text
    assert "La personne a changé d’adresse" in page
    assert "Personne n’a été trouvé" not in page


def test_another_address_in_the_same_commune_is_looked_at_too(request_, desk):
    person = request_.person
    nurse()
    services.qualify(actor=desk, request=request_, now=NOW)
    run_jobs()
    for address in ("3 chemin du Lac", "3 chemin du Lac", "8 rue Haute"):
        person.refresh_from_db()
        people.move_person(
            actor=desk, person=person, commune_code=person.commune_id, address=address, now=NOW
        )
        run_jobs()
    request_.refresh_from_db()
    assert (request_.state, request_.proposals) == ("searching", ["moved"])
    assert ("review_stopped",) in tasks_about(request_)


# -- what a transfer carries ---------------------------------------------------------------------


def test_a_transfer_carries_the_prescription_and_who_may_read_it(client, request_, desk):
    other = MembershipFactory().organization
    services.add_document(actor=desk, request=request_, name="o.png", content=picture(), now=NOW)
    draft = DraftFactory(organization=request_.organization, request=request_)
    services.attach(actor=desk, draft=draft, name="a.pdf", content=document(), now=NOW)
    warm = {"organization": other.pk, "reason": "territory", "spoken_with": "Nadia"}
    act(client.as_(desk), request_, "transmettre", **warm)
    copy = CareRequest.objects.get(organization=other)
    theirs = client.as_(desk_of(other))
    page = theirs.get(reverse("intake:request", args=[copy.pk])).text
    carried = Document.objects.filter(request=copy)
    assert {bytes(one.content) for one in carried} == {picture(), document()}
    for one in carried:
        address = reverse("intake:document", args=[one.pk])
        assert address in page
        assert theirs.get(address).status_code == 200


def test_a_held_request_is_handed_on_with_its_hold(client, request_, desk):
    services.hold_for_samu(actor=desk, request=request_, signs=["chute"], now=NOW)
    other = MembershipFactory().organization
    warm = {"organization": other.pk, "reason": "territory", "spoken_with": "Nadia"}
    act(client.as_(desk), request_, "transmettre", **warm)
    run_jobs()
    copy = CareRequest.objects.get(organization=other)
    assert tasks_about(copy) == {("release_hold",)}
    theirs = client.as_(desk_of(other))
    act(theirs, copy, "reprendre", reason="Le 15 a rassuré")
    run_jobs()
    (hold,) = copy.holds.all()
    assert (hold.signs, hold.held_by_id) == (["chute"], desk.account_id)
    assert hold.release_reason == "Le 15 a rassuré"
    assert tasks_about(copy) == {("qualify",)}
    assert (
        "reprendre" not in client.as_(desk).get(reverse("intake:request", args=[request_.pk])).text
    )


# -- the delay, by hand ----------------------------------------------------------------------------


def test_a_delay_is_never_made_longer_than_the_grid_said(client, request_, desk):
    grid = TriageVersionFactory(organization=request_.organization, signed=True)
    with arranging():
        TriageAnswer.objects.create(request=request_, triage_version=grid, answers={}, delay="h24")
    client.as_(desk)
    refused = act(client, request_, "delai", delay="planned")
    assert refused.status_code == 409
    assert "refaites le tri" in refused.text
    for shorter in ("tonight", "h24"):
        assert act(client, request_, "delai", delay=shorter).status_code == 302
        request_.refresh_from_db()
        assert request_.delay == shorter


def test_without_a_grid_the_hand_chooses(client, request_, desk):
    assert act(client.as_(desk), request_, "delai", delay="planned").status_code == 302
