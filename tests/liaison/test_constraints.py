"""What the database keeps of a notebook, each promise broken on purpose."""

import pytest
from django.db import IntegrityError, transaction

from cordee.kernel.errors import DomainError
from cordee.kernel.identifiers import uuid7
from cordee.liaison import services
from cordee.liaison.models import Contact, Note, NoteRead
from cordee.liaison.rules import Result, Way, Whom
from cordee.liaison.services import ContactSaid, NoteSaid
from tests.factories.liaison import note_of, notebook_of
from tests.factories.people import PersonFactory
from tests.liaison.scene import set_around
from tests.support import NOW, arranging, facts, simultaneously


def breaks(name, make):
    """Expect the database to refuse, naming its promise."""
    with pytest.raises(IntegrityError, match=name), transaction.atomic(), arranging():
        make()


def changed(row, **columns):
    """What writes columns of a row as a hurried update would."""
    return lambda: type(row).objects.filter(pk=row.pk).update(**columns)


@pytest.fixture
def around(db):
    return set_around()


@pytest.mark.parametrize(
    "wrong",
    [
        {"body": "Autre chose"},
        {"importance": "ordinary"},
        {"category": "care"},
        {"written_at": NOW.replace(year=2020)},
        {"about": "plans/plan/x"},
    ],
)
def test_a_note_that_was_written_is_never_rewritten(around, wrong):
    breaks("liaison_is_never_rewritten", changed(around.write(importance="urgent"), **wrong))


def test_nothing_of_a_notebook_is_erased_by_the_application(around):
    reader = note_of(around.person, _account(around.nurse)).author
    notebook_of(around.person, _account(around.coordinator), around.dac, reader)
    for model in (NoteRead, Contact, Note):
        breaks("liaison_is_never_rewritten", lambda model=model: _erase(model))
    breaks(
        "liaison_is_never_rewritten",
        changed(NoteRead.objects.first(), read_at=NOW.replace(year=2020)),
    )
    breaks("liaison_is_never_rewritten", changed(Contact.objects.first(), result="not_reached"))


def test_a_note_says_something(around):
    author = _account(around.coordinator)
    breaks("liaison_note_says_something", lambda: note_of(around.person, author, body=""))


def test_a_note_begins_a_thread_answers_one_or_corrects(around):
    author, first = _account(around.coordinator), around.write()
    name = "liaison_note_begins_a_thread_answers_one_or_corrects"
    breaks(name, lambda: note_of(around.person, author, thread=first, is_reply=False))
    breaks(name, lambda: note_of(around.person, author, is_reply=True))


def test_a_reply_stands_under_the_first_note_of_the_same_person_for_the_same_readers(around):
    author, first = _account(around.coordinator), around.write()
    reply = note_of(around.person, author, thread=first)
    name = "liaison_note_stands_in_its_thread"
    breaks(name, lambda: note_of(around.person, author, thread=reply))
    breaks(name, lambda: note_of(around.person, author, thread=first, category="care"))
    breaks(name, lambda: note_of(PersonFactory(), author, thread=first))


def test_a_note_taken_back_says_why_once(around):
    note = around.write()
    breaks("liaison_note_withdrawn_says_why", changed(note, withdrawn_at=NOW))
    taken = services.withdraw(actor=around.coordinator, note=note, why="Erreur", now=NOW)
    breaks("liaison_is_never_rewritten", changed(taken, withdrawn_why="Autre raison"))
    breaks("liaison_is_never_rewritten", changed(taken, withdrawn_at=None, withdrawn_why=""))


def test_a_contact_lasts_a_day_at_most_and_is_taken_back_once_saying_why(around):
    said = ContactSaid(Way.CALL, Whom.PERSON, Result.REACHED, NOW, minutes=15)
    actor = around.coordinator
    contact = services.note_contact(actor=actor, person=around.person, said=said, now=NOW)
    again = {"person": around.person, "author_id": actor.account_id, "made_at": NOW}
    again |= {"way": "call", "whom": "person", "result": "reached"}
    for minutes in (0, 1441):
        breaks(
            "liaison_contact_lasts_a_day_at_most",
            lambda minutes=minutes: Contact.objects.create(**again, minutes=minutes),
        )
    breaks("liaison_is_never_rewritten", changed(contact, minutes=30))
    breaks("liaison_contact_taken_back_says_why", changed(contact, withdrawn_at=NOW))
    services.take_back_contact(actor=actor, contact=contact, why="Erreur", now=NOW)
    breaks("liaison_is_never_rewritten", changed(contact, withdrawn_why="Autre raison"))
    breaks("liaison_is_never_rewritten", changed(contact, withdrawn_at=None, withdrawn_why=""))


@pytest.mark.django_db(transaction=True)
def test_a_contact_is_taken_back_once_by_two_colleagues_at_once():
    around = set_around()
    said = ContactSaid(Way.CALL, Whom.PERSON, Result.REACHED, NOW)
    actor = around.coordinator
    contact = services.note_contact(actor=actor, person=around.person, said=said, now=NOW)
    simultaneously(
        *[
            lambda why=why: services.take_back_contact(
                actor=actor, contact=contact, why=why, now=NOW
            )
            for why in ("Erreur", "Doublon")
        ]
    )
    assert len(facts("liaison.contact_withdrawn")) == 1
    assert Contact.objects.get().withdrawn_why in ("Erreur", "Doublon")


def test_only_its_author_corrects_a_note_that_stands(around):
    note = around.write()
    name = "liaison_note_stands_in_its_thread"
    with arranging():
        other = note_of(around.person, _account(around.nurse)).author
    breaks(name, lambda: _correction(around, note, other))
    taken = services.withdraw(actor=around.coordinator, note=note, why="Erreur", now=NOW)
    breaks(name, lambda: _correction(around, taken, _account(around.coordinator)))


def test_what_was_corrected_is_not_taken_back_under_its_correction(around):
    note = around.write()
    said = NoteSaid(body="Corrigé")
    services.correct(actor=around.coordinator, note=note, said=said, now=NOW)
    breaks("liaison_what_was_corrected_stays", changed(note, withdrawn_at=NOW, withdrawn_why="Non"))


def test_a_note_has_one_correction_and_one_reading_by_each(around):
    note, author = around.write(), _account(around.coordinator)
    services.correct(actor=around.coordinator, note=note, said=NoteSaid(body="Corrigé"), now=NOW)
    breaks("liaison_note_is_corrected_once", lambda: _correction(around, note, author))
    services.mark_read(actor=around.nurse, note=note, now=NOW)
    again = {"note": note, "reader": _account(around.nurse), "read_at": NOW}
    breaks("liaison_note_is_read_once_by_each", lambda: NoteRead.objects.create(**again))


@pytest.mark.django_db(transaction=True)
def test_a_note_is_corrected_once_by_two_windows_at_once():
    around = set_around()
    note = around.write()

    def correct():
        said = NoteSaid(body="Corrigé")
        try:
            return services.correct(actor=around.coordinator, note=note, said=said, now=NOW)
        except DomainError as refused:
            return refused.code

    found = simultaneously(correct, correct)
    assert "liaison.gone" in found
    assert Note.objects.filter(corrects=note).count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_note_is_not_corrected_and_taken_back_at_once():
    around = set_around()
    note = around.write()
    actor = around.coordinator

    def attempt(gesture, **details):
        try:
            return gesture(actor=actor, note=note, now=NOW, **details)
        except DomainError as refused:
            return refused.code

    found = simultaneously(
        lambda: attempt(services.correct, said=NoteSaid(body="Corrigé")),
        lambda: attempt(services.withdraw, why="Erreur"),
    )
    assert found.count("liaison.gone") == 1


@pytest.mark.django_db(transaction=True)
def test_a_note_sent_by_two_fingers_at_once_is_written_once():
    around = set_around()
    key = uuid7()
    found = simultaneously(*[lambda: around.write(key=key)] * 2)
    assert {one.pk for one in found} == {key}
    assert Note.objects.count() == 1
    assert len(facts("liaison.note_written")) == 1


@pytest.mark.django_db(transaction=True)
def test_a_note_is_read_once_by_each_even_from_two_windows():
    around = set_around()
    note = around.write(importance="important")
    simultaneously(
        *[lambda: services.mark_read(actor=around.nurse, note=note, now=NOW)] * 2,
        lambda: services.mark_read(actor=around.desk, note=note, now=NOW),
    )
    assert NoteRead.objects.count() == 2
    assert len(facts("liaison.note_read")) == 2


def _erase(model):
    """Past the framework, which would look for what hangs from it first."""
    rows = model.objects.all()
    rows._raw_delete(rows.db)


def _account(actor):
    from cordee.access.models import Account

    return Account.objects.get(pk=actor.account_id)


def _correction(around, note, author):
    return Note.objects.create(
        person=around.person,
        author=author,
        body="Autre",
        thread=note.thread,
        corrects=note,
        written_at=NOW,
    )
