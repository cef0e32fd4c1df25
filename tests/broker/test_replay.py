"""What other settings would have done on past searches: nobody named, what was answered kept."""

from datetime import timedelta

import pytest
from django.urls import reverse

from cordee.access.actor import Role
from cordee.broker import rules, selectors
from cordee.broker.rules.curves import ASSUMED
from cordee.broker.rules.replay import Asked, PastSearch, case_of, replayed, silence
from cordee.broker.rules.simulation import NEVER, Known, Played, waves
from cordee.broker.selectors.replay import past_searches
from cordee.kernel.identifiers import uuid7
from tests.factories.broker import InvitationFactory, SolicitationFactory, nurses
from tests.factories.directory import AccountFactory, OrganizationFactory
from tests.factories.people import MemberFactory, PersonFactory
from tests.support import NOW, actor, orienteuse_of

pytestmark = pytest.mark.django_db
DAY = rules.DEFAULTS[rules.Urgency.DAY]


@pytest.fixture
def desk():
    return OrganizationFactory()


@pytest.fixture
def reader(desk):
    return orienteuse_of(desk, account_id=AccountFactory().pk)


def past_of(desk, *answers, days=1, **more):
    """A search of some days ago; each answer is one nurse's, `None` for a silence."""
    at = NOW - timedelta(days=days)
    person = PersonFactory(territory=desk.territory)
    MemberFactory(person=person, organization=desk, practitioner=None, role="orientation")
    values = {
        "organization": desk,
        "person": person,
        "launched_at": at,
        "deadline_at": at + timedelta(hours=8),
        "state": "confirmed",
        "first_visit_at": at + timedelta(hours=10),
    }
    search = SolicitationFactory(**values | more)
    for answer, minutes in answers:
        InvitationFactory(
            solicitation=search,
            answer=answer,
            asked_at=at,
            answered_at=None if answer == "waiting" else at + timedelta(minutes=minutes),
        )
    return search


def address(**given):
    query = "&".join(f"{name}={value}" for name, value in given.items())
    return reverse("broker:replay", args=["24h"]) + (f"?{query}" if query else "")


def test_a_past_search_says_who_answered_what_and_what_it_gave(desk, reader):
    past_of(desk, ("declined", 4), ("accepted", 9), ("waiting", 0))
    (past,) = past_searches(reader, rules.Urgency.DAY, NOW)
    assert past.happened == Played(9, 3)
    assert {one.known for one in past.asked} == {Known(False, 4), Known(True, 9), None}


def test_a_silence_counts_only_when_nobody_had_taken_the_place(desk, reader):
    past_of(desk, ("waiting", 0), state="exhausted", end_reason="nobody", ended_at=NOW,
            first_visit_at=None)  # fmt: skip
    (past,) = past_searches(reader, rules.Urgency.DAY, NOW)
    assert past.asked[0].known == silence()
    assert past.happened.minutes == NEVER


@pytest.mark.parametrize("answer", ["not_needed", "too_late", "accepted"])
def test_a_search_stopped_for_care_found_elsewhere_is_not_found_whatever_came_after(
    answer, desk, reader
):
    ended = NOW - timedelta(days=1) + timedelta(minutes=60)
    past_of(desk, (answer, 70), ("waiting", 0), state="cancelled", end_reason="found_elsewhere",
            ended_at=ended, first_visit_at=None)  # fmt: skip
    (past,) = past_searches(reader, rules.Urgency.DAY, NOW)
    assert past.happened == Played(NEVER, 2)
    assert {one.known for one in past.asked} == {Known(True, 70), silence()}


@pytest.mark.parametrize(("stopped_after", "known"), [(1, None), (44, None), (46, silence())])
def test_who_had_no_time_to_answer_before_the_stop_kept_no_silence(
    stopped_after, known, desk, reader
):
    ended = NOW - timedelta(days=1) + timedelta(minutes=stopped_after)
    past_of(desk, ("waiting", 0), state="cancelled", end_reason="found_elsewhere", ended_at=ended,
            first_visit_at=None)  # fmt: skip
    (past,) = past_searches(reader, rules.Urgency.DAY, NOW)
    assert past.asked[0].known == known


def test_who_was_asked_no_more_before_they_had_time_kept_no_silence(desk, reader):
    search = past_of(desk, state="exhausted", end_reason="nobody", ended_at=NOW,
                     first_visit_at=None)  # fmt: skip
    at = search.launched_at
    InvitationFactory(solicitation=search, asked_at=at, taken_back_at=at + timedelta(minutes=5))
    (past,) = past_searches(reader, rules.Urgency.DAY, NOW)
    assert past.asked[0].known is None


def test_a_place_that_was_taken_then_given_back_was_found(desk, reader):
    ended = NOW - timedelta(days=1) + timedelta(minutes=90)
    past_of(desk, ("withdrawn", 9), ("too_late", 20), state="reopened", end_reason="withdrawn",
            ended_at=ended, first_visit_at=None)  # fmt: skip
    (past,) = past_searches(reader, rules.Urgency.DAY, NOW)
    assert past.happened.minutes < NEVER


def test_those_who_were_not_asked_come_from_the_directory_of_today(desk, reader):
    nurses(3)
    past_of(desk, ("declined", 4), ("accepted", 9))
    (past,) = past_searches(reader, rules.Urgency.DAY, NOW)
    assert len(past.others) == 3
    case = case_of(past, DAY, ASSUMED)
    assert len(case.fates) == 5
    assert [fate.known is not None for fate in case.fates] == [True, True, False, False, False]


def test_searches_under_way_of_others_or_too_old_are_not_looked_at(desk, reader):
    past_of(desk, ("waiting", 0), state="open", first_visit_at=None)
    past_of(OrganizationFactory(), ("accepted", 9))
    past_of(desk, ("accepted", 9), days=200)
    past_of(desk, ("accepted", 9), urgency="72h")
    assert past_searches(reader, rules.Urgency.DAY, NOW) == []


def test_answers_that_were_given_are_kept_whatever_the_settings():
    asked = tuple(
        Asked(uuid7(), rules.Tier.ZONE, 0.25, Known(rank == 2, 5 + rank)) for rank in range(4)
    )
    past = PastSearch("one", rules.Urgency.DAY, NOW, asked, (), Played(7, 4))
    played = waves(DAY)(case_of(past, DAY, ASSUMED), ASSUMED)
    assert played.minutes == 7


def test_the_same_replay_gives_the_same_figures(desk, reader):
    nurses(3)
    for days in range(1, 7):
        past_of(desk, ("declined", 4), ("accepted", 9), days=days)
    past = past_searches(reader, rules.Urgency.DAY, NOW)
    assert replayed(past, DAY, DAY) == replayed(past, DAY, DAY)
    assert replayed(past, DAY, DAY).today == replayed(past, DAY, DAY).tried
    assert replayed(past[:4], DAY, DAY) is None


def test_the_team_reads_what_happened_and_what_would_have(client, desk, reader):
    for days in range(1, 7):
        past_of(desk, ("declined", 4), ("accepted", 9), days=days)
    client.as_(reader)
    shown = client.get(address()).content.decode()
    assert "6\u00a0recherches terminées" in shown
    assert "Ce qui s’est passé" in shown
    assert "100\u00a0% trouvées" in shown
    assert "9\u00a0min" in shown
    assert "LEFÈVRE" not in shown
    tried = client.get(
        address(head_start=0, wave_length=5, wanted_chance=50, wanted_delay=60)
    ).content.decode()
    assert "Réglages essayés" in tried
    assert 'value="60"' in tried


def test_settings_that_cannot_be_are_said(client, reader):
    response = client.as_(reader).get(
        address(head_start=0, wave_length=30, wanted_chance=50, wanted_delay=10)
    )
    assert response.status_code == 422
    assert "contient au moins une vague" in response.content.decode()


def test_too_few_searches_show_no_figure(client, desk, reader):
    past_of(desk, ("accepted", 9))
    shown = client.as_(reader).get(address()).content.decode()
    assert "au moins 5" in shown
    assert "Ce qui s’est passé" not in shown


def test_the_replay_is_for_teams_that_search_and_is_offered_on_the_settings(client, reader):
    assert client.as_(actor(Role.PRACTITIONER)).get(address()).status_code == 403
    client.as_(reader)
    assert address() in client.get(reverse("broker:settings")).content.decode()
    assert client.get(reverse("broker:replay", args=["demain"])).status_code == 404


@pytest.mark.parametrize("rows", [1, 12])
def test_the_replay_costs_the_same_queries_whatever_the_past(
    rows, desk, reader, django_assert_max_num_queries
):
    for days in range(rows):
        past_of(desk, ("declined", 4), ("accepted", 9), days=days + 1)
    with django_assert_max_num_queries(4):
        assert selectors.replay(reader, rules.Urgency.DAY, DAY, NOW)[0] == rows
