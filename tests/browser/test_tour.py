"""The tour of the README, in a real browser, as it is written."""

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from cordee.broker.models import Solicitation
from cordee.intake.models import CareRequest, Telling
from cordee.messaging.models import Message
from cordee.pathways.models import Task
from cordee.people.models import PersonAccount
from tests.browser.axe import accessible
from tests.browser.house import code_in

pytestmark = pytest.mark.browser

ODETTE = {"birth_name": "Vernet", "first_names": "Odette", "birth_date": "3/2/1938"}
BERTHE = {"birth_name": "Lefèvre", "first_names": "Berthe", "birth_date": "7/3/1941"}
ADELE = {"birth_name": "Roux", "first_names": "Adèle", "birth_date": "9/9/1944"}


def test_from_the_call_to_the_yes_and_the_call_back(house):
    house.load()
    claire = house.signed_in("claire@exemple.fr")
    expect(claire).to_have_url(house.address + "/a-faire")
    accessible(claire)
    from_line_to_line(claire)

    take_the_call(claire, ODETTE)
    expect(claire.locator("#demande")).not_to_contain_text("Le demandeur est à prévenir")
    house.work()
    it_follows_by_itself(claire)
    accessible(claire)
    request = claire.url

    nurse = house.visitor()
    first, second, *_ = asked_for(house, request)
    say_yes_by_text(house, nurse, first)
    already_taken(house, second)
    search = request.replace("/demandes/", "/recherches/pour-la-demande/") + "/"
    a_form_that_the_page_opens_keeps_nothing_from_following(claire, search)
    first_visit(house, nurse)

    claire.goto(house.address + "/a-faire")
    line = claire.locator(".row", has_text="VERNET").filter(has_text="Rappeler le demandeur")
    line.get_by_role("link").first.click()
    expect(claire.locator("#ouvert h1")).to_be_visible()
    claire.goto(request)
    cannot_be_closed_yet(claire)
    call_back(claire)
    assert claire.complaints == []

    a_stranger_sees_nothing(house, request)
    somebody_reads_who_looked(house, claire)


def test_nobody_is_free_and_the_requester_is_told(house):
    house.load()
    claire = house.signed_in("claire@exemple.fr")
    take_the_call(claire, ADELE)
    request = claire.url
    house.work()

    phone = house.visitor(width=390, height=844)
    assert everybody_refuses(house, phone, request) > 1

    claire.goto(house.address + "/a-faire")
    line = claire.locator(".row", has_text="ROUX").filter(has_text="Choisir une suite")
    expect(line).to_have_count(1)
    claire.goto(request)
    expect(claire.locator("main")).to_contain_text("Personne n’a été trouvé")
    expect(claire.locator("main")).to_contain_text("Le demandeur est à prévenir")
    accessible(claire)
    ways = claire.locator(".notice", has_text="ce que l’on peut essayer").locator("li a")
    expect(ways).to_have_text(
        ["Élargir la zone", "Chercher une autre profession", "Appeler la liste téléphonique"]
    )
    for way in ways.all():  # each proposal is a gesture
        assert claire.request.get(house.address + way.get_attribute("href")).ok
    claire.locator("summary", has_text="Rappeler le demandeur").click()
    claire.get_by_role("button", name="Noter l’appel").click()
    expect(claire.locator("main")).not_to_contain_text("Le demandeur est à prévenir")
    house.work()
    assert Telling.objects.filter(request=number_of(request), result="reached").count() == 1
    assert claire.complaints == []


def test_a_nurse_answers_from_her_account_and_somebody_asks_online(house):
    house.load()
    claire = house.signed_in("claire@exemple.fr")
    take_the_call(claire, BERTHE, is_known=True)
    request = claire.url
    house.work()
    assert len(asked_for(house, request)) == 1  # her usual nurse first, alone

    nurse = house.signed_in("infirmiere1@exemple.fr")
    nurse.get_by_role("link", name="Reçues").first.click()
    expect(nurse.locator("h1")).to_have_text("Mes sollicitations")
    accessible(nurse)
    search = Solicitation.objects.get(origin=f"intake/request/{number_of(request)}")
    question = nurse.locator(f"form[action*='{search.invitations.get().pk}']")
    question.get_by_role("button", name="OUI, je m’en occupe").click()
    nurse.locator(f"a[href*='{search.invitations.get().pk}']").click()
    expect(nurse.locator("main")).to_contain_text("Lefèvre", ignore_case=True)
    assert CareRequest.objects.get(pk=number_of(request)).person.birth_name == "Lefèvre"

    ask_online(house, house.visitor())
    claire.goto(house.address + "/a-faire")
    asked = CareRequest.objects.filter(channel="online").latest("received_at")
    task = Task.objects.open().get(origin=f"intake/request/{asked.pk}", kind="qualify")
    expect(claire.locator(f".row a[href*='{task.pk}']").first).to_contain_text("Qualifier")
    assert claire.complaints == nurse.complaints == []


def ask_online(house, page):
    """With the code of a structure, a mobile, and the code read on the test phone."""
    page.goto(house.address + "/demande/nouvelle")
    page.locator("#id_organization_code").fill("DEMO00003")
    page.locator("#id_contact").fill("06 39 98 00 12")
    page.get_by_role("button", name="Recevoir un code").click()
    house.work()
    phone = house.visitor()
    phone.goto(house.address + "/telephone")
    page.locator("#id_code").fill(code_in(phone.locator(".bubble").last.inner_text()))
    page.get_by_role("button", name="Continuer").click()
    expect(page.locator("h1")).to_have_text("Votre demande")
    accessible(page)
    typed = {"caller_name": "Docteur Arnaud", "birth_name": "Blanc", "first_names": "Paul"}
    for name, words in (typed | {"commune": "ancelle", "begins_on": "demain"}).items():
        page.locator(f"#id_{name}").fill(words)
    choose(page, "caller_kind", "gp")
    choose(page, "kind", "injection")
    page.locator("#id_person_informed").check()
    page.get_by_role("button", name="Envoyer la demande").click()
    expect(page).to_have_url(re.compile("/suivi/"))
    accessible(page)
    house.work()


def from_line_to_line(page):
    """`j` and `k` move, Enter opens the line beside the list."""
    rows = page.locator(".row__link")
    expect(page.locator("[data-palette-open]").first).to_be_visible()  # the scripts are there
    for key, line in (("j", 0), ("j", 1), ("k", 0)):
        page.keyboard.press(key)
        expect(rows.nth(line)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#ouvert h1")).to_be_visible()


def number_of(address):
    """The request that an address shows."""
    return CareRequest.objects.get(pk=urlsplit(address).path.rsplit("/", 1)[1]).pk


def take_the_call(page, person, *, is_known=False):
    """By the keyboard alone: the palette, then the fields in order, then Enter on the button."""
    expect(page.locator("[data-palette-open]").first).to_be_visible()  # the scripts are there
    page.keyboard.press("Control+k")
    expect(page.locator("#palette [role=combobox]")).to_be_focused()
    page.keyboard.type("prendre un appel")
    expect(page.locator("#palette [aria-selected=true]")).to_contain_text("Prendre un appel")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/appels/"))
    typed = {
        "caller_phone": "06 39 98 00 11",
        "caller_name": "Docteur Arnaud",
        **person,
        "commune": "saint bonnet en champsaur",
        "begins_on": "demain",
    }
    for name, words in typed.items():
        page.locator(f"#id_{name}").focus()
        page.keyboard.type(words)
    if is_known:
        page.locator("[name=person_id]").first.check()
        expect(page.locator("[name=usual_nurse]")).to_be_checked()
    choose(page, "caller_kind", "gp")
    choose(page, "kind", "injection")
    choose(page, "delay", "h24")
    a_sign_holds_the_search(page)
    page.locator("#id_no_sign").focus()
    page.keyboard.press("Space")
    expect(page.locator("[data-autosave-state]")).to_contain_text("enregistré")
    accessible(page)
    page.get_by_role("button", name="Enregistrer et chercher").focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/demandes/"))


def a_sign_holds_the_search(page):
    """Any of the signs says to transfer to the 15; unticked, the call goes on."""
    warning = page.locator(".notice", has_text="Transférez au 15")
    sign = page.locator("[name^=q_]").first
    sign.check()
    expect(warning).to_contain_text("La recherche sera retenue")
    sign.uncheck()
    expect(warning).to_have_count(0)


def choose(page, name, value):
    """A select, or a radio: whatever the form shows."""
    field = page.locator(f"#id_{name}")
    if field.evaluate("node => node.tagName") == "SELECT":
        field.select_option(value)
    else:
        page.locator(f"[name={name}][value={value}]").check()


def it_follows_by_itself(page):
    """The open request says where it stands without a reload, and never closes an open form."""
    expect(page.locator("[data-palette-open]").first).to_be_visible()  # the scripts are there
    told = "document.body.dispatchEvent(new CustomEvent('thread:intake'))"
    opened = page.locator("#demande details:has(form) summary").first
    opened.click()
    expect(opened.locator("xpath=..")).to_have_attribute("open", "")
    with page.expect_response(lambda answer: "/demandes/" in answer.url):
        page.evaluate(told)
    expect(opened.locator("xpath=..")).to_have_attribute("open", "")
    expect(page.locator("#demande h1 ~ p")).to_contain_text("Qualifiée")
    opened.click()
    expect(page.locator("#demande h1 ~ p")).to_contain_text("En recherche")
    expect(page.locator("#rows [aria-current]")).to_contain_text("VERNET")


def a_form_that_the_page_opens_keeps_nothing_from_following(page, search):
    """Found, the search shows the form of the first visit, open: it still follows by itself."""
    page.goto(search)
    expect(page.locator("#recherche details[open]:has(form)")).to_be_visible()
    expect(page.locator("[data-palette-open]").first).to_be_visible()  # the scripts are there
    page.evaluate("document.getElementById('recherche').dataset.before = '1'")
    page.evaluate("document.body.dispatchEvent(new CustomEvent('thread:broker'))")
    expect(page.locator("#recherche[data-before]")).to_have_count(0)
    expect(page.locator("#recherche details[open]:has(form)")).to_be_visible()


def asked_for(house, request):
    """Who has been asked and has not answered: the page of each phone, and the code it received."""
    search = Solicitation.objects.filter(origin=f"intake/request/{number_of(request)}").latest("pk")
    waiting = search.invitations.filter(answer="waiting").order_by("wave", "tier", "pk")
    pages = []
    for one in waiting:
        text = Message.objects.filter(to=one.phone).latest("created_at")
        pages.append((f"{house.address}/telephone/{text.pk}", one.code))
    return pages


def bubble_of(page, text):
    """The text of the search on the phone of one who was asked; no name, no care, no village."""
    address, code = text
    page.goto(address)
    bubble = page.locator(".bubble").filter(has_text=f"OUI {code}").last
    for secret in ("Vernet", "Roux", "injection", "Saint-Bonnet"):
        expect(bubble).not_to_contain_text(secret, ignore_case=True)
    return bubble


def link_of(house, page, text):
    """The link that a text carries."""
    shown = bubble_of(page, text).get_by_role("link").get_attribute("href")
    return house.address + urlsplit(shown).path


def say_yes_by_text(house, page, text):
    """On the test phone: read, answer, open the link, prove who one is, say yes again."""
    address, code = text
    link = link_of(house, page, text)
    accessible(page)
    page.locator("#id_text").fill(f"oui {code}!")
    page.keyboard.press("Enter")
    expect(page.locator(".bubble").last).to_contain_text(code)
    house.work()

    page.goto(link)
    expect(page.locator("main")).not_to_contain_text("VERNET", ignore_case=True)
    accessible(page)
    page.get_by_role("button", name="Recevoir un code par SMS").click()
    house.work()
    page.locator("[name=code]").fill(code_of_the_phone(house, address))
    page.get_by_role("button", name="Confirmer", exact=True).click()
    page.get_by_role("button", name="OUI, je m’en occupe").click()
    expect(page.locator("main")).to_contain_text("Vernet", ignore_case=True)
    accessible(page)
    house.work()


def code_of_the_phone(house, address):
    """What the nurse reads on her phone."""
    page = house.visitor()
    page.goto(address)
    return code_in(page.locator(".bubble").filter(has_text="votre code est").last.inner_text())


def already_taken(house, text):
    """Whoever opens another link of the same search reads that it is taken, and no name."""
    other = house.visitor(width=390, height=844)
    other.goto(link_of(house, other, text))
    expect(other.locator("main")).to_contain_text("déjà")
    expect(other.locator("main")).not_to_contain_text("VERNET", ignore_case=True)
    accessible(other)


def first_visit(house, page):
    """She says when she comes: the care is confirmed."""
    tomorrow = house.now().strftime("%Y-%m-%dT18:00")
    page.locator("[name=first_visit_at]").fill(tomorrow)
    page.get_by_role("button", name="Confirmer ma première visite").click()
    expect(page.locator("main")).to_contain_text("Première visite")
    house.work()


def cannot_be_closed_yet(page):
    """The requester was not told: no button closes."""
    expect(page.locator("main")).to_contain_text("Le demandeur est à prévenir")
    expect(page.get_by_role("button", name="Clore la demande")).to_have_count(0)


def call_back(page):
    """The requester is told; the request can be closed."""
    expect(page.locator("main")).to_contain_text("Rappeler le demandeur")
    page.locator("summary", has_text="Rappeler le demandeur").click()
    page.get_by_role("button", name="Noter l’appel").click()
    expect(page.locator("main")).not_to_contain_text("Le demandeur est à prévenir")
    accessible(page)
    page.get_by_role("button", name="Clore la demande").click()
    expect(page.locator("main")).to_contain_text("close", ignore_case=True)


def everybody_refuses(house, page, request):
    """Each phone answers « non » until nobody is left to ask. Says how many did."""
    refused = 0
    for _ in range(12):  # waves, with time between them
        for text in asked_for(house, request):
            bubble_of(page, text)
            page.locator("#id_text").fill(f"Non {text[1]}")
            page.keyboard.press("Enter")
            expect(page.locator("#ecran")).to_contain_text(f"Non {text[1]}")
            refused += 1
        house.work()
        if CareRequest.objects.get(pk=number_of(request)).state == "qualified":
            break
        if not asked_for(house, request):
            house.wait(minutes=30)
    return refused


def a_stranger_sees_nothing(house, request):
    """For the coordinator of another territory, the address does not exist."""
    nadia = house.signed_in("nadia@exemple.fr")
    assert nadia.goto(request).status == 404
    expect(nadia.locator("body")).not_to_contain_text("Vernet", ignore_case=True)


def somebody_reads_who_looked(house, claire):
    """The person signs in, and reads who has just opened her record, when and why."""
    space = PersonAccount.objects.get(account__email="berthe@exemple.fr")
    claire.goto(f"{house.address}/personnes/")
    claire.keyboard.press("/")
    expect(claire.locator("[data-search]:focus")).to_have_count(1)
    claire.keyboard.type("Lefèvre Berthe")
    claire.keyboard.press("Enter")
    claire.locator(f"main a[href='/personnes/{space.person_id}/']").first.click()
    expect(claire.locator("h1")).to_contain_text("Berthe")
    accessible(claire)
    herself = house.signed_in("berthe@exemple.fr")
    expect(herself.locator("main")).to_contain_text("Claire Bonnet")
    lines = herself.get_by_role("list", name="Qui a ouvert ce dossier").get_by_role("listitem")
    hers = lines.filter(has_text="Claire Bonnet").first
    expect(hers).to_contain_text("a ouvert la page pour coordonner")
    expect(hers.locator("time")).to_have_attribute("title", re.compile(r"20\d\d à \d?\d:\d\d$"))
    accessible(herself)
