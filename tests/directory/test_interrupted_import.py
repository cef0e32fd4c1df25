"""The real command, killed without a word (-9) at random points, then started again."""

import os
import random
import subprocess
import sys
from time import sleep

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import transaction
from django.db.models import Q

from cordee.directory import sample
from cordee.directory.models import Extraction, PracticeSite, Practitioner
from tests.directory.test_extractions import PLACE
from tests.factories.directory import CommuneFactory
from tests.support import owner

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def command(file, rejects):
    return subprocess.Popen(
        [sys.executable, "manage.py", "import_rpps", file, "--apply", "--rejects", rejects],
        env=os.environ
        | {
            "DATABASE_URL": settings.SERVER.app_url(settings.TEST_DATABASE),
            "DJANGO_SETTINGS_MODULE": "config.settings",
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def killed_at(share, file, rejects, *, then=0.0):
    """Kill the command once it has read a share of the file, and a moment later."""
    with command(file, rejects) as process:
        for line in process.stderr:
            if int(line.removesuffix(" %\n")) >= share:
                sleep(then)
                break
        process.kill()


def wait_for_backends_to_notice():
    with owner() as database:
        database.execute("SELECT pg_advisory_lock(hashtext('directory.import'))")


def directory():
    """Everything an import may change; identifiers of rows and moments left aside."""
    is_open = Q(closed_on=None)  # not the day: the command has its own clock, that no test holds
    persons = Practitioner.objects.order_by("rpps").values_list(
        "rpps", "last_name", "first_name", "civility", "profession", "specialty", is_open
    )
    sites = PracticeSite.objects.order_by("practitioner__rpps", "structure").values_list(
        "practitioner__rpps", "structure", "name", "address", "commune", "phone", is_open
    )
    return list(persons), list(sites), Extraction.objects.count()


def test_a_killed_import_changes_nothing_and_the_next_one_gives_the_same_result(tmp_path):
    CommuneFactory()
    file, rejects = tmp_path / "extraction.txt", tmp_path / "ecartees.csv"
    header, *lines = sample.rpps_lines(400, [PLACE], seed=1)
    file.write_text("\n".join((header, *lines)))
    call_command("import_rpps", file, "--apply")
    before = directory()

    newer = [line.replace("|Rue|", "|Quai|") for line in lines[10:]]
    newer += list(sample.rpps_lines(20_000, [PLACE], seed=1))[len(lines) + 1 :]
    newer[7] = newer[7][:60]
    newer[9] = newer[9].replace("|60|", "|6\0|")
    file.write_text("\n".join((header, *newer)))
    with transaction.atomic():
        call_command("import_rpps", file, "--apply", "--rejects", rejects)
        uninterrupted = directory()
        transaction.set_rollback(True)
    said = rejects.read_bytes()
    rejects.unlink()
    assert directory() == before != uninterrupted

    chance = random.Random(20261122)  # noqa: S311 - the same points each time
    for _ in range(2):
        killed_at(chance.randint(1, 80), file, rejects, then=chance.uniform(0, 0.05))
        wait_for_backends_to_notice()
        assert directory() == before
        assert not rejects.exists()
    killed_at(100, file, rejects, then=chance.uniform(0, 0.4))  # while the sets are compared
    wait_for_backends_to_notice()
    assert directory() in (before, uninterrupted)

    with command(file, rejects) as process:
        process.stderr.read()
    assert process.returncode == 0
    persons, sites, _ = directory()
    assert (persons, sites) == uninterrupted[:2]
    assert rejects.read_bytes() == said
    assert len(said.splitlines()) == 3
