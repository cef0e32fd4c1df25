"""AGGIR through its door: one tap a question, the adverbs of what is done in part, then the GIR."""

from datetime import date

import pytest
from django.urls import reverse

from cordee.access.actor import SYSTEM
from cordee.assessments.models import QuestionnaireResponse
from cordee.assessments.shipped import FOLDER, publish_file
from tests.assessments.sheets import definition
from tests.factories.directory import AccountFactory, OrganizationFactory
from tests.factories.people import InformationFactory, PersonFactory, joins_circle
from tests.support import NOW, coordinator_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(client):
    """A coordinator of the circle opens the grid of somebody."""
    dac = OrganizationFactory(kind="dac")
    person = PersonFactory(territory=dac.territory, birth_date=date(1941, 3, 7))
    joins_circle(person, organization=dac, role="coordination")
    InformationFactory(person=person)
    aggir = publish_file(FOLDER / "aggir.json", actor=SYSTEM, now=NOW)
    client.as_(coordinator_of(dac, account_id=AccountFactory().pk))
    client.post(reverse("assessments:begin", args=[person.pk, aggir.pk]))
    return QuestionnaireResponse.objects.get()


def questions():
    """The path and the linkId of each question that makes the GIR, in the order of the screen."""
    (discriminating, _) = definition("aggir")["item"]
    return [
        (f"discriminating/{group['linkId']}/{item['linkId']}", item["linkId"])
        for group in discriminating["item"]
        for item in group.get("item", ())
        if item["type"] == "choice" and not item["linkId"].endswith("-lacks")
    ]


def tapped(draft, **otherwise):
    """What the page posts: alone everywhere, but for what is named."""
    fields = {path: otherwise.get(link_id.replace("-", "_"), "A") for path, link_id in questions()}
    return fields | {"_seen": draft.version, "_window": "a"}


def test_a_nurse_taps_once_a_question_and_reads_the_gir_and_why(client, draft):
    assert len(questions()) == 17
    sent = client.post(
        reverse("assessments:complete", args=[draft.pk]),
        tapped(draft, toilet_upper="B") | {"discriminating/toilet/toilet-upper-lacks": "usually"},
    )
    assert sent["Location"] == reverse("assessments:result", args=[draft.pk])
    page = client.get(sent["Location"]).text
    assert "GIR\u00a05" in page
    assert "haut du corps B, ne fait pas habituellement" in page
    assert "au moins 2\u202f000, rang 12" in page
    assert "annexe 2-2" in page


def test_done_in_part_without_its_adverb_gives_no_gir_and_asks_for_it(client, draft):
    sent = client.post(
        reverse("assessments:complete", args=[draft.pk]), tapped(draft, toilet_upper="B")
    )
    assert "Location" not in sent
    assert "Que manque-t-il" in sent.text
    draft.refresh_from_db()
    assert draft.status == "in-progress"


def test_the_seven_illustrative_variables_may_be_left_out(client, draft):
    page = client.get(reverse("assessments:fill", args=[draft.pk])).text
    assert page.count("(facultatif)") == 7
    sent = client.post(reverse("assessments:complete", args=[draft.pk]), tapped(draft))
    assert "GIR\u00a06" in client.get(sent["Location"]).text
