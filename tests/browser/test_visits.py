"""The phone of a home help, in a real browser: without a network, three visits, back, received."""

import time
from contextlib import contextmanager
from datetime import timedelta
from unittest import mock

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone
from playwright.sync_api import expect

from cordee.access.models import Account
from cordee.people.models import CircleMember
from cordee.vigilance import klm, services, shell
from cordee.vigilance.models import Device, PlannedVisit, SafetyAlert, Visit
from cordee.vigilance.views import phone as views
from cordee.web.demo import PASSWORD
from tests.browser.axe import faults_of
from tests.browser.late import wait_until
from tests.browser.phone import SMALL, WIDE, Phone
from tests.factories.people import PersonFactory, joins_circle
from tests.factories.vigilance import planned
from tests.support import PARIS, arranging
from tests.vigilance.scene import set_home

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SLOW = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
CLOSED = """async () => {
    const db = await new Promise((done) => {
        const asked = indexedDB.open('cordee-visites');
        asked.onsuccess = () => done(asked.result);
    });
    const said = [];
    for (const name of db.objectStoreNames) {
        const rows = await new Promise((done) => {
            const asked = db.transaction(name).objectStore(name).getAll();
            asked.onsuccess = () => done(asked.result);
        });
        const plain = (key, value) => value instanceof ArrayBuffer || ArrayBuffer.isView(value)
            ? new TextDecoder().decode(value) : value;
        said.push(...rows.map((row) => JSON.stringify(row, plain)));
    }
    const keys = await new Promise((done) => {
        const asked = db.transaction('helpers').objectStore('helpers').getAll();
        asked.onsuccess = () => done(asked.result.map((one) => one.key.extractable));
    });
    return [said.join(' '), keys];
}"""

HELPERS = """(change) => new Promise((done) => {
    const asked = indexedDB.open('cordee-visites');
    asked.onsuccess = () => {
        const tx = asked.result.transaction('helpers', 'readwrite');
        const all = tx.objectStore('helpers').getAll();
        all.onsuccess = () => {
            if (change) all.result.forEach((one) => tx.objectStore('helpers').put({ ...one, contact: 0 }));
            tx.oncomplete = () => (asked.result.close(), done(all.result.map((one) => !!one.key)));
        };
    };
})"""  # noqa: E501
FULL = """() => {
    const put = IDBObjectStore.prototype.put;
    IDBObjectStore.prototype.put = function (...row) {
        if (this.name === 'queue') throw new DOMException('full', 'QuotaExceededError');
        return put.apply(this, row);
    };
}"""
GROUNDS = """() => new Set([...document.querySelector('.mark__levels').children]
    .map((one) => getComputedStyle(one).backgroundColor)).size"""
SILENT, KEYS = f"() => ({HELPERS})(true)", f"() => ({HELPERS})(false)"


@contextmanager
def deaf():
    """The house takes no sending meanwhile. It says so itself: what the page asks while another
    worker takes its place may escape the routes of the browser: once, nothing waited any more."""
    with mock.patch.object(views, "_body", side_effect=PermissionDenied):
        yield


@pytest.fixture
def home(transactional_db):
    home = set_home()
    account = Account.objects.get(pk=home.phone.account_id)
    account.set_password(PASSWORD)
    account.save(update_fields=["password"])
    Device.objects.all().delete()
    for minutes, name in ((1, "Grandidier"), (2, "Ostende"), (3, "Piémont")):
        one = PersonFactory(birth_name=name, territory=home.desk.territory)
        joins_circle(one, organization=home.service, role=CircleMember.Role.HOME_HELP)
        joins_circle(one, organization=home.desk)
        starts = timezone.now() + timedelta(minutes=minutes)
        planned(one, home.service, account, starts_at=starts)
    home.account = account
    return home


def test_three_visits_marked_without_a_network_are_received_once_it_is_back(
    chromium, live_server, home, monkeypatch
):
    phone = Phone(chromium, live_server.url)
    page = phone.page
    _first_time(phone, home)

    phone.context.set_offline(True)
    page.reload()
    phone.taps = 0
    phone.mark("GRANDIDIER", "Très mal")
    assert phone.taps == klm.taps(klm.REFERENCE_VISIT)
    phone.mark("OSTENDE", "Moyen")
    page.close()  # the tab is killed; another opens, still without a network
    phone.open()
    phone.visits()
    phone.says("2 envois en attente")
    phone.mark("PIÉMONT", "Bien")
    _afraid(phone)
    phone.says("4 envois en attente")
    said, extractable = phone.page.evaluate(CLOSED)
    assert "threat" not in said
    assert "GRANDIDIER" not in said.upper()
    assert "health" not in said
    assert extractable == [False]

    with deaf():
        _new_version(phone, monkeypatch)
        phone.says("4 envois en attente")
    phone.page.get_by_role("button", name="Envoyer").first.tap()
    expect(phone.page.locator("[data-bar]")).to_be_hidden()
    assert Visit.objects.count() == 3
    assert Visit.objects.get(person__birth_name="Grandidier").health_mark == 1
    assert SafetyAlert.objects.get().fear == "threat"
    expect(phone.page.get_by_text("Reçu, mais personne ne dirige votre service")).to_be_visible()

    phone.taps = 0
    phone.page.get_by_role("button", name="OSTENDE").first.tap()
    expect(phone.page.get_by_text("Cette visite est déjà notée")).to_be_visible()
    phone.tap(phone.named("Signaler un besoin"))
    phone.tap(phone.named("Matériel à prévoir"))
    assert phone.taps == klm.taps(klm.A_NEED)
    expect(phone.page.get_by_text("Besoin signalé.")).to_be_visible()
    _told(phone, home)
    _full(phone)
    _silent_for_a_week(phone)
    _taken_back(phone, home)
    assert not phone.complaints


def _first_time(phone, home):
    """Sign in once, on a network as slow as 3G."""
    page = phone.page
    page.goto(f"{phone.address}/compte/login/?next=/visites/")
    page.fill("[name=login]", home.account.email)
    page.fill("[name=password]", PASSWORD)
    slow = phone.context.new_cdp_session(page)
    slow.send("Network.enable")
    slow.send("Network.emulateNetworkConditions", SLOW)
    began = time.monotonic()
    page.keyboard.press("Enter")
    expect(phone.named("Utiliser ce téléphone")).to_be_visible(timeout=60_000)
    assert time.monotonic() - began < 60
    slow.detach()  # it would have the last word when the network is taken away
    phone.named("Utiliser ce téléphone").tap()
    expect(phone.named("GRANDIDIER")).to_be_visible()
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    assert not faults_of(page)
    phone.named("GRANDIDIER").tap()
    page.get_by_text("Un signe à dire").tap()
    assert not faults_of(page)
    assert page.evaluate(SMALL) == []
    assert not page.evaluate(WIDE)
    page.locator(".level").nth(2).tap()
    page.emulate_media(forced_colors="active")  # with the colours of the system alone
    assert page.evaluate(GROUNDS) == 2, "what was touched is not told from the rest"
    page.emulate_media(forced_colors="none")
    phone.named("Retour").tap()


def _afraid(phone):
    """She does not feel safe: said in two taps, without a network, to be sent like a visit."""
    phone.named("Je ne me sens pas en sécurité").tap()
    assert not faults_of(phone.page)
    assert phone.page.evaluate(SMALL) == []
    assert not phone.page.evaluate(WIDE)
    phone.named("Menace, violence ou harcèlement").tap()
    expect(phone.page.get_by_text("C’est gardé pour votre service.")).to_be_visible()


def _new_version(phone, monkeypatch):
    """The application is updated while three visits wait, and the house takes no sending."""
    worker = shell.worker
    monkeypatch.setattr(shell, "worker", lambda keeps: worker(keeps) + "\n// another version")
    phone.context.set_offline(False)
    phone.page.evaluate(
        """async () => {
            const held = await navigator.serviceWorker.ready;
            const changed = new Promise((done) =>
                navigator.serviceWorker.addEventListener('controllerchange', done, { once: true }));
            await held.update();
            await changed;
        }"""
    )
    phone.page.reload()


def _told(phone, home):
    """Who coordinates saw it: the helper reads by whom."""
    visit = Visit.objects.get(person__birth_name="Grandidier")
    services.see(actor=home.coordinator, visit=visit, now=timezone.now())
    phone.page.reload()
    words = phone.page.get_by_text(f"Vu par {home.coordinator.name}")
    expect(words.first).to_be_visible()


def _full(phone):
    """The phone is full and the network is gone: it says so, leaves what was typed, then sends."""
    with deaf():
        phone.page.evaluate(FULL)
        phone.fill("OSTENDE", "Moyen", is_again=True)
        phone.named("Envoyer").last.tap()
        expect(phone.page.get_by_role("alert")).to_contain_text("Ce téléphone est plein")
        assert Visit.objects.count() == 4
    with phone.page.expect_response("**/visites/envoi"):  # noted is kept, not yet arrived
        phone.named("Envoyer").last.tap()
    expect(phone.page.get_by_text("C’est noté.")).to_be_visible()
    assert Visit.objects.count() == 5
    phone.page.reload()
    expect(phone.page.locator("[data-bar]")).to_be_hidden()


def _silent_for_a_week(phone):
    """Names and key are forgotten; what waits stays, and leaves once the key is given again."""
    with deaf():
        phone.mark("PIÉMONT", "Bien", is_again=True)
        phone.says("1 envoi en attente")
        phone.page.evaluate(SILENT)
        phone.page.reload()
        expect(phone.page.get_by_text("Une semaine sans contact")).to_be_visible()
        phone.says("1 envoi en attente")
        expect(phone.named("PIÉMONT")).to_have_count(0)
        assert phone.page.evaluate(KEYS) == [False]
    phone.named("Envoyer").first.tap()
    expect(phone.page.locator("[data-bar]")).to_be_hidden()
    expect(phone.named("PIÉMONT").first).to_be_visible()
    assert phone.page.evaluate(KEYS) == [True]
    assert Visit.objects.count() == 6


def _taken_back(phone, home):
    """The phone is revoked while it holds a visit: handed over, then wiped."""
    with deaf():
        phone.mark("OSTENDE", "Mal", is_again=True)
        phone.says("1 envoi en attente")
        device = Device.objects.get()
        services.revoke(actor=home.helper, device=device, now=timezone.now())
    with phone.page.expect_response("**/visites/efface"):  # said once it is done
        phone.page.reload()
    expect(phone.page.get_by_role("heading", name="Ce téléphone a été retiré")).to_be_visible()
    said, keys = phone.page.evaluate(CLOSED)
    assert (said, keys) == ("", [])
    device.refresh_from_db()
    assert device.wiped_at is not None
    assert device.refused.get().why == "revoked"
    assert Visit.objects.count() == 6


HEARD = "window.dispatchEvent(new Event('online'))"


def replanned(phone, visit, holds, **change):
    """The planning changes while the list stands, and the phone hears of it: once its page does,
    which a first sending may keep from it."""
    with arranging():
        PlannedVisit.objects.filter(pk=visit.pk).update(**change)

    def heard():
        phone.page.evaluate(HEARD)
        phone.page.wait_for_timeout(1000)
        return holds()

    wait_until(phone.page, heard)


def test_a_button_of_the_list_does_what_it_says_whatever_became_of_the_lines_above_it(
    chromium, live_server, home
):
    starts = timezone.now() - timedelta(days=1)
    visit = planned(home.person, home.service, home.account, starts_at=starts)
    phone = Phone(chromium, live_server.url)
    phone.sign_in(home.account.email)
    phone.page.reload()  # drawn from what is kept
    late = phone.page.get_by_role("heading", name="Avant, pas encore notées")
    expect(late).to_be_visible()

    replanned(phone, visit, late.is_hidden, cancelled_at=timezone.now())
    phone.named("Je ne me sens pas en sécurité").tap()
    expect(phone.page.get_by_role("link", name="Appeler le 112")).to_be_visible()
    phone.named("Retour").tap()

    replanned(phone, visit, late.is_visible, cancelled_at=None)
    phone.named("Noter une visite non prévue").tap()
    expect(phone.page.get_by_role("heading", name="Chez qui")).to_be_visible()
    phone.named("Retour").tap()

    sooner = starts - timedelta(hours=1)
    hour = sooner.astimezone(PARIS).strftime("%H:%M")
    replanned(phone, visit, phone.named(hour).is_visible, starts_at=sooner, ends_at=starts)
    phone.named(hour).tap()
    expect(phone.page.locator(".phone__about")).to_contain_text(hour)
    assert not phone.complaints
    phone.context.close()


def gave(phone, level, count):
    """Marks that are on the form."""
    expect(phone.page.get_by_role("radio", name=level, exact=True, checked=True)).to_have_count(
        count
    )


def test_a_need_raised_while_marks_are_given_leaves_them_where_they_are(
    chromium, live_server, home
):
    phone = Phone(chromium, live_server.url)
    phone.sign_in(home.account.email)
    phone.fill("GRANDIDIER", "Très mal")
    gave(phone, "Très mal", 4)
    phone.named("Signaler un besoin").tap()
    phone.named("Retour").tap()
    gave(phone, "Très mal", 4)
    phone.named("Signaler un besoin").tap()
    with phone.page.expect_response("**/visites/envoi"):
        phone.named("Matériel à prévoir").tap()
    expect(phone.page.get_by_text("Besoin signalé.")).to_be_visible()
    gave(phone, "Très mal", 4)
    with phone.page.expect_response("**/visites/envoi"):
        phone.named("Envoyer").last.tap()
    expect(phone.page.get_by_text("C’est noté.")).to_be_visible()
    noted = Visit.objects.filter(person__birth_name="Grandidier")
    assert set(noted.values_list("kind", "health_mark")) == {("need", None), ("visit", 1)}
    assert not phone.complaints
    phone.context.close()


WORDS = ("Elle n’a presque rien mangé depuis dimanche. " * 8).strip()
DRAFT = """() => new Promise((done) => {
    const asked = indexedDB.open('cordee-visites');
    asked.onsuccess = () => {
        const all = asked.result.transaction('kept').objectStore('kept').getAll();
        all.onsuccess = () => {
            asked.result.close();
            const drafts = all.result.filter(({ name }) => name.endsWith('/draft'));
            done(Math.max(0, ...drafts.map(({ box }) => box.byteLength)));
        };
    };
})"""


def test_marks_being_given_when_the_system_kills_the_page_are_on_the_form_again(
    chromium, live_server, home
):
    phone = Phone(chromium, live_server.url)
    phone.sign_in(home.account.email)
    phone.fill("GRANDIDIER", "Très mal")
    phone.page.get_by_label("En quelques mots").fill(WORDS)
    wait_until(phone.page, lambda: phone.page.evaluate(DRAFT) > len(WORDS))
    assert "dimanche" not in phone.page.evaluate(CLOSED)[0]
    phone.page.close()
    phone.open()
    phone.visits()
    phone.named("OSTENDE").tap()
    gave(phone, "Très mal", 0)
    phone.named("Retour").tap()
    phone.named("GRANDIDIER").tap()
    expect(phone.page.get_by_text("Vous aviez commencé")).to_be_visible()
    gave(phone, "Très mal", 4)
    expect(phone.page.get_by_label("En quelques mots")).to_have_value(WORDS)
    with phone.page.expect_response("**/visites/envoi"):
        phone.named("Envoyer").last.tap()
    expect(phone.page.get_by_text("C’est noté.")).to_be_visible()
    assert phone.page.evaluate(DRAFT) == 0
    assert Visit.objects.get().words == WORDS
    phone.named("GRANDIDIER").first.tap()
    phone.named("Noter de nouveau").tap()
    gave(phone, "Très mal", 0)
    assert not phone.complaints
    phone.context.close()


def test_marks_given_by_mistake_are_erased_in_one_tap(chromium, live_server, home):
    phone = Phone(chromium, live_server.url)
    phone.sign_in(home.account.email)
    phone.fill("GRANDIDIER", "Très mal")
    wait_until(phone.page, lambda: phone.page.evaluate(DRAFT))
    phone.named("Retour").tap()
    phone.named("GRANDIDIER").tap()
    gave(phone, "Très mal", 4)
    expect(phone.page.get_by_text("ces notes ne sont pas parties")).to_be_visible()
    assert phone.page.evaluate(SMALL) == []
    assert not faults_of(phone.page)
    phone.page.locator("form").get_by_role("button", name="Effacer ces notes").tap(timeout=5000)
    gave(phone, "Très mal", 0)
    expect(phone.page.get_by_text("Vous aviez commencé")).to_have_count(0)
    wait_until(phone.page, lambda: phone.page.evaluate(DRAFT) == 0)
    phone.named("Retour").tap()
    phone.named("GRANDIDIER").tap()
    gave(phone, "Très mal", 0)
    expect(phone.page.get_by_text("Vous aviez commencé")).to_have_count(0)
    assert not phone.complaints
    phone.context.close()


def test_marks_being_given_follow_the_helper_whose_phone_is_known_anew(chromium, live_server, home):
    phone = Phone(chromium, live_server.url)
    phone.sign_in(home.account.email)
    phone.fill("GRANDIDIER", "Très mal")
    wait_until(phone.page, lambda: phone.page.evaluate(DRAFT))
    Device.objects.all().delete()
    phone.visits()
    wait_until(phone.page, lambda: Device.objects.exists())
    expect(phone.page.locator("[data-bar]")).to_be_hidden()
    phone.named("GRANDIDIER").tap()
    expect(phone.page.get_by_role("heading", name="GRANDIDIER")).to_be_visible()
    assert phone.page.get_by_role("radio", checked=True).count() == 4
    assert not phone.complaints
    phone.context.close()


def test_a_network_that_comes_back_during_the_first_sending_is_heard(chromium, live_server, home):
    phone = Phone(chromium, live_server.url)
    phone.sign_in(home.account.email)
    sent = []
    phone.page.route("**/visites/envoi", lambda route: sent.append(route))
    phone.page.reload()
    wait_until(phone.page, lambda: sent)
    phone.page.evaluate(HEARD)
    with phone.page.expect_request("**/visites/envoi", timeout=20_000):
        sent[0].abort()
    assert not phone.complaints
    phone.context.close()


def test_the_scripts_of_the_phone_weigh_less_than_they_may():
    built = [shell.manifest()[name]["file"] for name in (shell.ENTRY, shell.WORKER)]
    folder = shell._folder()
    assert sum((folder / one).stat().st_size for one in built) <= 300_000
