"""The tour of the README goes on: a person is evaluated (GIR), her plan agreed to and printed; she
enters a pathway, nobody calls her back, the rupture is told, and a call repairs it."""

from collections import defaultdict
from datetime import timedelta

import pytest
from django.conf import settings
from django.template import engines
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from cordee.access.actor import SYSTEM
from cordee.assessments.shipped import FOLDER, publish_file
from cordee.protocols.shipped import texts
from tests.browser.axe import accessible
from tests.browser.desk import built_assets
from tests.factories.directory import MembershipFactory, OrganizationFactory
from tests.factories.followed import version_in_use
from tests.factories.people import InformationFactory, PersonFactory, joins_circle
from tests.plans.scene import WISHES
from tests.support import NOW, PARIS, run_jobs

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def person(monkeypatch):
    """Somebody whom a DAC follows."""
    monkeypatch.setitem(engines["jinja"].env.globals, "assets", built_assets)
    dac = OrganizationFactory(kind="dac", name="DAC du Champsaur")
    person = PersonFactory(birth_name="Lefèvre", qualified=True, territory=dac.territory)
    joins_circle(person, organization=dac, role="coordination", is_reference=True)
    InformationFactory(person=person)
    publish_file(FOLDER / "aggir.json", actor=SYSTEM, now=NOW)
    version_in_use(texts()["sortie-personne-agee"], dac)
    return person, dac


@pytest.fixture
def page(person, live_server, chromium):
    """A tab signed in as a coordinator of the DAC."""
    client = Client()
    member = MembershipFactory(organization=person[1], role="coordinator", since="2026-01-05")
    client.force_login(member.account)
    name = settings.SESSION_COOKIE_NAME
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, locale="fr-FR")
    context.add_cookies(
        [{"name": name, "value": client.cookies[name].value, "url": live_server.url}]
    )
    tab = context.new_page()
    tab.goto(live_server.url + reverse("web:person", args=[person[0].pk]))
    yield tab
    context.close()


def save(page):
    page.get_by_role("button", name="Enregistrer", exact=True).click()


def test_a_person_is_evaluated_her_plan_begun_and_printed_and_a_call_that_was_missed_is_made(page):
    record = page.url
    evaluated(page)
    page.goto(record)
    expect(page.get_by_text("GIR\u00a05").first).to_be_visible()
    written(page)
    agreed_to(page)
    fits_a_phone(page)
    printed(page)
    page.emulate_media(media="screen")
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(record)
    enters_a_pathway(page)
    page.goto(record)
    is_called(page)
    page.goto(record)
    expect(page.get_by_text("Rien n’est en retard.")).to_be_visible()


def evaluated(page):
    """The grid of AGGIR, one tap a question; what is done in part says what is lacking."""
    page.get_by_role("link", name="Évaluer", exact=True).click()
    page.get_by_role("button", name="AGGIR").click()
    for name in page.locator("[name^='discriminating/'][value=A]").evaluate_all(
        "boxes => boxes.map(box => box.name)"
    ):
        answer = "B" if name.endswith("toilet-upper") else "A"
        page.locator(f"[name='{name}'][value={answer}]").check()
    page.locator("[name$='toilet-upper-lacks'][value=usually]").check()
    accessible(page)
    page.get_by_role("button", name="Terminer").click()
    expect(page.get_by_text("GIR\u00a05").first).to_be_visible()
    accessible(page)


def written(page):
    page.get_by_role("button", name="Ouvrir un plan personnalisé").click()
    accessible(page)
    page.get_by_label("Ses souhaits, dans ses mots").fill(WISHES)
    save(page)

    page.get_by_role("link", name="Ajouter un besoin").click()
    accessible(page)
    page.get_by_label("Domaine").select_option("functional")
    page.get_by_label("Le besoin, ou ce qui pose problème").fill("Marche avec peine")
    save(page)
    page.get_by_role("link", name="Ajouter un objectif").click()
    page.get_by_label("L’objectif, tel qu’on l’a formulé ensemble").fill("Aller au jardin seule")
    accessible(page)
    save(page)
    page.get_by_role("link", name="Ajouter une action").click()
    page.get_by_label("L’action", exact=True).fill("Marcher dix minutes")
    page.get_by_label("elle le fait elle-même").check()
    page.get_by_label("Le, ou à partir du").fill("demain")
    accessible(page)
    save(page)
    page.get_by_role("link", name="Ajouter une étape").click()
    page.get_by_label("Si cela arrive").fill("Chute")
    page.get_by_label("Appeler").fill("Jeanne, sa fille")
    save(page)


def agreed_to(page):
    """What she says of the version that she was shown; then, and only then, it begins."""
    page.get_by_role("button", name="Proposer le plan").click()
    expect(page.locator("blockquote")).to_have_text(WISHES)
    accessible(page)
    page.get_by_label("d’accord", exact=True).check()
    page.get_by_role("button", name="Enregistrer la réponse").click()
    page.get_by_role("button", name="Mettre le plan en œuvre").click()
    expect(page.get_by_text("Mis en œuvre").first).to_be_visible()
    accessible(page)


def fits_a_phone(page):
    """No line of the plan is wider than a phone; each screen it leads to is accessible."""
    page.set_viewport_size({"width": 390, "height": 844})
    accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    for name in ("Réviser ensemble", "Versions", "Plan entier"):
        page.get_by_role("link", name=name, exact=True).click()
        accessible(page)
        page.go_back()


def printed(page):
    """The sheet of the person says her words and what she does herself."""
    page.get_by_role("link", name="Feuille pour la personne", exact=True).click()
    accessible(page)
    page.emulate_media(media="print")
    expect(page.get_by_text(WISHES)).to_be_visible()
    expect(page.get_by_text("Marcher dix minutes")).to_be_visible()


def enters_a_pathway(page):
    """She came home three days ago; the call of the next day was not made: it is told."""
    came_home = timezone.now().astimezone(PARIS) - timedelta(days=3)
    page.get_by_role("link", name="Faire entrer dans un parcours").click()
    page.get_by_label("Sortie d’hospitalisation d’une personne âgée").check()
    page.get_by_label("Entrée le").fill(f"{came_home:%d/%m/%Y}")
    accessible(page)
    page.get_by_role("button", name="Faire entrer").click()
    accessible(page)
    stations_are_told(page)
    run_jobs()
    house = page.url.partition("/parcours")[0]
    page.goto(house + reverse("pathways:worklist"))
    expect(page.get_by_text("Réparer une rupture").first).to_be_visible()
    page.goto(house + reverse("protocols:register"))
    page.get_by_role("link", name="Appeler la personne").click()
    accessible(page)


def stations_are_told(page):
    """The line is a list, and its table has a name and heads: what a screen reader is given."""
    page.get_by_text("Les étapes en tableau").click()
    steps = ["Appeler la personne", "Premier passage infirmier confirmé"]
    for width in (390, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        told = tree_of(page)
        assert "Étapes du parcours" in told["list"]
        assert "Les étapes du parcours" in told["table"]
        assert told["rowheader"][:2] == steps
        assert told["columnheader"][:3] == ["Étape", "Où elle en est", "Faite le"]
        accessible(page)


def tree_of(page):
    """The accessibility tree of the browser: the names of its nodes, by role."""
    session = page.context.new_cdp_session(page)
    told = defaultdict(list)
    for node in session.send("Accessibility.getFullAXTree")["nodes"]:
        if not node["ignored"]:
            told[node["role"]["value"]].append(node.get("name", {}).get("value", ""))
    return told


def is_called(page):
    """The call is made: the rupture ends by itself."""
    page.get_by_role("link", name="Noter un contact").click()
    page.get_by_label("contact établi").check()
    accessible(page)
    page.get_by_role("button", name="Noter le contact").click()
    run_jobs()
