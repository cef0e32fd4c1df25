"""Clocks survive a process that is killed: what it was about to tell is told once, by the next."""

import signal
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from cordee.kernel.queue import later
from cordee.pathways.models import Task
from cordee.protocols.models import Clock, Pathway, Rupture
from tests.kernel.test_queue import eventually, worker
from tests.protocols.pathway_scene import set_around
from tests.support import facts, queued, simultaneously, until_somebody_waits

WAKE = "cordee.protocols.jobs.wake_up"
DAY = timedelta(days=1)


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_between_a_fact_and_its_hour_loses_no_rupture_and_tells_none_twice():
    now = timezone.now()
    around = set_around()
    pathway = around.join(entered_at=now - 6 * DAY, now=now - 6 * DAY)
    first = worker()
    try:
        assert eventually(lambda: not queued(), 60)  # it heard her enter, and all that followed
        with transaction.atomic():  # at its hour, it waits for the pathway
            Pathway.objects.select_for_update(of=("self",)).get(pk=pathway.pk)
            simultaneously(lambda: later(WAKE))
            until_somebody_waits()
            first.send_signal(signal.SIGKILL)
            assert first.wait(15) == -signal.SIGKILL
    finally:
        first.kill()
        first.wait(15)
    assert not Rupture.objects.exists()
    assert Clock.objects.get(pathway=pathway).wake_at < now
    second = worker()
    try:
        later(WAKE)
        later(WAKE)
        assert eventually(Rupture.objects.exists, 60)
        assert eventually(lambda: not queued() and Task.objects.exists(), 60)
    finally:
        second.send_signal(signal.SIGTERM)
        second.wait(15)
    assert [(one.of, one.standing) for one in Rupture.objects.all()] == [("informer", "late")]
    assert len(facts("protocols.rupture_found")) == 1
    assert Task.objects.open().count() == 1
