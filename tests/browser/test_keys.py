"""One letter, one deed: what stands under it, as its button says, and about nobody else."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from cordee.web.demo import PASSWORD
from tests.factories.directory import AccountFactory, MembershipFactory, OrganizationFactory
from tests.factories.messaging import MessageFactory
from tests.factories.pathways import TaskFactory
from tests.pathways.team import known_person
from tests.support import NOW

pytestmark = pytest.mark.browser
SETTLED = "«\u00a0Lire une réponse non comprise\u00a0»\u00a0: c’est fait pour "

ASKS = "document.body.dispatchEvent(new CustomEvent('worklist'))"


@pytest.fixture
def lines(live_server):
    """What waits at the desk of Claire: to call Denise back, which is settled by calling alone; a
    text of Marcel to read; a message for Paul that did not leave; a text of Aline to read."""
    desk = OrganizationFactory(name="SIO du Champsaur")
    account = AccountFactory(email="claire@exemple.fr", name="Claire Bonnet")
    account.set_password(PASSWORD)
    account.save()
    MembershipFactory(account=account, organization=desk, since=date(2026, 1, 5))
    unsent = MessageFactory(organization=desk, failed=True)
    kinds = {
        "Denise": {"kind": "call_back", "box": "tasks"},
        "Marcel": {"kind": "read_text", "box": "messages"},
        "Paul": {"kind": "delivery_failed", "origin": f"messaging/message/{unsent.pk}"},
        "Aline": {"kind": "read_text", "box": "messages"},
    }
    made = {}
    for at, (name, about) in enumerate(kinds.items()):
        person = known_person(desk, first_names=name, first_name=name)
        about |= {"person": person, "sorts_at": NOW + timedelta(minutes=at)}
        made[name] = TaskFactory(organization=desk, **about)
    return made | {"unsent": unsent}


@pytest.fixture
def page(house, lines):
    """The list, under the hands of Claire; `sent` keeps where gestures went."""
    page = house.signed_in("claire@exemple.fr")
    page.goto(house.address + reverse("pathways:worklist"))
    page.wait_for_function("window.htmx")
    page.sent = []
    page.on("request", lambda one: one.method == "POST" and page.sent.append(one.url))
    page.to = lambda verb, row: house.address + reverse(verb, args=[row.pk])
    return page


def stands_on(page, name):
    expect(page.locator("#worklist .row", has_text=name).locator(".row__link")).to_be_focused()


def says(page, words):
    expect(page.locator(".toast", has_text=words)).to_be_visible()


def test_a_letter_of_a_line_settles_no_other_and_what_it_settled_is_named(page, lines):
    page.keyboard.press("e")  # nobody is stood on
    page.keyboard.press("j")
    stands_on(page, "Denise")
    page.keyboard.press("e")  # it has no « Fait »
    page.keyboard.press("j")
    stands_on(page, "Marcel")
    page.keyboard.press("e")
    says(page, f"{SETTLED}Marcel")
    assert page.sent == [page.to("pathways:settle", lines["Marcel"])]
    assert page.complaints == []


def test_a_letter_that_is_held_settles_one_line(page, lines):
    page.keyboard.press("j")
    page.keyboard.press("j")
    stands_on(page, "Marcel")
    page.keyboard.down("e")
    says(page, f"{SETTLED}Marcel")
    page.evaluate(ASKS)  # as the stream would: the line goes, and the next is stood on
    stands_on(page, "Paul")
    page.keyboard.down("e")
    page.keyboard.up("e")
    page.keyboard.press("s")
    says(page, "La tâche reviendra à l’heure dite.")
    settled = page.to("pathways:settle", lines["Marcel"])
    assert page.sent == [settled, page.to("pathways:snooze", lines["Paul"])]
    assert page.complaints == []


def test_in_what_is_open_a_letter_does_what_its_button_says(page, lines):
    for _ in range(3):
        page.keyboard.press("j")
    stands_on(page, "Paul")
    page.keyboard.press("Enter")
    expect(page.locator("#ouvert h1")).to_be_focused()
    page.keyboard.press("e")
    says(page, "Le message repart.")
    assert page.sent == [page.to("messaging:resend", lines["unsent"])]
    assert page.complaints == []


def test_on_another_line_a_letter_does_nothing_of_what_is_open(page, lines):
    for _ in range(3):
        page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator("#ouvert h1")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("k")
    page.keyboard.press("k")
    stands_on(page, "Denise")
    page.keyboard.press("e")
    page.keyboard.press("j")
    page.keyboard.press("e")
    says(page, f"{SETTLED}Marcel")
    assert page.sent == [page.to("pathways:settle", lines["Marcel"])]
    assert page.complaints == []
