"""What partners sent is read on the page of the person: its words, and nothing of its markup."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordee.access.models import Trace
from cordee.fhir.rules.letters import Letter, letter_of
from tests.factories.directory import OrganizationFactory
from tests.fhir.rows.bundle import letter, make
from tests.fhir.stage import set_stage
from tests.support import Browser, coordinator_of

XHTML = "http://www.w3.org/1999/xhtml"


@pytest.fixture
def stage(db):
    return set_stage()


def page_of(stage, row):
    browser = Browser().as_(stage.actor)
    return browser.get(f"/personnes/{stage.person.pk}/documents/{row.pk}")


def test_a_document_is_read_from_the_page_of_the_person(stage):
    row = make(stage)
    browser = Browser().as_(stage.actor)
    panel = browser.get(f"/personnes/{stage.person.pk}/documents/etat").content.decode()
    assert f'/documents/{row.pk}">Lettre de sortie</a>' in panel
    listed = browser.get(f"/personnes/{stage.person.pk}/documents").content.decode()
    assert f'/documents/{row.pk}">Lettre de sortie</a>' in listed
    shown = page_of(stage, row)
    said = shown.content.decode()
    assert shown.status_code == 200
    for words in ("Lettre de sortie", "Dr Paul Roux", "Suites", "Retour à domicile le lundi."):
        assert words in said, words
    assert "27/11/2026" in said
    assert Trace.objects.filter(kind="read", subject_id=row.pk).exists()
    thread = browser.get(f"/personnes/{stage.person.pk}/fil").content.decode()
    assert "Un document de soins est reçu d’un partenaire" in thread


def test_who_may_not_know_the_person_is_shown_nothing(stage):
    row = make(stage)
    stranger = Browser().as_(coordinator_of(OrganizationFactory()))
    for rest in ("etat", "", str(row.pk)):
        where = f"/personnes/{stage.person.pk}/documents/{rest}".rstrip("/")
        assert stranger.get(where).status_code == 404, where
    other = set_stage()
    elsewhere = f"/personnes/{other.person.pk}/documents/{row.pk}"
    assert Browser().as_(other.actor).get(elsewhere).status_code == 404


def test_nobody_without_a_document_has_a_panel(stage):
    browser = Browser().as_(stage.actor)
    assert browser.get(f"/personnes/{stage.person.pk}/documents/etat").content == b""


def test_documents_are_all_read_page_by_page(stage, monkeypatch):
    monkeypatch.setattr("cordee.fhir.views.LISTED", 2)
    rows = {str(make(stage).pk) for _ in range(3)}
    browser = Browser().as_(stage.actor)
    where = f"/personnes/{stage.person.pk}/documents"
    first, second = (browser.get(f"{where}{rest}").content.decode() for rest in ("", "?page=2"))
    assert "?page=2" in first
    shown = [{one for one in rows if one in page} for page in (first, second)]
    assert [len(one) for one in shown] == [2, 1]
    assert set.union(*shown) == rows


@pytest.mark.django_db
def test_nothing_of_a_narrative_is_markup_here(stage):
    document = letter(stage)
    div = f'<div xmlns="{XHTML}"><p>Avant</p><table><tr><td>TA</td><td>12/8</td></tr></table></div>'
    document["entry"][0]["resource"]["section"][0]["text"]["div"] = div
    document["entry"][0]["resource"]["title"] = "<b>Lettre</b>"
    (part,) = letter_of(document).parts
    assert part.paragraphs == ("Avant", "TA · 12/8")
    answer = stage.machine.post("Bundle", document)
    key = answer["Location"].partition("Bundle/")[2].partition("/")[0]
    said = page_of(stage, type("Row", (), {"pk": key})).content.decode()
    assert "&lt;b&gt;Lettre" in said
    assert "<b>Lettre" not in said


def nested(depth):
    inner = {"title": "Au fond", "text": {"div": "<div>ici</div>"}}
    for _ in range(depth):
        inner = {"section": [inner]}
    return inner


def test_sections_within_sections_are_read_in_their_order():
    page = {"resourceType": "Composition", "title": "Lettre", "section": [nested(3)]}
    read = letter_of({"entry": [{"resource": page}]})
    assert [(one.title, one.depth) for one in read.parts][-1] == ("Au fond", 3)
    assert read.parts[-1].paragraphs == ("ici",)


def test_what_stands_deeper_than_is_shown_keeps_its_words():
    page = {"resourceType": "Composition", "title": "Lettre", "section": [nested(20)]}
    last = letter_of({"entry": [{"resource": page}]}).parts[-1]
    assert (last.title, last.paragraphs, last.depth) == ("Au fond", ("ici",), 12)


def test_a_message_says_what_happened_and_who_says_so():
    head = {"resourceType": "MessageHeader", "eventCoding": {"code": "A03", "display": "Sortie"}}
    head |= {"source": {"name": "Dossier patient", "endpoint": "https://hopital.exemple.fr"}}
    seen = {"resourceType": "Observation", "text": {"div": "<div>Douleur 3</div>"}}
    told = letter_of({"entry": [{"resource": head}, {"resource": seen}]})
    assert (told.title, told.authors) == ("Sortie", ("Dossier patient",))
    assert [(one.title, one.paragraphs) for one in told.parts] == [("", ("Douleur 3",))]


@given(st.text(max_size=200))
def test_whatever_a_narrative_is_its_reading_holds(text):
    page = {"resourceType": "Composition", "text": {"div": f"<div>{text}</div>"}}
    assert isinstance(letter_of({"entry": [{"resource": page}]}), Letter)
