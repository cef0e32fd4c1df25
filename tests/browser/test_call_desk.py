"""The reference call, key by key; the same call without scripts; the page as axe reads it."""

import pytest
from django.conf import settings
from django.template import engines
from django.test import Client
from playwright.sync_api import expect

from cordee.access.actor import Role
from cordee.intake.klm import AGREEMENT, REFERENCE_CALL
from cordee.intake.models import CareRequest, Draft
from cordee.people import services as people
from cordee.people.rules.processing import Basis, Purpose
from tests.browser.axe import accessible
from tests.browser.calls import write_call
from tests.browser.desk import built_assets
from tests.browser.late import scripts_come_late, stays, wait_until
from tests.factories.directory import (
    AccountFactory,
    CommuneFactory,
    MembershipFactory,
    OrganizationFactory,
)
from tests.factories.intake import CallerFactory, TriageVersionFactory
from tests.factories.people import PersonFactory, ProcessingFactory
from tests.support import NOW, actor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def known(monkeypatch):
    """A service whose caller and person are already known."""
    monkeypatch.setitem(engines["jinja"].env.globals, "assets", built_assets)
    CommuneFactory()
    service = OrganizationFactory(name="SIO du Champsaur")
    TriageVersionFactory(organization=service, signed=True)
    CallerFactory(organization=service, name="Docteur Arnaud")
    return PersonFactory(birth_name="Lefèvre", territory=service.territory), service


@pytest.fixture
def agreement():
    """The controller rests coordination on the agreement of each person."""
    dpo = actor(Role.DPO, account_id=AccountFactory().pk)
    people.set_basis(actor=dpo, purpose=Purpose.COORDINATION, basis=Basis.CONSENT, now=NOW)


@pytest.fixture
def opened(known, live_server, chromium):
    """Open a page at the queue, signed in as an orienteuse."""
    _, service = known
    account = MembershipFactory(organization=service, since="2026-01-05").account
    client = Client()
    client.force_login(account)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    contexts = []

    def page(**options):
        options = {"viewport": {"width": 1440, "height": 900}, "locale": "fr-FR"} | options
        context = chromium.new_context(**options)
        name = settings.SESSION_COOKIE_NAME
        context.add_cookies([{"name": name, "value": cookie, "url": live_server.url}])
        contexts.append(context)
        tab = context.new_page()
        tab.goto(live_server.url + "/demandes/")
        return tab

    yield page
    for context in contexts:
        context.close()


def test_the_reference_call_is_taken_with_the_keys_that_the_model_counts(known, opened):
    person, _ = known
    page = opened()
    screens = []
    page.on("framenavigated", lambda frame: screens.append(frame.url))
    for gesture in REFERENCE_CALL:
        for key in gesture.keys:
            if key == "Alt+s":  # a laptop of 900 px: nothing of this call asks to scroll
                assert page.evaluate("window.scrollY") == 0
            page.keyboard.press(key)
        if gesture.label.startswith("Ouvrir"):
            page.wait_for_url("**/appels/nouveau")
            page.wait_for_selector("#id_caller_phone:focus")
        if gesture.label.startswith("Écrire le début"):
            page.wait_for_selector(f"[name=person_id][value='{person.pk}']")
    page.wait_for_url("**/demandes/*-*")
    request = CareRequest.objects.select_related("caller").get()
    assert request.person_id == person.pk
    assert request.caller.name == "Docteur Arnaud"
    said = (request.state, request.kind, request.frequency, request.prescription, request.delay)
    assert said == ("qualified", "injection", "twice", "yes", "tonight")
    assert len(screens) == 2


def test_where_coordination_asks_for_her_agreement_the_call_takes_one_key_more(
    known, opened, agreement
):
    person, _ = known
    page = opened()
    page.keyboard.press("n")
    page.wait_for_selector("#id_caller_phone:focus")
    page.keyboard.type("0612345678")
    page.keyboard.press("Alt+r")
    page.keyboard.press("Alt+p")
    page.keyboard.type("lefe")
    page.wait_for_selector(f"[name=person_id][value='{person.pk}']")
    page.keyboard.press("Alt+j")
    page.keyboard.press("Alt+b")
    page.keyboard.type("inj")
    page.keyboard.press("Alt+t")
    page.keyboard.type("ce")
    page.keyboard.press("Alt+s")
    page.locator("#id_agreed_error").wait_for()
    accessible(page)
    assert not CareRequest.objects.exists()
    page.keyboard.press(AGREEMENT.keys[0])
    expect(page.locator("#id_agreed")).to_be_checked()
    page.keyboard.press("Alt+s")
    page.wait_for_url("**/demandes/*-*")
    assert CareRequest.objects.get().person_id == person.pk


def test_whoever_said_yes_already_is_not_asked_again(known, opened, agreement):
    person, _ = known
    ProcessingFactory(person=person, will="accepted")
    page = opened(viewport={"width": 360, "height": 780})
    page.goto(page.url.replace("/demandes/", "/appels/nouveau"))
    asked = page.locator("#id_agreed")
    asked.wait_for()
    page.fill("#id_birth_name", "lefe")
    page.check(f"[name=person_id][value='{person.pk}']")
    asked.wait_for(state="hidden")
    accessible(page)
    page.check("[name=person_id][value=aucune]")
    asked.wait_for()


def test_the_same_call_is_taken_without_scripts(known, opened):
    page = opened(java_script_enabled=False)
    page.get_by_role("link", name="Nouvel appel").first.click()
    write_call(page, "Martin")
    page.get_by_role("button", name="Enregistrer et chercher").click()
    page.wait_for_url("**/demandes/*-*")
    assert CareRequest.objects.get().person.birth_name == "Martin"


def test_a_line_that_drops_loses_nothing_and_the_call_is_resumed(known, opened):
    page = opened()
    page.keyboard.press("n")
    page.wait_for_url("**/appels/nouveau")
    page.fill("#id_need", "Matin et soir")
    page.get_by_text("Brouillon enregistré à").wait_for()
    page.goto(page.url)
    page.get_by_text("appel à reprendre").click()
    page.get_by_role("link", name="Appel commencé").click()
    assert page.input_value("#id_need") == "Matin et soir"


def begun(page):
    """A call of somebody new, to be sent."""
    page.goto(page.url.replace("/demandes/", "/appels/nouveau"))
    page.wait_for_function("window.htmx")
    write_call(page, "Martin")


def test_who_stays_on_a_page_that_is_not_kept_yet_sends_it_later(known, opened):
    page = opened()
    page.route("**/brouillon", lambda route: route.abort())
    begun(page)
    saved = page.locator("[data-autosave-state]")
    expect(saved).to_have_text("Pas encore enregistré")
    asked = stays(page)
    page.keyboard.press("Alt+s")
    wait_until(page, lambda: asked)
    expect(page.locator("form[data-sent]")).to_have_count(0)
    page.unroute("**/brouillon")
    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(saved).to_contain_text("Brouillon enregistré à")
    page.keyboard.press("Alt+s")
    page.wait_for_url("**/demandes/*-*")
    assert CareRequest.objects.get().person.birth_name == "Martin"
    assert asked == ["beforeunload"]


def test_the_bar_that_says_offline_covers_neither_the_buttons_of_a_call_nor_the_menu(known, opened):
    page = opened()
    page.goto(page.url.replace("/demandes/", "/appels/nouveau"))
    page.wait_for_function("window.htmx")
    page.evaluate("window.dispatchEvent(new Event('offline'))")
    expect(page.locator("#offline")).to_be_visible()
    menu, bar = (page.locator(one).bounding_box() for one in (".rail__menu", "#offline"))
    assert menu["y"] + menu["height"] <= bar["y"]
    page.get_by_role("button", name="Enregistrer et chercher").click(trial=True, timeout=5000)
    page.set_viewport_size({"width": 390, "height": 844})
    page.get_by_role("button", name="Enregistrer et chercher").click(trial=True, timeout=5000)


TYPED = """() => {
    const need = document.getElementById('id_need');
    need.value = 'Matin et soir';
    need.dispatchEvent(new Event('input', { bubbles: true }));
}"""
HIDDEN = """() => {  // as a tab that is closed
    const send = window.fetch;
    window.alive = [];
    window.fetch = (url, how) => (window.alive.push(how.keepalive), send(url, how));
    Object.defineProperty(document, 'hidden', { get: () => true });
    document.dispatchEvent(new Event('visibilitychange'));
}"""


def test_what_waits_for_its_pause_leaves_with_the_page_and_outlives_it(known, opened):
    page = opened()
    begun(page)
    expect(page.locator("[data-autosave-state]")).to_contain_text("Brouillon enregistré à")
    with page.expect_response("**/brouillon", timeout=10_000):
        page.evaluate(f"() => {{ ({TYPED})(); ({HIDDEN})(); }}")  # before its pause has ended
    assert page.evaluate("window.alive") == [True]
    assert Draft.objects.get().content["need"] == ["Matin et soir"]


def test_what_is_typed_while_a_draft_is_on_its_way_does_not_wait_on_a_page_that_is_hidden(
    known, opened
):
    page = opened()
    begun(page)
    expect(page.locator("[data-autosave-state]")).to_contain_text("Brouillon enregistré à")
    held, answered = [], []
    page.route("**/brouillon", lambda route: held.append(route), times=1)
    page.on("response", lambda one: one.url.endswith("/brouillon") and answered.append(one))
    page.fill("#id_need", "Matin")
    wait_until(page, lambda: held)
    page.fill("#id_need", "Matin et soir")
    with page.expect_response("**/brouillon", timeout=10_000):
        page.evaluate(HIDDEN)
    assert Draft.objects.get().content["need"] == ["Matin et soir"]
    held[0].continue_()
    wait_until(page, lambda: len(answered) == 3)  # once more: both may have crossed
    assert Draft.objects.get().content["need"] == ["Matin et soir"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_to_say_of_the_desk(known, opened, scheme):
    page = opened(color_scheme=scheme)
    page.goto(page.url.replace("/demandes/", "/appels/nouveau"))
    page.fill("#id_birth_name", "lefe")
    page.wait_for_selector("input[name=person_id]")
    accessible(page)


def test_on_a_phone_a_double_is_seen_before_the_need_is_asked(known, opened):
    page = opened(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page.goto(page.url.replace("/demandes/", "/appels/nouveau"))
    page.locator("#id_birth_name").fill("Lefèvre")
    similar = page.locator(".desk__panel--similar")
    similar.wait_for()
    heights = [one.bounding_box()["y"] for one in (similar, page.locator("#id_kind"))]
    assert heights == sorted(heights)


def typed_in(page):
    """A call about somebody who resembles one who is known."""
    page.goto(page.url.replace("/demandes/", "/appels/nouveau"))
    page.fill("#id_caller_phone", "06 12 34 56 78")
    page.fill("#id_birth_name", "Lefebvre")
    page.fill("#id_need", "Matin et soir")
    page.check("#id_no_sign")
    page.select_option("#id_kind", "dressing")
    page.fill("#id_commune", "Saint-Bonnet-en-Champsaur")
    page.select_option("#id_delay", "h24")
    page.focus("#id_need")


def press(page, letter, place, key):
    """Our letter with scripts; without, the place that the keyboard reaches and its key."""
    if page.evaluate("document.querySelectorAll('[data-alt]').length"):
        page.keyboard.press(letter)
    else:
        page.locator(place).press(key)


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_a_double_is_asked_about_and_one_key_says_it_is_somebody_new(known, opened, scripts):
    person, _ = known
    page = opened(java_script_enabled=scripts)
    typed_in(page)
    press(page, "Alt+s", "[value=search]", "Enter")
    page.get_by_text("quelqu’un de connu lui ressemble").wait_for()
    assert page.input_value("#id_need") == "Matin et soir"
    assert not page.locator("input[name=person_id]:checked").count()
    if scripts:
        accessible(page)
    assert not CareRequest.objects.exists()
    press(page, "Alt+o", "[value=aucune]", "Space")
    page.locator("input[value=aucune]:checked").wait_for()
    press(page, "Alt+s", "[value=search]", "Enter")
    page.wait_for_url("**/demandes/*-*")
    assert CareRequest.objects.get().person.birth_name == "Lefebvre"


def test_what_is_said_before_the_scripts_came_is_kept(opened):
    page = opened()
    with scripts_come_late(page) as wait_for_the_page:
        page.get_by_role("link", name="Nouvel appel").first.click(no_wait_after=True)
        wait_for_the_page()
        page.fill("#id_birth_name", "Marchand")
        page.select_option("#id_kind", "dressing")
    expect(page.locator("[data-autosave-state]").first).to_contain_text("Brouillon enregistré à")
    kept = Draft.objects.get().content
    assert (kept["birth_name"], kept["kind"]) == (["Marchand"], ["dressing"])
