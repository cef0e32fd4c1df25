"""A completed evaluation as a PDF: its result, where each point comes from, what was answered."""

import io

import pytest
from pypdf import PdfReader

from tests.assessments.scenes import at
from tests.assessments.test_aggir_screen import draft, tapped  # noqa: F401 — a fixture
from tests.support import stranger

pytestmark = pytest.mark.django_db


@pytest.fixture
def gir(client, draft):  # noqa: F811
    client.post(at("complete", draft), tapped(draft, toilet_upper="C"))
    draft.refresh_from_db()
    return draft


def test_an_evaluation_is_a_pdf_that_says_its_result_and_its_answers(client, gir):
    sent = client.get(at("result", gir) + "?format=pdf")
    made = PdfReader(io.BytesIO(sent.content))
    printed = " ".join(" ".join(page.extract_text() for page in made.pages).split())
    assert "AGGIR" in made.metadata.title
    for words in ("GIR", "Source", "Réponses", "23 novembre 2026", "annexe 2-2"):
        assert words in printed, words
    assert "Corriger" not in printed


def test_who_may_not_read_an_evaluation_has_no_pdf_of_it(client, gir):
    path = at("result", gir) + "?format=pdf"
    assert client.as_(stranger()).get(path).status_code == 404
