"""An evaluation in a real browser: kept while one types, nothing is lost, axe finds nothing."""

import pytest
from django.conf import settings
from django.template import engines
from django.test import Client
from django.urls import reverse
from playwright.sync_api import expect

from tests.browser.axe import accessible
from tests.browser.desk import built_assets
from tests.browser.late import scripts_come_late, stays, wait_until
from tests.factories.assessments import QuestionnaireFactory
from tests.factories.directory import MembershipFactory, OrganizationFactory
from tests.factories.people import InformationFactory, PersonFactory, joins_circle

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def person(monkeypatch):
    monkeypatch.setitem(engines["jinja"].env.globals, "assets", built_assets)
    service = OrganizationFactory(name="DAC du Champsaur", kind="dac")
    person = PersonFactory(birth_name="Lefèvre", qualified=True, territory=service.territory)
    joins_circle(person, organization=service)
    InformationFactory(person=person)
    QuestionnaireFactory(title="La marche")
    person.service = service
    return person


@pytest.fixture
def page(person, live_server, chromium):
    """A tab of a phone, signed in as a coordinator; the tour fills a grid on a desk (test_plan)."""
    client = Client()
    member = MembershipFactory(organization=person.service, role="coordinator", since="2026-01-05")
    client.force_login(member.account)
    name = settings.SESSION_COOKIE_NAME
    context = chromium.new_context(viewport={"width": 390, "height": 844}, locale="fr-FR")
    context.add_cookies(
        [{"name": name, "value": client.cookies[name].value, "url": live_server.url}]
    )
    tab = context.new_page()
    tab.goto(live_server.url + reverse("assessments:list", args=[person.pk]))
    yield tab
    context.close()


def test_an_evaluation_from_the_list_to_its_result(page):
    accessible(page)
    page.get_by_role("button", name="La marche").click()
    accessible(page)
    page.get_by_label("Non", exact=True).check()
    why = page.get_by_label("Ce qui l’en empêche")
    expect(why).to_be_visible()
    expect(page.locator("#garde")).to_contain_text("Brouillon gardé à")
    why.press_sequentially("Les marches du perron, et la peur", delay=40)
    page.get_by_label("Combien de pas").fill("beaucoup")
    expect(page.get_by_text("Tapez un nombre entier")).to_be_visible()
    expect(why).to_have_value("Les marches du perron, et la peur")
    accessible(page)
    page.get_by_label("Combien de pas").fill("40")
    expect(page.get_by_text("Tapez un nombre entier")).to_be_hidden()
    page.reload()
    expect(page.get_by_label("Ce qui l’en empêche")).to_have_value(
        "Les marches du perron, et la peur"
    )
    page.get_by_role("button", name="Terminer").click()
    expect(page.get_by_text("Les marches du perron, et la peur")).to_be_visible()
    accessible(page)


def test_what_is_answered_while_the_server_thinks_is_not_lost(page):
    page.get_by_role("button", name="La marche").click()
    held = []
    saving = lambda one: one.request.method == "POST" and not held  # noqa: E731
    page.route("**/*", lambda one: held.append(one) if saving(one) else one.continue_())
    page.get_by_label("Non", exact=True).check()
    wait_until(page, lambda: held)
    steps = page.get_by_label("Combien de pas")
    steps.fill("40")
    steps.press("Tab")
    held[0].fulfill(response=held[0].fetch())
    expect(page.get_by_label("Ce qui l’en empêche")).to_be_visible()
    expect(steps).to_have_value("40")


def test_what_is_answered_before_the_scripts_came_is_not_lost(page):
    with scripts_come_late(page) as wait_for_the_page:
        page.get_by_role("button", name="La marche").click(no_wait_after=True)
        wait_for_the_page()
        page.get_by_label("Non", exact=True).check()
    expect(page.get_by_label("Ce qui l’en empêche")).to_be_visible()
    expect(page.locator("#garde")).to_contain_text("Brouillon gardé à")
    page.reload()
    expect(page.get_by_label("Non", exact=True)).to_be_checked()


def test_who_stays_on_a_sheet_that_is_not_kept_completes_it_later(page):
    page.get_by_role("button", name="La marche").click()
    page.wait_for_function("window.htmx")
    page.route("**/reponses", lambda route: route.abort())
    page.get_by_label("Non", exact=True).check()
    kept = page.locator("#garde")
    expect(kept).to_contain_text("Pas encore gardé")
    asked = stays(page)
    complete = page.get_by_role("button", name="Terminer")
    complete.click(no_wait_after=True)
    wait_until(page, lambda: asked)
    page.unroute("**/reponses")
    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(kept).to_contain_text("Brouillon gardé")
    page.get_by_label("Ce qui l’en empêche").fill("Les marches du perron")
    page.get_by_label("Combien de pas").fill("40")
    expect(kept).to_contain_text("Brouillon gardé")
    complete.click()
    expect(page.get_by_text("Les marches du perron")).to_be_visible()
    expect(page.locator("form[data-sheet]")).to_have_count(0)
    assert asked == ["beforeunload"]


def test_what_the_server_could_not_keep_is_said_and_kept_without_another_answer(page):
    page.get_by_role("button", name="La marche").click()
    page.wait_for_function("window.htmx")
    down = {"status": 503, "body": "<html><h1>Bad gateway</h1></html>"}
    page.route("**/reponses", lambda route: route.fulfill(**down), times=1)
    page.get_by_label("Non", exact=True).check()
    kept = page.locator("#garde")
    expect(kept).to_contain_text("Pas encore gardé")
    assert not page.locator(".toast").count()  # nobody made a gesture
    expect(page.get_by_label("Ce qui l’en empêche")).to_be_visible()
    expect(kept).to_contain_text("Brouillon gardé")


def test_what_left_while_one_signed_in_elsewhere_is_kept_without_another_answer(page):
    page.get_by_role("button", name="La marche").click()
    page.wait_for_function("window.htmx")

    def refused(route):
        page.evaluate("document.cookie = `cordee_csrf=${'a'.repeat(32)}; path=/`")
        route.fulfill(status=403, body="<html><h1>Refusé</h1></html>")

    held = []
    page.route("**/reponses", lambda route: held.append(route), times=1)
    page.get_by_label("Non", exact=True).check()
    wait_until(page, lambda: held)
    refused(held[0])
    expect(page.get_by_label("Ce qui l’en empêche")).to_be_visible()
    assert not page.locator("#toasts > *").count()


def test_what_is_answered_once_the_session_ended_is_kept_once_one_signed_in_again(page):
    page.get_by_role("button", name="La marche").click()
    page.wait_for_function("window.htmx")
    session = settings.SESSION_COOKIE_NAME
    cookies = [one for one in page.context.cookies() if one["name"] == session]
    page.context.clear_cookies(name=session)
    page.get_by_label("Non", exact=True).check()
    kept, notice = page.locator("#garde"), page.locator("#toasts .notice")
    expect(notice).to_contain_text("Votre session a pris fin")
    expect(kept).to_contain_text("Pas encore gardé", timeout=5000)
    page.evaluate("window.dispatchEvent(new Event('online'))")
    page.wait_for_timeout(1000)  # it was told again by now
    expect(notice).to_have_count(1)
    page.context.add_cookies(cookies)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(kept).to_contain_text("Brouillon gardé")
    expect(notice).to_have_count(0)
    page.reload()
    expect(page.get_by_label("Non", exact=True)).to_be_checked()


def test_a_sheet_that_nobody_answered_is_not_saved_as_it_opens(page):
    page.get_by_role("button", name="La marche").click()
    page.wait_for_url("**/remplir")
    sent = []
    page.on("request", lambda one: sent.append(one) if one.method == "POST" else None)
    page.wait_for_function("window.htmx")
    page.wait_for_timeout(1500)  # more than an answer waits before it leaves
    assert not sent


def reach(page, target):
    """Go on with Tab until the target has the focus."""
    for _ in range(80):
        if target.count() and target.evaluate("one => one === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError("the keyboard does not get there")


@pytest.mark.parametrize("page", [(1440, 900)], ids=["desk"], indirect=True)
def test_a_sheet_is_filled_in_and_completed_by_keys_alone(page):
    reach(page, page.get_by_role("button", name="La marche"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/remplir")
    reach(page, page.get_by_label("Oui, chaque jour"))
    page.keyboard.press("ArrowDown")
    why = page.get_by_label("Ce qui l’en empêche")
    expect(why).to_be_visible()
    reach(page, why)
    page.keyboard.type("Les marches du perron")
    reach(page, page.get_by_label("Combien de pas"))
    page.keyboard.type("40")
    reach(page, page.get_by_role("button", name="Terminer"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("Les marches du perron")).to_be_visible()
