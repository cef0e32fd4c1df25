"""A plan through the door: opened, written, shown, agreed to, begun, told, printed."""

import pytest
from django.urls import reverse

from cordee.plans.models import Agreement, CarePlan, PlanVersion
from tests.plans.scene import WISHES, at, herself, set_around
from tests.support import NOW, facts

pytestmark = pytest.mark.django_db


@pytest.fixture
def around():
    return set_around()


def write_all(client, plan):
    """What the coordinator types, page after page."""
    words = {"wishes": WISHES, "referent": "", "seen": "1"}
    assert client.post(at("words", plan.pk), words).status_code == 302
    need = {"domain": "functional", "words": "Marche avec peine", "necessary": "3", "possible": "2"}
    assert client.post(at("add", plan.pk, "need"), need).status_code == 302
    goal = {
        "words": "Aller au jardin seule",
        "voice": "person",
        "need": str(plan.need_lines.get().pk),
        "why": "Mes rosiers",
        "target": "Descendre les trois marches",
        "review_on": "1/3/2027",
    }
    assert client.post(at("add", plan.pk, "goal"), goal).status_code == 302
    action = {
        "goal": str(plan.goal_lines.get().pk),
        "words": "Marcher dix minutes",
        "choice": "herself",
        "rhythm": "daily",
        "first_on": "1/12/2026",
    }
    assert client.post(at("add", plan.pk, "action"), action).status_code == 302
    alert = {"place": "1", "words": "Chute", "who": "Jeanne", "phone": ""}
    assert client.post(at("add", plan.pk, "alert"), alert).status_code == 302


def test_a_plan_goes_from_her_words_to_her_agreement_then_begins(client, around):
    client.as_(around.coordinator)
    opened = client.post(at("open_for_person", around.person.pk))
    plan = CarePlan.objects.get()
    assert opened.url == at("words", plan.pk)
    write_all(client, plan)

    shown = client.get(at("plan", plan.pk)).text
    for words in (WISHES, "Marche avec peine", "Aller au jardin seule", "Marcher dix minutes"):
        assert words in shown

    assert client.post(at("propose", plan.pk)).url == at("agreement", plan.pk)
    page = client.get(at("agreement", plan.pk))
    assert "version 1" in page.text.lower()
    assert WISHES in page.text
    version = PlanVersion.objects.get()
    sent = {"number": "1", "shown": digest_in(page.text), "decision": "agreed", "speaker": "person"}
    assert client.post(at("agreement", plan.pk), sent | {"how": "oral", "words": "Oui"}).url == at(
        "plan", plan.pk
    )
    plan.refresh_from_db()
    said = Agreement.objects.get()
    assert (plan.state, said.frozen_id, said.words) == ("agreed", version.pk, "Oui")
    assert plan.activity_lines.get().phase == "proposed"

    assert client.post(at("activate", plan.pk), {"review_on": "1/3/2027"}).status_code == 302
    plan.refresh_from_db()
    assert (plan.state, plan.in_force) == ("active", 1)
    assert plan.activity_lines.get().phase == "active"
    kinds = [line["kind"] for line in facts(thread=around.person.pk) if "plans." in line["kind"]]
    assert kinds == [
        "plans.plan_opened",
        "plans.plan_handed_over",  # the form named no referent
        "plans.plan_proposed",
        "plans.plan_agreed",
        "plans.plan_activated",
        "plans.action_planned",
    ]

    assert WISHES in client.get(reverse("web:person", args=[around.person.pk])).text
    assert "Marcher dix minutes" in client.get(at("paper", plan.pk)).text
    assert "je le fais" in client.get(at("sheet", plan.pk)).text


def digest_in(text):
    return text.split('name="shown" value="')[1].split('"')[0]


def test_the_person_answers_from_her_own_space(client, around):
    client.as_(around.coordinator)
    client.post(at("open_for_person", around.person.pk))
    plan = CarePlan.objects.get()
    write_all(client, plan)
    client.post(at("propose", plan.pk))

    client.as_(herself(around))
    assert "Donner ma réponse" in client.get(at("plan", plan.pk)).text
    page = client.get(at("agreement", plan.pk)).text
    sent = {"number": "1", "shown": digest_in(page), "decision": "agreed"}
    assert client.post(at("agreement", plan.pk), sent).status_code == 302
    said = Agreement.objects.get()
    assert (said.speaker, said.how, said.said_at) == ("person", "online", NOW)
    assert client.post(at("activate", plan.pk), {"review_on": "1/3/2027"}).status_code == 403
