"""A note that matters stands on worklists until it is read; what is protected never does."""

from datetime import timedelta

import pytest

from cordee.access.actor import SYSTEM, Role
from cordee.kernel.facts import stored
from cordee.liaison import services
from cordee.liaison.services import NoteSaid
from cordee.pathways.jobs.notes import on_note
from cordee.pathways.models import Task
from cordee.people import services as people
from cordee.people.rules.processing import Basis, Purpose
from tests.factories.directory import AccountFactory
from tests.factories.people import joins_circle
from tests.liaison.scene import at, set_around
from tests.support import NOW, actor, queued, run_jobs

pytestmark = pytest.mark.django_db
HEARD = "cordee.pathways.jobs.notes.on_note"


@pytest.fixture
def around():
    return set_around()


def waiting():
    """Who is asked to read what."""
    return {(task.kind, task.organization.name) for task in Task.objects.open()}


def test_an_urgent_note_is_asked_of_the_other_structures_until_they_read_it(client, around):
    note = around.write(importance="urgent")
    run_jobs()
    assert waiting() == {("read_urgent_liaison", "SIO du Champsaur")}
    (task,) = Task.objects.open()
    assert task.person_id == around.person.pk
    shown = client.as_(around.desk).get("/a-faire?qui=team").text
    assert "Lire une note urgente du cahier" in shown
    client.as_(around.desk).post(at("mark_read", note.pk))
    run_jobs()
    assert waiting() == set()


def test_an_ordinary_note_asks_nobody(around):
    around.write()
    assert queued(HEARD) == []
    run_jobs()
    assert waiting() == set()


def test_a_correction_of_an_ordinary_note_is_heard_for_the_one_it_corrects(around):
    note = around.write(importance="important")
    run_jobs()
    said = NoteSaid(body="Non.")
    services.correct(actor=around.coordinator, note=note, said=said, now=NOW)
    assert len(queued(HEARD)) == 1
    run_jobs()
    assert waiting() == set()


def test_a_note_of_the_nurse_is_asked_of_each_structure(around):
    around.write(by=around.nurse, importance="important")
    run_jobs()
    assert waiting() == {
        ("read_liaison", "SIO du Champsaur"),
        ("read_liaison", "DAC du Champsaur"),
    }


def test_a_note_of_care_names_nobody_on_a_worklist(client, around):
    note = around.write(importance="urgent", category="care", body="Plaie au talon.")
    run_jobs()
    (task,) = Task.objects.open()
    assert task.person_id is None
    shown = client.as_(around.desk).get("/a-faire?qui=team").text
    assert "Cahier de liaison" in shown
    assert around.person.birth_name not in shown
    assert "Plaie au talon." in client.as_(around.desk).get(at("note", note.pk)).text


@pytest.mark.parametrize("category", ["social", "mental_health"])
def test_what_is_protected_is_told_on_no_worklist(around, category):
    around.write(importance="urgent", category=category)
    run_jobs()
    assert waiting() == set()


def test_a_correction_asks_again_and_a_withdrawal_asks_nothing(around):
    note = around.write(importance="important")
    run_jobs()
    services.mark_read(actor=around.desk, note=note, now=NOW)
    run_jobs()
    said = NoteSaid(body="Demain, pas aujourd’hui.", importance="urgent")
    fresh = services.correct(actor=around.coordinator, note=note, said=said, now=NOW)
    run_jobs()
    assert waiting() == {("read_urgent_liaison", "SIO du Champsaur")}
    services.withdraw(actor=around.coordinator, note=fresh, why="Erreur", now=NOW)
    run_jobs()
    assert waiting() == set()


def test_who_leaves_the_circle_is_asked_to_read_no_more(around):
    around.write(importance="urgent")
    run_jobs()
    stay = around.person.circle.get(organization=around.sio)
    people.leave_circle(actor=around.desk, member=stay, now=NOW)
    run_jobs()
    assert waiting() == set()


def test_a_basis_that_shuts_out_ends_what_names_nobody(around):
    around.write(importance="urgent", category="care", body="Plaie au talon.")
    run_jobs()
    assert waiting() == {("read_urgent_liaison", "SIO du Champsaur")}
    administrator = actor(Role.ADMINISTRATOR, account_id=AccountFactory().pk)
    basis = {"actor": administrator, "purpose": Purpose.COORDINATION, "now": NOW}
    people.set_basis(basis=Basis.CONSENT, **basis)
    run_jobs()
    assert waiting() == set()


def test_a_death_ends_what_names_nobody(around):
    around.write(importance="urgent", category="care", body="Plaie au talon.")
    run_jobs()
    people.declare_death(actor=SYSTEM, person=around.person, deceased_on=NOW.date(), now=NOW)
    run_jobs()
    assert waiting() == set()


def test_who_came_later_is_not_asked_to_read_the_past(around):
    from tests.factories.directory import OrganizationFactory

    note = around.write(importance="urgent")
    later = OrganizationFactory(name="CPTS du Champsaur")
    joins_circle(around.person, organization=later, since=NOW + timedelta(hours=1))
    run_jobs()
    services.mark_read(actor=around.desk, note=note, now=NOW)
    run_jobs()
    assert waiting() == set()


def test_heard_twice_a_note_asks_once(around):
    from django.db import connection

    around.write(importance="urgent")
    run_jobs()
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM kernel_fact WHERE kind = 'liaison.note_written'")
        ((number,),) = cursor.fetchall()
    on_note(fact=stored(number))
    assert Task.objects.count() == 1
