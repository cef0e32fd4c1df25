"""What the database refuses, whoever asks."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from cordee.access.actor import Role
from cordee.broker import rules, services
from cordee.broker.models import BrokerSettings
from cordee.broker.selectors import settings_of
from cordee.kernel.errors import DomainError, Forbidden
from tests.factories.broker import InvitationFactory, SolicitationFactory
from tests.support import NOW, actor

pytestmark = pytest.mark.django_db


def refused(name, make):
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        make()
    assert name in str(error.value)


def test_one_origin_has_one_open_search():
    first = SolicitationFactory()
    refused(
        "broker_solicitation_one_standing_per_origin",
        lambda: SolicitationFactory(origin=first.origin, person=first.person),
    )


def test_an_origin_may_be_searched_again_once_the_first_search_ended():
    first = SolicitationFactory(state="exhausted", ended_at=NOW, end_reason="nobody")
    assert SolicitationFactory(origin=first.origin, person=first.person).pk


@pytest.mark.parametrize("wrong", [{"state": "held"}, {"held_until": NOW}])
def test_a_held_place_is_held_until_a_moment(wrong):
    refused("broker_solicitation_held_until_a_moment", lambda: SolicitationFactory(**wrong))


def test_confirmed_care_has_a_first_visit():
    refused(
        "broker_solicitation_confirmed_has_a_first_visit",
        lambda: SolicitationFactory(state="confirmed"),
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"state": "cancelled"},
        {"state": "cancelled", "ended_at": NOW},
        {"state": "open", "ended_at": NOW, "end_reason": "moved"},
    ],
)
def test_an_end_is_dated_and_explained(wrong):
    refused("broker_solicitation_end_is_dated_and_explained", lambda: SolicitationFactory(**wrong))


def test_a_professional_is_asked_once_for_a_search():
    first = InvitationFactory()
    refused(
        "broker_invitation_asked_once",
        lambda: InvitationFactory(solicitation=first.solicitation, practitioner=first.practitioner),
    )


@pytest.mark.parametrize("second", ["accepted", "held"])
def test_the_first_yes_wins(second):
    first = InvitationFactory(answer="accepted", answered_at=NOW)
    refused(
        "broker_invitation_first_yes_wins",
        lambda: InvitationFactory(solicitation=first.solicitation, answer=second, answered_at=NOW),
    )


@pytest.mark.parametrize("wrong", [{"answer": "declined"}, {"answered_at": NOW}])
def test_an_answer_is_dated(wrong):
    refused("broker_invitation_answer_is_dated", lambda: InvitationFactory(**wrong))


@pytest.mark.parametrize(
    "wrong", [{"code": ""}, {"phone": ""}, {"link_hash": None}, {"code_until": None}]
)
def test_a_question_by_text_has_a_code_a_link_and_a_phone(wrong):
    refused("broker_invitation_text_has_code_and_link", lambda: InvitationFactory(**wrong))


def test_a_code_is_not_given_again_to_the_same_phone_for_thirty_days():
    first = InvitationFactory()
    again = {"phone": first.phone, "code": first.code}
    refused("broker_invitation_code_is_alone_on_its_phone", lambda: InvitationFactory(**again))
    after = NOW + timedelta(days=30)
    assert InvitationFactory(**again, asked_at=after, code_until=after + timedelta(days=30)).pk


def test_another_phone_may_have_the_same_code():
    first = InvitationFactory()
    assert InvitationFactory(code=first.code).pk


def test_nothing_is_written_outside_of_an_action():
    solicitation = SolicitationFactory()
    with pytest.raises(Exception, match="action"), transaction.atomic():
        solicitation.keep(wave=9)


def test_a_change_of_settings_keeps_the_previous_state_and_rules_the_next_step():
    administrator = actor(Role.ADMINISTRATOR)
    for hold in (20, 25):
        services.change_settings(
            actor=administrator,
            urgency="24h",
            settings=replace(rules.DEFAULTS[rules.Urgency.DAY], hold=hold),
            now=NOW,
        )
    row = BrokerSettings.objects.get()
    assert (settings_of("24h").hold, row.version) == (25, 2)


def test_the_shipped_settings_stand_until_somebody_changes_them():
    assert not BrokerSettings.objects.exists()
    assert settings_of("tonight") == rules.DEFAULTS[rules.Urgency.TONIGHT]


def test_settings_out_of_bounds_are_refused_with_a_sentence():
    with pytest.raises(DomainError, match="entre"):
        services.change_settings(
            actor=actor(Role.ADMINISTRATOR),
            urgency="24h",
            settings=replace(rules.DEFAULTS[rules.Urgency.DAY], hold=0),
            now=NOW,
        )


def test_only_administration_changes_settings():
    with pytest.raises(Forbidden):
        services.change_settings(
            actor=actor(Role.COORDINATOR),
            urgency="24h",
            settings=rules.DEFAULTS[rules.Urgency.DAY],
            now=NOW,
        )
