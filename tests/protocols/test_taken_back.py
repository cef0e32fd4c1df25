"""What was noted by mistake, then taken back, is to a pathway as if it had not happened."""

from datetime import timedelta

import pytest
from django.utils import timezone

from cordee.kernel.models import FactHeader
from cordee.liaison import services as liaison
from cordee.liaison.rules import Result, Way, Whom
from cordee.liaison.services import ContactSaid
from cordee.pathways.models import Task
from cordee.protocols import jobs, selectors
from cordee.protocols.models import Passage, Rupture
from cordee.protocols.selectors import Period
from cordee.protocols.selectors.checking import doubtful
from tests.protocols.pathway_scene import HOME, set_around
from tests.support import NOW, facts, run_jobs

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
CALLED = HOME.replace("fait: people.informed", "fait: liaison.contact_made")
FORBIDDEN = HOME.replace("interdit: people.left_circle", "interdit: liaison.contact_made")


@pytest.fixture
def hour(monkeypatch):
    class Hour:
        now = NOW

    monkeypatch.setattr(timezone, "now", lambda: Hour.now)
    return Hour


def called(around, moment, now=None):
    said = ContactSaid(Way.CALL, Whom.PERSON, Result.REACHED, moment)
    return liaison.note_contact(
        actor=around.coordinator, person=around.person, said=said, now=now or moment
    )


def taken_back(around, contact, now):
    liaison.take_back_contact(actor=around.coordinator, contact=contact, why="Erreur", now=now)
    run_jobs()


def standing():
    return {one.of: one.standing for one in Rupture.objects.all()}


def test_a_pathway_waits_again_for_a_contact_that_is_taken_back(hour):
    around = set_around(CALLED)
    pathway = around.join()
    run_jobs()
    hour.now = NOW + DAY
    contact = called(around, hour.now)
    run_jobs()
    assert Passage.objects.filter(pathway=pathway, station="informer").exists()
    hour.now = NOW + 5 * DAY
    taken_back(around, contact, hour.now)
    assert not Passage.objects.filter(pathway=pathway, station="informer").exists()
    assert standing() == {"informer": "late"}
    assert Task.objects.open().filter(kind="repair_rupture").exists()
    hour.now = NOW + 6 * DAY
    called(around, hour.now)
    run_jobs()
    assert standing() == {"informer": "repaired"}


@pytest.mark.parametrize("protocol", [CALLED, FORBIDDEN])
def test_everybody_judged_at_once_leaves_out_what_was_taken_back(hour, protocol):
    around = set_around(protocol)
    around.join()
    run_jobs()
    hour.now = NOW + DAY
    contact = called(around, hour.now)
    run_jobs()
    assert doubtful(around.version, hour.now) == []
    hour.now = NOW + 5 * DAY
    taken_back(around, contact, hour.now)
    assert doubtful(around.version, hour.now) == []


def test_what_was_broken_by_a_mistake_was_never_broken(hour):
    around = set_around(FORBIDDEN)
    around.join()
    run_jobs()
    hour.now = NOW + DAY
    contact = called(around, hour.now)
    run_jobs()
    assert standing() == {"pas-seule": "late"}
    hour.now = NOW + 2 * DAY
    taken_back(around, contact, hour.now)
    assert standing() == {"pas-seule": "lifted"}
    assert not Task.objects.open().exists()
    told = facts("protocols.pathway_rejudged")[-1]["data"]
    by = FactHeader.objects.get(kind="liaison.contact_withdrawn").pk
    assert (told["fact"], told["rules"]) == (by, ["pas-seule"])


def test_a_contact_taken_back_before_a_pathway_heard_of_it_changes_nothing(hour):
    around = set_around(CALLED)
    around.join()
    contact = called(around, NOW)
    taken_back(around, contact, NOW)
    assert not Passage.objects.filter(station="informer").exists()
    jobs.wake_up()
    hour.now = NOW + 5 * DAY
    jobs.wake_up()
    run_jobs()
    assert standing() == {"informer": "late"}


def test_a_preview_on_the_past_leaves_out_what_was_taken_back(hour):
    around = set_around(FORBIDDEN)
    contact = called(around, NOW + DAY)
    period = Period(NOW, NOW + 3 * DAY, everybody=True)
    protocol = selectors.protocol_of(around.version)

    def tried():
        never = lambda: False  # noqa: E731
        return selectors.trial_of(around.coordinator, protocol, period, is_late=never).flagged

    assert tried() == 1
    hour.now = NOW + 9 * DAY
    taken_back(around, contact, hour.now)
    assert tried() == 0
