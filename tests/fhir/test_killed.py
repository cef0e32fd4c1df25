"""Whole files leave and come in while the process that does it is killed without a word (-9).

It is a real worker, beside this one, whose steps are short: killed at random between two of them or
within one, then for certain in the middle of one.
"""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import contextmanager
from random import Random

import pytest
from django.conf import settings
from django.db import connection, transaction

from cordee.access.models import Trace
from cordee.fhir.models import Export, ExportPart, Import, KeptBody
from cordee.kernel.jobs import rescue_stalled
from cordee.people.models import Person, Relative
from tests.factories.directory import AccountFactory, OrganizationFactory
from tests.factories.people import InformationFactory, PersonFactory, joins_circle
from tests.factories.vigilance import visit_of
from tests.fhir.imports import became, patient, relative, send
from tests.fhir.stage import set_stage
from tests.fhir.systems import ask, bearing, place_of, system_of, taken
from tests.support import until_somebody_waits

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
LIVES = 3
WORKER = """
import django
from cordee.access.sight import house_from_the_start
house_from_the_start()
django.setup()
from django.core.management import call_command
from cordee.fhir.bulk import making
from cordee.fhir.imports import cutting
making.LINES, making.BATCH, making.RANGE, cutting.LINES = 1, 1, 2, 2
call_command("worker", concurrency=1)
"""


@contextmanager
def a_worker():
    """One that is killed at the end; its silence is then as long as that of the dead."""
    url = settings.SERVER.app_url(settings.TEST_DATABASE)
    environ = os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "config.settings"}
    process = subprocess.Popen([sys.executable, "-c", WORKER], env=environ)
    try:
        yield process
    finally:
        process.kill()
        process.wait(15)
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 minute'"
            )
        rescue_stalled()


def until(condition, seconds=120):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it does not come"
        time.sleep(0.005)


def killed_again_and_again(kind, reached, seed):
    """Kill a worker a moment after each of its steps, then let one end. Says how often a work died
    before its end."""
    chance, deaths = Random(seed), 0
    is_running = lambda: kind.objects.get().is_running  # noqa: E731
    for _ in range(LIVES):
        before = reached(kind.objects.get())
        with a_worker():
            until(lambda before=before: reached(kind.objects.get()) > before or not is_running())
            time.sleep(chance.uniform(0, 0.05))
        deaths += is_running()
    with a_worker():
        until(lambda: not is_running())
    return deaths


def killed_in_the_middle(table):
    """Kill a worker whose step is not committed yet: it waits for a table to write to."""
    with a_worker() as process, transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {table} IN SHARE MODE")
        until_somebody_waits()
        process.kill()
        assert process.wait(15) == -signal.SIGKILL


@pytest.fixture
def machine():
    """A system of a desk that follows five persons, each of whom had five visits."""
    stage, home, helper = set_stage(), OrganizationFactory(kind="home_help"), AccountFactory()
    for _ in range(5):
        person = PersonFactory(territory=stage.desk.territory)
        joins_circle(person, organization=stage.desk)
        InformationFactory(person=person)
        for _ in range(5):
            visit_of(person, home, helper)
    return bearing(system_of(stage, per_minute=6_000))


def leaves_whole(machine, where):
    """Whether an export told each row once, and traced each person once by type."""
    told = taken(machine, where)
    assert (len(told["Observation"]), len(told["Encounter"]), len(told["Patient"])) == (25, 25, 6)
    for some in told.values():
        assert len({one["id"] for one in some}) == len(some)
    numbers = ExportPart.objects.order_by("number").values_list("number", flat=True)
    assert list(numbers) == list(range(1, 57))
    lines = Trace.objects.filter(kind="list", origin="fhir").values_list("verb", "persons")
    seen = [(verb, person) for verb, persons in lines for person in persons]
    assert sorted(Counter(seen).values()) == [1] * 6 + [2] * 5  # visits are of two types
    assert Export.objects.get().resources == 56


def test_an_export_whose_process_is_killed_at_random_loses_and_doubles_nothing(machine):
    where = place_of(ask(machine, "?_type=Observation,Encounter,Patient"))
    assert killed_again_and_again(Export, lambda one: one.files, seed=1) >= 2
    leaves_whole(machine, where)


def test_an_export_whose_process_is_killed_within_a_file_makes_it_again_once(machine):
    where = place_of(ask(machine, "?_type=Observation,Encounter,Patient"))
    killed_in_the_middle("fhir_exportedperson")
    assert not ExportPart.objects.exists()
    with a_worker():
        until(lambda: not Export.objects.get().is_running)
    leaves_whole(machine, where)


def sent():
    """Twelve persons, each after a relative of theirs, who waits for them."""
    pairs = [(relative(f"r{one}", f"Patient/p{one}"), patient(one)) for one in range(12)]
    return [line for pair in pairs for line in pair]


def came_whole(machine, where):
    """Whether each line was written once, and said so."""
    persons = Person.objects.filter(birth_name__istartswith="blanchard")
    assert (persons.count(), Relative.objects.count()) == (12, 12)
    assert KeptBody.objects.filter(kind="Patient").count() == 12
    assert KeptBody.objects.filter(kind="RelatedPerson").count() == 12
    said = became(machine, where)
    assert (said["output"][0]["count"], said["error"]) == (24, [])
    assert Import.objects.get().lines == 24


def test_an_import_whose_process_is_killed_at_random_loses_and_doubles_nothing(machine):
    where = place_of(send(machine, *sent()))
    reached = lambda one: (one.passes, one.moved_at)  # noqa: E731
    assert killed_again_and_again(Import, reached, seed=2) >= 2
    came_whole(machine, where)


def test_an_import_whose_process_is_killed_within_lines_writes_them_again_once(machine):
    where = place_of(send(machine, *sent()))
    killed_in_the_middle("fhir_importedkey")
    assert not Person.objects.filter(birth_name__istartswith="blanchard").exists()
    with a_worker():
        until(lambda: not Import.objects.get().is_running)
    came_whole(machine, where)
