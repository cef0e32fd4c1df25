"""Two windows that share a draft: what was written in one is not taken for the other’s words."""

import pytest

from cordee.kernel.identifiers import uuid7
from cordee.liaison import services
from cordee.liaison.models import Note
from tests.liaison.scene import WORDS, at, set_around
from tests.support import NOW, facts

pytestmark = pytest.mark.django_db


@pytest.fixture
def around():
    return set_around()


def typed(**details):
    return {"body": WORDS, "importance": "ordinary", "category": "coordination"} | details


def _resumed(client, around):
    """A note half typed in a window, and the key that a second window takes up with it."""
    page, key = client.as_(around.coordinator), uuid7()
    page.post(at("save_draft", around.person.pk), typed(key=key, body="Chute ce matin"))
    assert str(key) in page.get(at("write_for_person", around.person.pk)).text
    return page, key


def test_two_windows_that_share_a_draft_write_two_notes(client, around):
    page, key = _resumed(client, around)
    for body in ("Ordonnance renouvelée.", "Chute ce matin, sans gravité."):
        for _ in range(2):  # a nervous finger in each
            sent = page.post(at("write_for_person", around.person.pk), typed(key=key, body=body))
            assert sent.status_code == 302
    assert sorted(Note.objects.values_list("body", flat=True)) == [
        "Chute ce matin, sans gravité.",
        "Ordonnance renouvelée.",
    ]
    assert len(facts("liaison.note_written")) == 2


@pytest.mark.parametrize("other", [{"importance": "urgent"}, {"category": "care"}])
def test_the_same_words_said_otherwise_are_another_note(client, around, other):
    page, key = _resumed(client, around)
    for said in ({}, other):
        page.post(at("write_for_person", around.person.pk), typed(key=key, **said))
    assert Note.objects.count() == 2


def test_two_windows_that_share_the_draft_of_an_answer_write_two(client, around):
    note = around.write()
    nurse, key = client.as_(around.nurse), uuid7()
    for body in ("Je passe demain.", "Je passe ce soir.", "Je passe ce soir."):
        nurse.post(at("answer", note.pk), {"body": body, "importance": "ordinary", "key": key})
    assert Note.objects.filter(is_reply=True, thread=note).count() == 2


def test_of_a_set_the_same_key_with_other_words_is_another_note(around):
    key = uuid7()
    said = [services.NoteSaid(body=body, key=key) for body in ("Un", "Deux", "Un")]
    made = services.write_many(actor=around.coordinator, person=around.person, said=said, now=NOW)
    assert [one.body for one in made] == ["Un", "Deux", "Un"]
    assert made[0].pk == made[2].pk != made[1].pk
    assert Note.objects.count() == 2


def test_a_draft_whose_note_is_written_does_not_say_that_it_keeps_itself(client, around):
    page, key = _resumed(client, around)
    saves_at = at("save_draft", around.person.pk)
    page.post(at("write_for_person", around.person.pk), typed(key=key, body="Autre chose."))
    told = page.post(saves_at, typed(key=key, body="Chute ce matin, sans")).text
    assert "se garde seul" not in told
    assert "n’est plus gardé" in told
    assert "se garde seul" in page.post(saves_at, typed(key=uuid7(), body="")).text


def test_what_is_kept_of_another_is_not_said_to_be_kept(client, around):
    page, key = _resumed(client, around)
    theirs = client.as_(around.nurse).post(
        at("save_draft", around.person.pk), typed(key=key, body="Ceux d’une autre")
    )
    assert "Brouillon gardé" not in theirs.text
