"""A thread is about one person, whatever records were merged then parted; and goes whole."""

import pytest

from cordee.access.removal import LeftBehind
from cordee.liaison import services
from cordee.liaison.models import Note
from cordee.liaison.services import NoteSaid
from cordee.pathways.models import Task
from cordee.people import services as people
from cordee.people.models import Person
from tests.factories.directory import AccountFactory, OrganizationFactory
from tests.factories.liaison import note_of
from tests.factories.people import InformationFactory, PersonFactory, joins_circle
from tests.liaison.scene import BEFORE, set_around
from tests.pathways.test_retention import let_go
from tests.support import NOW, arranging, run_jobs


@pytest.mark.django_db
def test_what_is_answered_between_a_merge_and_its_undoing_goes_back_with_its_thread():
    around = set_around()
    other = PersonFactory(territory=around.dac.territory)
    joins_circle(other, organization=around.dac, role="coordination", since=BEFORE)
    InformationFactory(person=other)
    author = around.coordinator
    before = services.write(actor=author, person=other, said=NoteSaid(body="Livré ?"), now=NOW)
    services.answer(actor=author, note=before, said=NoteSaid(body="Noté."), now=NOW)
    pair = people.propose_pair(actor=author, person=around.person, other=other, now=NOW)
    merge = people.merge_persons(actor=author, candidate=pair, from_absorbed=frozenset(), now=NOW)
    assert merge.absorbed_id == other.pk
    before = Note.objects.get(pk=before.pk)
    said = NoteSaid(body="Livré.", importance="urgent")
    services.answer(actor=author, note=before, said=said, now=NOW)
    run_jobs()
    assert Task.objects.open().get().person_id == merge.survivor_id
    assert people.undo_merge(actor=author, merge=merge, now=NOW) == 0
    assert set(Note.objects.values_list("person", flat=True)) == {other.pk}
    assert Note.objects.count() == 3
    run_jobs()
    assert not Task.objects.open().filter(person=merge.survivor_id).exists()


@pytest.mark.django_db(transaction=True)
def test_a_record_whose_thread_was_split_waits_and_keeps_no_other():
    author, dac = AccountFactory(), OrganizationFactory(kind="dac")
    split, whole, other = (PersonFactory(territory=dac.territory) for _ in range(3))
    opening = note_of(split, author)
    reply = note_of(split, author, thread=opening)
    with arranging():
        Note.objects.filter(pk=reply.pk).update(person=other)
        Person.objects.filter(pk=other.pk).update(birth_date="2020-01-01")
    with pytest.raises(LeftBehind) as found:
        let_go("persons")
    assert (found.value.gone, found.value.ids) == (1, [split.pk])
    assert set(Person.objects.values_list("pk", flat=True)) == {split.pk, other.pk}
    assert not Person.objects.filter(pk=whole.pk).exists()
