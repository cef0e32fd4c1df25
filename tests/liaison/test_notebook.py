"""A note is written, read, answered, corrected and taken back, through the pages."""

import re

import pytest
from django.db import connection

from cordee.kernel.errors import DomainError
from cordee.kernel.identifiers import uuid7
from cordee.liaison import services
from cordee.liaison.models import Note, NoteDraft, NoteRead
from tests.liaison.scene import WORDS, at, set_around
from tests.support import NOW, facts

pytestmark = pytest.mark.django_db


@pytest.fixture
def around():
    return set_around()


def typed(**details):
    return {"body": WORDS, "importance": "ordinary", "category": "coordination"} | details


def test_a_note_written_on_the_page_is_read_in_the_notebook(client, around):
    page = client.as_(around.coordinator)
    key = uuid7()
    sent = page.post(at("write_for_person", around.person.pk), typed(key=key))
    assert sent.status_code == 302
    shown = client.as_(around.nurse).get(at("notebook", around.person.pk)).text
    assert WORDS in shown
    assert "Ahmed Diallo (DAC du Champsaur)" in shown
    (fact,) = facts("liaison.note_written")
    assert fact["data"]["importance"] == "ordinary"
    assert WORDS not in str(fact)


def test_sent_twice_by_a_nervous_finger_a_note_is_written_once(client, around):
    page, sent = client.as_(around.coordinator), typed(key=uuid7())
    for _ in range(2):
        assert page.post(at("write_for_person", around.person.pk), sent).status_code == 302
    assert Note.objects.count() == 1
    assert len(facts("liaison.note_written")) == 1


def test_an_empty_note_is_given_back_with_a_sentence(client, around):
    page = client.as_(around.coordinator)
    sent = page.post(at("write_for_person", around.person.pk), typed(body=" "))
    assert sent.status_code == 422
    assert "Écrivez la note" in sent.text
    assert not Note.objects.exists()


def test_the_panel_counts_what_is_to_be_read_until_one_says_so(client, around):
    note = around.write()
    nurse = client.as_(around.nurse)
    panel = at("person_panel", around.person.pk)
    assert "1\u00a0note à lire" in nurse.get(panel).text
    assert nurse.post(at("mark_read", note.pk)).status_code == 302
    assert "note à lire" not in nurse.get(panel).text
    assert "note à lire" not in client.as_(around.coordinator).get(panel).text  # its author


def test_opening_the_notebook_is_not_reading_for_somebody(client, around):
    around.write()
    client.as_(around.nurse).get(at("notebook", around.person.pk))
    assert not NoteRead.objects.exists()


def test_an_important_note_says_who_read_it_and_who_did_not(client, around):
    note = around.write(importance="important")
    services.mark_read(actor=around.nurse, note=note, now=NOW)
    shown = client.as_(around.coordinator).get(at("note", note.pk)).text
    assert "Lue par Jeanne Roux" in shown
    waited = shown.split("Pas encore lue par")[1].split("</p>")[0]
    assert "SIO du Champsaur" in waited
    assert "Aide du Champsaur" in waited
    assert "Jeanne Roux" not in waited
    assert "DAC du Champsaur" not in waited


def test_who_may_not_read_care_is_not_said_to_be_late_with_it(client, around):
    note = around.write(importance="important", category="care")
    waited = client.as_(around.coordinator).get(at("note", note.pk)).text
    waited = waited.split("Pas encore lue par")[1].split("</p>")[0]
    assert "SIO du Champsaur" in waited
    assert "Aide du Champsaur" not in waited


def _all_read(browser, around, **of):
    """What the button of a notebook posts, as the page says it."""
    shown = browser.get(at("notebook", around.person.pk), of).text
    form = shown.split(at("mark_all_read", around.person.pk))[1].split("</form>")[0]
    return dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))


def test_all_ordinary_notes_are_said_read_at_once_and_none_that_matters(client, around):
    ordinary, urgent = around.write(), around.write(importance="urgent")
    page = client.as_(around.nurse)
    page.post(at("mark_all_read", around.person.pk), _all_read(page, around))
    read = set(NoteRead.objects.values_list("note_id", flat=True))
    assert read == {ordinary.pk}
    assert urgent.pk not in read


def test_what_came_after_the_page_was_shown_is_not_said_read(client, around):
    first = around.write()
    page = client.as_(around.nurse)
    shown = _all_read(page, around)
    since, reply = around.write(body="Chute ce matin."), services.NoteSaid(body="Je passe.")
    services.answer(actor=around.desk, note=first, said=reply, now=NOW)
    page.post(at("mark_all_read", around.person.pk), shown)
    assert set(NoteRead.objects.values_list("note_id", flat=True)) == {first.pk}
    assert str(since.pk) in _all_read(page, around)["montrees"]


def test_what_is_on_another_page_is_not_said_read(client, around):
    for number in range(21):
        around.write(body=f"Note numéro {number:02}.")
    page = client.as_(around.nurse)
    page.post(at("mark_all_read", around.person.pk), _all_read(page, around))
    assert NoteRead.objects.count() == 20
    page.post(at("mark_all_read", around.person.pk), _all_read(page, around, page="2"))
    assert NoteRead.objects.count() == 21


@pytest.mark.parametrize("sent", [{}, {"montrees": ""}, {"montrees": "tout"}])
def test_without_what_was_shown_nothing_is_said_read(client, around, sent):
    around.write()
    page = client.as_(around.nurse)
    told = page.post(at("mark_all_read", around.person.pk), sent, follow=True).text
    assert "Aucune lecture n’a été notée" in told
    assert not NoteRead.objects.exists()


def test_what_a_page_could_not_show_is_not_said_read_by_naming_it(client, around):
    hidden, urgent = around.write(category="social"), around.write(importance="urgent")
    sent = {"montrees": f"{hidden.pk} {urgent.pk}"}
    client.as_(around.helper).post(at("mark_all_read", around.person.pk), sent)
    assert not NoteRead.objects.exists()


def test_an_answer_stands_under_its_note_for_the_same_readers(client, around):
    note = around.write(category="care")
    nurse = client.as_(around.nurse)
    sent = {"body": "Je l’apporte demain.", "importance": "ordinary", "key": uuid7()}
    assert nurse.post(at("answer", note.pk), sent).status_code == 302
    reply = Note.objects.get(is_reply=True)
    assert (reply.thread_id, reply.category) == (note.pk, "care")
    assert "Je l’apporte demain." in client.as_(around.coordinator).get(at("note", note.pk)).text
    assert client.as_(around.helper).get(at("note", reply.pk)).status_code == 404


def test_an_answer_to_an_answer_stands_under_the_first_note(around):
    note = around.write()
    said = services.NoteSaid(body="Vu")
    reply = services.answer(actor=around.nurse, note=note, said=said, now=NOW)
    again = services.answer(actor=around.desk, note=reply, said=said, now=NOW)
    assert again.thread_id == note.pk


def test_a_correction_takes_the_place_of_the_note_and_hides_nothing(client, around):
    note = around.write()
    page = client.as_(around.coordinator)
    sent = {"body": "Le pilulier est arrivé.", "importance": "ordinary"}
    assert page.post(at("correct", note.pk), sent).status_code == 302
    shown = client.as_(around.nurse).get(at("note", note.pk)).text
    assert "Le pilulier est arrivé." in shown
    assert f"<s>{WORDS}</s>" in shown
    assert (
        "1\u00a0note à lire"
        in client.as_(around.nurse).get(at("person_panel", around.person.pk)).text
    )


def test_nobody_corrects_or_takes_back_the_note_of_another(client, around):
    note = around.write()
    nurse = client.as_(around.nurse)
    assert nurse.get(at("correct", note.pk)).status_code == 403
    assert nurse.post(at("withdraw", note.pk), {"why": "non"}).status_code == 403


def test_a_note_taken_back_says_why_and_is_corrected_no_more(client, around):
    note = around.write()
    page = client.as_(around.coordinator)
    assert page.post(at("withdraw", note.pk), {"why": ""}).status_code == 409
    page.post(at("withdraw", note.pk), {"why": "Écrite pour une autre personne"})
    shown = client.as_(around.nurse).get(at("note", note.pk)).text
    assert "Écrite pour une autre personne" in shown
    assert f"<s>{WORDS}</s>" in shown
    sent = client.as_(around.coordinator).post(
        at("correct", note.pk), {"body": "Autre", "importance": "ordinary"}
    )
    assert sent.status_code == 422
    assert "corrigée ou retirée entre-temps" in sent.text


def test_the_filters_keep_what_they_say(client, around):
    around.write(body="Ordinaire, lue de tous.")
    around.write(body="Chute ce matin.", importance="urgent")
    around.write(body="Pansement refait.", category="care")
    page = client.as_(around.coordinator)
    book = at("notebook", around.person.pk)
    assert "Chute ce matin." in page.get(book, {"voir": "importantes"}).text
    assert "Pansement refait." not in page.get(book, {"voir": "importantes"}).text
    assert "Pansement refait." in page.get(book, {"categorie": "care"}).text
    assert "Ordinaire" not in page.get(book, {"categorie": "care"}).text
    assert "Aucune note ici." in page.get(book, {"voir": "a-lire"}).text
    assert page.get(book, {"page": "²", "categorie": "x"}).status_code == 200


def test_a_long_notebook_is_read_page_after_page(client, around):
    for number in range(21):
        around.write(body=f"Note numéro {number:02}.")
    page, book = client.as_(around.coordinator), at("notebook", around.person.pk)
    assert "Note numéro 00." not in page.get(book).text
    assert "Note numéro 00." in page.get(book, {"page": "2"}).text


def test_what_is_being_typed_is_kept_for_its_author_alone_and_goes_once_written(client, around):
    page, key = client.as_(around.coordinator), uuid7()
    kept = page.post(at("save_draft", around.person.pk), typed(key=key, body="Elle a"))
    assert "Brouillon gardé" in kept.text
    fresh = page.get(at("write_for_person", around.person.pk)).text
    assert "Elle a</textarea>" in fresh
    assert str(key) in fresh
    other = client.as_(around.nurse).get(at("write_for_person", around.person.pk)).text
    assert "Elle a</textarea>" not in other
    client.as_(around.coordinator).post(
        at("write_for_person", around.person.pk), typed(key=key, body="Elle a bien mangé.")
    )
    assert not NoteDraft.objects.exists()
    assert not facts("liaison.draft_saved")


def test_a_draft_kept_late_of_a_note_that_is_written_is_not_proposed_again(client, around):
    """The last keystroke may reach the server after the note."""
    note = around.write()
    said = services.NoteSaid(body="Le pil", key=note.pk)
    actor = around.coordinator
    assert services.save_draft(actor=actor, person=around.person, said=said, now=NOW) is None


def test_what_is_typed_of_somebody_else_is_never_overwritten(around):
    key = uuid7()
    mine = services.NoteSaid(body="Les mots de l’une", key=key)
    services.save_draft(actor=around.coordinator, person=around.person, said=mine, now=NOW)
    theirs = services.NoteSaid(body="Ceux d’un autre", key=key)
    services.save_draft(actor=around.nurse, person=around.person, said=theirs, now=NOW)
    assert NoteDraft.objects.get().body == "Les mots de l’une"


def test_a_note_is_given_its_line_of_the_plan(client, around):
    origin = f"plans/action/{uuid7()}"
    page = client.as_(around.coordinator)
    form = page.get(at("write_for_person", around.person.pk), {"sur": origin}).text
    assert f'value="{origin}"' in form
    page.post(at("write_for_person", around.person.pk), typed(key=uuid7(), sur=origin))
    page.post(at("write_for_person", around.person.pk), typed(key=uuid7(), sur="people/x"))
    assert set(Note.objects.values_list("about", flat=True)) == {origin, ""}
    shown = page.get(at("notebook", around.person.pk), {"sur": origin}).text
    assert shown.count("À propos d’une ligne du plan") == 1


def test_a_social_note_is_read_by_its_author_and_by_whom_she_agreed_to(client, around):
    note = around.write(by=around.helper, category="social", body="Elle n’a plus de chauffage.")
    assert client.as_(around.helper).get(at("note", note.pk)).status_code == 200
    for other in (around.nurse, around.coordinator, around.desk):
        assert client.as_(other).get(at("note", note.pk)).status_code == 404
        assert "chauffage" not in client.as_(other).get(at("notebook", around.person.pk)).text
    assert facts("liaison.social_note_written")
    assert not facts("liaison.note_written")


def test_many_notes_cost_no_more_queries_than_one(client, around, django_assert_max_num_queries):
    around.write(importance="urgent")
    page, book = client.as_(around.nurse), at("notebook", around.person.pk)
    page.get(book)
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as one:
        page.get(book)
    for _ in range(15):
        around.write(importance="urgent")
    with CaptureQueriesContext(connection) as many:
        page.get(book)
    assert len(many) <= len(one) + 1


def test_an_answer_without_words_is_refused_by_the_service(around):
    note = around.write()
    with pytest.raises(DomainError):
        services.answer(
            actor=around.nurse, note=note, said=services.NoteSaid(body="\x00 "), now=NOW
        )


def test_who_says_that_they_read_a_note_goes_on_where_they_were(client, around):
    note = around.write(importance="important")
    around.write(body="Une autre note.")
    page = client.as_(around.nurse)
    before = page.get(at("notebook", around.person.pk)).text
    assert before.count(f'hx-post="{at("mark_read", note.pk)}"') == 1
    answer = page.htmx(at("mark_read", note.pk), {})
    assert answer.status_code == 200
    assert "<html" not in answer.text
    assert "Une autre note" not in answer.text
    assert at("mark_read", note.pk) not in answer.text
    after = page.get(at("notebook", around.person.pk)).text
    assert "".join(answer.text.split()) in "".join(after.split())
    assert page.post(at("mark_read", note.pk)).url == at("note", note.pk)


def test_each_gesture_on_a_note_says_that_it_was_done(client, around):
    note = around.write()
    around.write(by=around.nurse)
    page = client.as_(around.coordinator)
    sent = {"body": "Le pilulier est arrivé.", "importance": "ordinary"}
    corrected = page.post(at("correct", note.pk), sent, follow=True)
    assert "Correction écrite dans le cahier." in corrected.text
    shown = _all_read(page, around)
    read = page.post(at("mark_all_read", around.person.pk), shown, follow=True)
    assert "Lecture notée." in read.text
    mine = Note.objects.get(corrects=note)
    back = page.post(at("withdraw", mine.pk), {"why": "Écrite deux fois"}, follow=True)
    assert "Note retirée\u00a0: votre raison se lit à sa place." in back.text
