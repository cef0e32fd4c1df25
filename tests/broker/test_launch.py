"""Launching a search, and the waves that follow."""

from datetime import timedelta

import pytest
from django.db import connection

from cordee.access.actor import SYSTEM
from cordee.broker import jobs, rules, selectors, services
from cordee.broker.models import Invitation, Solicitation
from cordee.broker.services import texts
from cordee.directory.models import Commune
from cordee.kernel.errors import DomainError, Forbidden
from cordee.messaging.models import Message
from cordee.messaging.sealing import unseal
from cordee.messaging.services import send_text
from tests.factories.broker import (
    InvitationFactory,
    SolicitationFactory,
    nurse,
    nurses,
    order_for,
)
from tests.factories.directory import CommuneFactory, OrganizationFactory, PracticeSiteFactory
from tests.factories.people import PersonFactory, joins_circle
from tests.support import (
    NOW,
    arranging,
    facts,
    orienteuse_of,
    queued,
    run_jobs,
    simultaneously,
    stranger,
    texts_leave,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk():
    return OrganizationFactory()


@pytest.fixture
def person(desk):
    person = PersonFactory(territory=desk.territory)
    joins_circle(person, organization=desk)
    return person


def launched(person, desk, now=NOW, **more):
    order = order_for(person, desk, **more)
    search = services.launch(actor=SYSTEM, order=order, now=now)
    texts_leave(now)
    return search


def asked(solicitation):
    return list(solicitation.invitations.order_by("wave", "pk"))


def test_the_usual_nurse_is_asked_alone_and_by_text(person, desk):
    usual = nurse()
    nurses(3)
    solicitation = launched(person, desk, usual_practitioner_id=usual.pk)
    (invitation,) = asked(solicitation)
    assert invitation.practitioner == usual
    (message,) = Message.objects.all()
    assert message.to == usual.practice.mobile
    assert message.template == "broker.ask"


def test_only_the_hash_of_the_link_is_kept_and_the_outbox_does_not_show_it(person, desk):
    nurse()
    solicitation = launched(person, desk)
    (invitation,) = asked(solicitation)
    (message,) = Message.objects.all()
    assert "/r/" not in message.text
    assert len(bytes(invitation.link_hash)) == 32
    assert all("/r/" not in str(arguments) for _, _, arguments, _ in queued())


def test_then_her_practice_then_the_zone(person, desk):
    usual, colleague = nurse(), nurse()
    for one in (usual, colleague):
        PracticeSiteFactory(practitioner=one, structure="R000000001")
    zone = nurses(4)
    solicitation = launched(person, desk, usual_practitioner_id=usual.pk)
    for minutes in (15, 35):
        later = NOW + timedelta(minutes=minutes)
        services.advance(actor=SYSTEM, solicitation=solicitation, now=later)
        texts_leave(later)
    tiers = [(one.wave, one.practitioner) for one in asked(solicitation)]
    assert tiers[:2] == [(1, usual), (2, colleague)]
    assert {who for wave, who in tiers if wave == 3} <= set(zone)


def test_launching_twice_for_one_origin_gives_the_search_under_way(person, desk):
    nurses(3)
    first = launched(person, desk)
    count = Invitation.objects.count()
    assert launched(person, desk) == first
    assert Invitation.objects.count() == count


def test_a_dead_person_is_not_searched_for(person, desk):
    with arranging():
        person.deceased_on = NOW.date()
        person.save()
    with pytest.raises(DomainError, match="décédée"):
        launched(person, desk)


def test_nobody_at_all_gives_the_need_back_at_once_with_proposals(person, desk):
    solicitation = launched(person, desk)
    assert solicitation.state == Solicitation.State.EXHAUSTED
    (fact,) = facts("broker.exhausted")
    assert fact["data"]["reason"] == "nobody"
    assert fact["data"]["proposals"][-1] == "phone_list"


def test_a_stopped_nurse_is_never_asked(person, desk):
    stopped, free = nurse(stopped_at=NOW), nurse()
    solicitation = launched(person, desk)
    assert [one.practitioner for one in asked(solicitation)] == [free]
    assert stopped.pk not in {one.practitioner_id for one in Invitation.objects.all()}


def test_a_nurse_excluded_by_the_person_is_never_asked(person, desk):
    refused, free = nurse(), nurse()
    solicitation = launched(person, desk, excluded=(refused.pk,))
    assert [one.practitioner for one in asked(solicitation)] == [free]


def test_a_reached_weekly_cap_is_honoured(person, desk):
    full = nurse(weekly_cap=1)
    InvitationFactory(practitioner=full, answer="accepted", answered_at=NOW)
    solicitation = launched(person, desk)
    assert asked(solicitation) == []


def test_the_cap_counts_new_persons_each_once(person, desk):
    """Two cares of one person are one person; whom one followed before is not new."""
    free = nurse(weekly_cap=2)
    somebody = PersonFactory()
    for kinds in (["dressing"], ["hygiene"]):
        taken = SolicitationFactory(person=somebody, kinds=kinds, state="filled")
        InvitationFactory(solicitation=taken, practitioner=free, answer="accepted", answered_at=NOW)
    followed = SolicitationFactory(state="filled")
    joins_circle(followed.person, practitioner=free, since=NOW - timedelta(days=30))
    InvitationFactory(solicitation=followed, practitioner=free, answer="accepted", answered_at=NOW)
    assert [one.practitioner for one in asked(launched(person, desk))] == [free]


@pytest.mark.parametrize("many", [False, True])
def test_her_own_person_is_no_new_one_for_the_usual_nurse(person, desk, many):
    usual, other = nurse(weekly_cap=1), nurse(weekly_cap=1)
    for one in (usual, other):
        InvitationFactory(practitioner=one, answer="accepted", answered_at=NOW)
    order = order_for(person, desk, usual_practitioner_id=usual.pk)
    if many:
        services.launch_many(actor=SYSTEM, orders=[order], now=NOW)
    else:
        services.launch(actor=SYSTEM, order=order, now=NOW)
    found = Invitation.objects.filter(solicitation__origin=order.origin)
    assert [one.practitioner for one in found] == [usual]


def test_a_wave_closed_twice_asks_nobody_twice(person, desk):
    nurses(12)
    solicitation = launched(person, desk)
    end = solicitation.wave_ends_at
    for _ in range(2):
        services.advance(actor=SYSTEM, solicitation=solicitation, now=end)
    waves = [one.wave for one in asked(solicitation)]
    assert max(waves) == 2
    assert (
        Message.objects.count()
        == len(waves)
        == len({o.practitioner_id for o in asked(solicitation)})
    )


def test_jobs_run_late_or_twice_change_nothing_more(person, desk):
    nurses(2)
    solicitation = launched(person, desk)
    run_jobs(until=NOW + timedelta(days=3))
    before = Invitation.objects.count()
    jobs.close_wave(solicitation_id=str(solicitation.pk))
    jobs.end_search(solicitation_id=str(solicitation.pk))
    assert Invitation.objects.count() == before


def test_the_deadline_gives_the_need_back(person, desk):
    nurses(2)
    solicitation = launched(person, desk)
    solicitation = services.advance(
        actor=SYSTEM, solicitation=solicitation, now=solicitation.deadline_at
    )
    assert (solicitation.state, solicitation.end_reason) == ("exhausted", "deadline")
    assert len(facts("broker.exhausted")) == 1


def test_the_orienteuse_may_relaunch_and_a_stranger_may_not(person, desk):
    nurses(12)
    solicitation = launched(person, desk)
    soon = NOW + timedelta(minutes=1)
    services.launch_next_wave(actor=orienteuse_of(desk), solicitation=solicitation, now=soon)
    assert max(one.wave for one in asked(solicitation)) == 2
    with pytest.raises(Forbidden):
        services.launch_next_wave(actor=stranger(), solicitation=solicitation, now=NOW)


def test_a_search_that_found_nobody_begins_again_without_those_who_refused(person, desk):
    pair = nurses(2)
    solicitation = launched(person, desk, urgency=rules.Urgency.THREE_DAYS)
    (invitation,) = asked(solicitation)
    with arranging():
        invitation.settle("declined", NOW)
    services.advance(actor=SYSTEM, solicitation=solicitation, now=solicitation.deadline_at)
    again = services.launch_next_wave(
        actor=orienteuse_of(desk),
        solicitation=solicitation,
        now=solicitation.deadline_at + timedelta(hours=13),
    )
    (other,) = [one for one in pair if one != invitation.practitioner]
    assert again.follows == solicitation
    assert [one.practitioner for one in asked(again)] == [other]


def test_widening_reaches_the_other_communes_of_the_intercommunality(person, desk):
    here = CommuneFactory()
    around = Commune.objects.filter(epci_code=here.epci_code).exclude(pk=here.pk)
    neighbour = nurse(communes=[around.order_by("pk")[0].pk])
    solicitation = launched(person, desk)
    assert solicitation.state == "exhausted"
    wide = services.widen(actor=orienteuse_of(desk), solicitation=solicitation, now=NOW)
    assert [one.practitioner for one in asked(wide)] == [neighbour]


def test_cancelling_tells_those_who_wait_and_is_idempotent(person, desk):
    nurses(2)
    solicitation = launched(person, desk)
    for _ in range(2):
        services.cancel(actor=SYSTEM, solicitation=solicitation, reason="died", now=NOW)
    told = Message.objects.filter(template="broker.not_needed").count()
    assert told == solicitation.invitations.count()
    assert len(facts("broker.cancelled")) == 1


def test_a_text_that_never_arrived_is_not_waited_for(person, desk):
    nurses(12)
    solicitation = launched(person, desk)
    failed = {"state": "failed", "reason": "UNDELIV", "settled_at": NOW, "next_attempt_at": None}
    with arranging():
        Message.objects.update(**failed)
    for invitation in asked(solicitation):
        services.note_undelivered(actor=SYSTEM, invitation=invitation, now=NOW)
    solicitation = services.advance(actor=SYSTEM, solicitation=solicitation, now=NOW)
    assert solicitation.wave == 2


def test_reply_codes_are_unique_among_what_a_phone_was_asked(person, desk):
    one = nurse()
    codes = set()
    for number in range(12):
        solicitation = launched(person, desk, origin=f"intake/request/{number}")
        codes |= {invitation.code for invitation in asked(solicitation)}
    assert len(codes) == 12
    assert selectors.codes_in_use([one.practice.mobile], NOW)[one.practice.mobile] == codes


def test_the_sweep_finds_a_search_whose_look_was_lost(person, desk):
    nurses(12)
    solicitation = launched(person, desk)
    later = solicitation.wave_ends_at + timedelta(minutes=3)
    assert solicitation in selectors.due_for_a_look(SYSTEM, later)


@pytest.mark.django_db(transaction=True)
def test_two_orienteuses_who_relaunch_at_once_send_one_wave():
    desk = OrganizationFactory()
    person = PersonFactory(territory=desk.territory)
    joins_circle(person, organization=desk)
    nurses(12)
    solicitation = launched(person, desk)
    soon = NOW + timedelta(minutes=1)

    def relaunch():
        actor = orienteuse_of(desk)
        return services.launch_next_wave(actor=actor, solicitation=solicitation, now=soon).wave

    assert simultaneously(relaunch, relaunch) == [2, 2]
    assert Message.objects.count() == solicitation.invitations.count()


@pytest.mark.django_db(transaction=True)
def test_one_request_launched_by_two_workers_is_one_search():
    desk = OrganizationFactory()
    person = PersonFactory(territory=desk.territory)
    nurses(12)
    found = simultaneously(*[lambda: launched(person, desk).pk for _ in range(4)])
    assert len(set(found)) == 1
    assert Message.objects.count() == Invitation.objects.count()


def test_a_worker_killed_between_two_messages_neither_repeats_nor_forgets_one(
    person, desk, monkeypatch
):
    nurses(30)
    written = []

    def dies_at_the_second(**arguments):
        if written:
            raise KeyboardInterrupt
        written.append(arguments["to"])
        return send_text(**arguments)

    monkeypatch.setattr(texts, "send_text", dies_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        launched(person, desk, urgency=rules.Urgency.TONIGHT)
    assert not Solicitation.objects.exists()
    assert not Message.objects.exists()
    monkeypatch.undo()
    solicitation = launched(person, desk, urgency=rules.Urgency.TONIGHT)
    phones = list(Message.objects.values_list("to", flat=True))
    assert len(phones) == len(set(phones)) == solicitation.invitations.count() > 1


def test_a_text_carries_neither_the_name_nor_the_care_nor_the_village(person, desk):
    nurse()
    launched(person, desk)
    (message,) = Message.objects.all()
    whole = unseal(message.sealed, message.pk)["text"] + message.text
    for word in (person.birth_name, "Berthe", "injection", "Saint-Bonnet"):
        assert word.lower() not in whole.lower()


def test_a_search_launched_late_waits_for_the_morning(person, desk):
    nurses(3)
    late = NOW.replace(hour=23)
    solicitation = launched(person, desk, now=late, begins_at=late + timedelta(hours=12))
    assert asked(solicitation) == []
    morning = NOW.replace(hour=7, minute=0) + timedelta(days=1)
    assert solicitation.look_at == morning
    services.advance(actor=SYSTEM, solicitation=solicitation, now=morning)
    assert asked(solicitation) or solicitation.deadline_at <= morning


def test_tonight_at_night_only_those_who_agreed_are_asked(person, desk):
    sleeper, agreed = nurse(), nurse(urgent_at_night=True)
    late = NOW.replace(hour=23)
    solicitation = launched(person, desk, now=late, urgency=rules.Urgency.TONIGHT, begins_at=late)
    assert [one.practitioner for one in asked(solicitation)] == [agreed]
    assert sleeper != agreed


def test_what_was_launched_for_an_origin_is_found_by_its_index(desk):
    """Each launch asks it, more than once: of a region, all the searches ever made were read."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    reader = orienteuse_of(desk)
    rows = Solicitation.objects.visible_to(reader).filter(origin="request:1")
    plan = rows.order_by("-launched_at", "-pk")[:1].explain()
    assert "broker_solicitation_of_origin" in plan
