"""The ten points of the PPS (HAS, 2013), each on the page: here, the criteria of process."""

import io

import pytest
from bs4 import BeautifulSoup
from pypdf import PdfReader

from cordee.plans import services
from cordee.plans.models import Activity, CarePlan, Need
from cordee.plans.rules.agreement import Decision
from tests.factories.directory import AccountFactory
from tests.plans.scene import agreed, at, said, set_around, write, write_goal
from tests.support import NOW, arranging

pytestmark = pytest.mark.django_db
SEEN = "Une croix par jour sur le calendrier"
LABEL = "À quoi on verra que cela se fait"


@pytest.fixture
def around():
    return set_around()


def test_each_action_is_asked_what_will_show_that_it_is_done_and_paper_says_it(client, around):
    plan = around.open()
    goal = write_goal(around, plan)
    client.as_(around.coordinator)
    asked = client.get(at("add", plan.pk, "action")).text
    assert LABEL in asked
    assert "Critère de processus" in asked
    assert "Critère de résultat" in client.get(at("add", plan.pk, "goal")).text
    typed = {
        "goal": str(goal.pk),
        "words": "Marcher dix minutes",
        "choice": "herself",
        "rhythm": "daily",
        "first_on": "1/12/2026",
        "process": SEEN,
    }
    assert client.post(at("add", plan.pk, "action"), typed).status_code == 302
    assert Activity.objects.get().process == SEEN
    for page in ("plan", "paper"):
        assert SEEN in client.get(at(page, plan.pk)).text
    made = client.get(at("paper", plan.pk) + "?format=pdf")
    words = " ".join(one.extract_text() for one in PdfReader(io.BytesIO(made.content)).pages)
    assert SEEN in " ".join(words.split())


def test_who_agrees_is_shown_the_criterion_and_the_next_version_says_how_it_changed(client, around):
    plan = around.open()
    step = write(around, plan, process=SEEN)
    services.propose(actor=around.coordinator, plan=plan, now=NOW)
    plan.refresh_from_db()
    client.as_(around.coordinator)
    assert SEEN in client.get(at("agreement", plan.pk)).text
    said(around, plan, Decision.REFUSED)
    with arranging():
        Activity.objects.filter(pk=step.pk).update(process="La voisine le voit passer")
    plan.refresh_from_db()
    services.propose(actor=around.coordinator, plan=plan, now=NOW)
    found = BeautifulSoup(client.get(at("versions", plan.pk)).content, "html.parser")
    before, after = found.select_one("#v2 tbody tr").select("td")
    assert (before.text, after.text) == (
        f"{LABEL} : {SEEN}",
        f"{LABEL} : La voisine le voit passer",
    )


def test_an_action_without_a_criterion_is_summed_up_as_before_it_could_be_asked(client, around):
    plan, _ = agreed(around)
    (part,) = CarePlan.objects.get().versions.get().parts.all()
    (action,) = part.content["activities"]
    assert LABEL not in action["told"]
    assert "Le plan a changé" not in client.as_(around.coordinator).get(at("plan", plan.pk)).text


def test_a_need_and_an_action_say_who_wrote_them(client, around):
    plan, step = agreed(around)
    claire = AccountFactory(name="Claire Imbert")
    with arranging():
        Need.objects.update(author=claire)
        Activity.objects.update(author=claire)
    for name in ("plan", "paper"):
        page = client.as_(around.coordinator).get(at(name, plan.pk))
        shown = BeautifulSoup(page.content, "html.parser")
        assert "Écrit par Claire Imbert" in shown.select_one("#besoins li").text
        assert "Écrite par Claire Imbert" in shown.select_one("#actions li").text
        assert step.words in shown.select_one("#actions li").text
