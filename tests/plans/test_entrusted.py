"""What else is typed of a plan: who an action is entrusted to, who pays, strengths, who agreed."""

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse

from cordee.plans import services
from cordee.plans.models import Activity, CarePlan, Goal
from cordee.plans.rules.agreement import Decision
from tests.factories.directory import OrganizationFactory, PractitionerFactory
from tests.factories.people import MemberFactory, RelativeFactory
from tests.plans.scene import active, agreed, at, said, set_around, write, write_goal
from tests.support import NOW, arranging

pytestmark = pytest.mark.django_db


@pytest.fixture
def around():
    return set_around()


@pytest.mark.parametrize(
    ("who", "role"),
    [("relative", "relative"), ("professional", "nurse"), ("organization", "home_help")],
)
def test_an_action_is_entrusted_through_the_form_and_says_who_and_who_pays(
    client, around, who, role
):
    plan = around.open()
    goal = write_goal(around, plan)
    doer = {
        "relative": lambda: {"relative": RelativeFactory(person=around.person, name="Jeanne")},
        "professional": lambda: {"practitioner": PractitionerFactory(last_name="ROUX")},
        "organization": lambda: {"organization": OrganizationFactory(name="Aide du Drac")},
    }[who]()
    member = MemberFactory(person=around.person, role=role, **{"practitioner": None} | doer)
    typed = {
        "goal": str(goal.pk),
        "words": "Passer chaque semaine",
        "choice": "entrusted",
        "member": str(member.pk),
        "rhythm": "weekly",
        "first_on": "1/12/2026",
        "funding": "apa",
    }
    assert client.as_(around.coordinator).post(at("add", plan.pk, "action"), typed).status_code in (
        302,
        303,
    )
    made = Activity.objects.get()
    assert (made.who, made.member_id, made.funding) == (who, member.pk, "apa")
    page = client.get(at("plan", plan.pk)).text
    assert {"relative": "Jeanne", "professional": "Roux", "organization": "Aide du Drac"}[
        who
    ].casefold() in page.casefold()
    assert "allocation personnalisée d’autonomie" in page


def test_strengths_and_resources_stand_beside_what_is_difficult(client, around):
    plan = around.open()
    typed = {
        "wishes": "Rester chez moi",
        "strengths": "Cuisine tous les jours",
        "resources": "La voisine a les clés",
        "difficulties": "Les marches du perron",
        "referent": "",
        "seen": "1",
    }
    client.as_(around.coordinator).post(at("words", plan.pk), typed)
    kept = CarePlan.objects.get()
    assert (kept.strengths, kept.resources) == ("Cuisine tous les jours", "La voisine a les clés")
    for page in ("plan", "paper"):
        text = client.get(at(page, plan.pk)).text
        assert "Cuisine tous les jours" in text
        assert "La voisine a les clés" in text


def test_each_objective_says_who_wrote_it_and_who_agreed_to_these_words(client, around):
    plan, _ = agreed(around)
    client.as_(around.coordinator)
    shown = client.get(at("plan", plan.pk)).text
    assert "Écrit par Ahmed Diallo. D’accord\u00a0: la personne" in shown
    with arranging():
        Goal.objects.update(words="Aller au jardin avec sa canne")
    assert "Pas encore d’accord recueilli sur ces mots" in client.get(at("plan", plan.pk)).text


def test_a_word_that_is_not_a_yes_is_nobody_s_agreement(client, around):
    plan = around.open()
    write(around, plan)
    services.propose(actor=around.coordinator, plan=plan, now=NOW)
    plan.refresh_from_db()
    said(around, plan, Decision.DISCUSSED)
    assert "Pas encore d’accord" in client.as_(around.coordinator).get(at("plan", plan.pk)).text


def test_a_note_begun_from_an_action_keeps_who_may_read_it_and_leads_back_to_it(client, around):
    plan, activity = active(around)
    page = client.as_(around.coordinator)
    shown = BeautifulSoup(page.get(at("plan", plan.pk)).content, "html.parser")
    (link,) = (one for one in shown.select("a") if one.text.strip() == "Écrire une note")
    form = BeautifulSoup(page.get(link["href"]).content, "html.parser")
    typed = {one["name"]: one["value"] for one in form.select("[type=hidden], [checked]")}
    assert typed["category"] == activity.category
    page.post(link["href"], typed | {"body": "Vu."})
    book = page.get(reverse("liaison:notebook", args=[plan.person_id])).text
    assert reverse("plans:action", args=[activity.pk]) in book
