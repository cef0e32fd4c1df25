"""What an alert begins elsewhere: an action of the plan, a request; and what became of them."""

import re

import pytest
from django.urls import reverse

from cordee.intake.models import Draft
from cordee.plans import services as plans
from cordee.plans.models import Activity
from cordee.vigilance import selectors
from cordee.vigilance.models import Alert
from tests.support import NOW, Browser, traces
from tests.vigilance.scene import set_home


@pytest.fixture
def home(db):
    home = set_home()
    home.send(home.record(signs=["confused", "wound"], words="Elle m’a frappée"))
    return home


@pytest.fixture
def browser(home):
    return Browser().as_(home.coordinator)


def _begun(home):
    return selectors.begun_by(home.coordinator, Alert.objects.get())


def _plan(home):
    plan = plans.open_plan(actor=home.coordinator, person=home.person, now=NOW)
    said = plans.GoalSaid(words="Rester chez elle", voice="person")
    goal = plans.write_goal(actor=home.coordinator, plan=plan, said=said, now=NOW)
    return plan, goal


def _form(browser, action):
    """What the page posts from the form that leads to an address."""
    alert = Alert.objects.get()
    page = browser.get(reverse("vigilance:alert", args=[alert.pk])).content.decode()
    form = page.split(f'action="{action}"')[1].split("</form>")[0]
    return dict(re.findall(r'name="([a-z_]+)" value="([^"]*)"', form))


def test_a_request_is_begun_with_the_person_and_what_was_seen_in_coded_words(home, browser):
    begun = _begun(home)
    at = reverse("intake:begin", args=[begun.call])
    answer = browser.post(at, _form(browser, at))
    assert answer.headers["Location"] == reverse("intake:draft", args=[begun.call])
    desk = browser.get(answer.headers["Location"]).content.decode()
    assert "Vu au domicile\u00a0: confusion, plaie." in desk
    assert home.person.full_name in desk
    assert "frappée" not in desk
    kept = Draft.objects.get(pk=begun.call)
    assert kept.content["person_id"] == [str(home.person.pk)]


def test_a_call_about_a_person_is_a_look_at_them(home, browser):
    at = reverse("intake:begin", args=[_begun(home).call])
    answer = browser.post(at, _form(browser, at))
    before = len(traces("list"))
    assert home.person.full_name in browser.get(answer.headers["Location"]).text
    summary = reverse("intake:summary", args=[_begun(home).call])
    assert home.person.full_name in browser.post(summary, {"person_id": home.person.pk}).text
    looks = traces("list")[before:]
    assert [one["persons"] for one in looks] == [[home.person.pk]] * 2


def test_beginning_a_request_again_goes_on_with_it_and_loses_nothing(home, browser):
    begun = _begun(home)
    at = reverse("intake:begin", args=[begun.call])
    browser.post(at, _form(browser, at))
    browser.post(reverse("intake:save", args=[begun.call]), {"need": "Pansement tous les jours"})
    browser.post(at, _form(browser, at))
    assert Draft.objects.get(pk=begun.call).content["need"] == ["Pansement tous les jours"]


def test_the_alert_shows_where_the_request_it_began_stands(home, browser):
    begun = _begun(home)
    at, shown = (reverse(f"intake:{one}", args=[begun.call]) for one in ("begin", "begun"))
    assert browser.get(shown).status_code == 404
    browser.post(at, _form(browser, at))
    assert "pas encore enregistrée" in browser.get(shown).content.decode()
    typed = _form(browser, at) | {"weight": "advice", "answer_words": "Passage demandé."}
    browser.post(reverse("intake:desk"), typed | {"draft_id": str(begun.call)})
    told = browser.get(shown).content.decode()
    assert "Demande\u00a0: conseil, orientation" in told
    assert reverse("intake:request", args=[Draft.objects.get().request_id]) in told


def test_an_action_is_begun_in_the_plan_and_the_alert_shows_it(home, browser):
    plan, goal = _plan(home)
    begun = _begun(home)
    at = reverse("plans:begin_action", args=[home.person.pk, begun.action])
    shown = reverse("plans:begun", args=[begun.action])
    assert browser.get(shown).status_code == 404
    page = browser.post(at, _form(browser, at)).content.decode()
    assert "Vu au domicile" in page
    assert "confusion, plaie" in page
    said = {"key": str(begun.action), "goal": str(goal.pk), "words": "Une visite de plus"}
    said |= {"choice": "", "rhythm": "once"}
    answer = browser.post(reverse("plans:add", args=[plan.pk, "action"]), said)
    assert answer.status_code == 302
    assert Activity.objects.get(pk=begun.action).words == "Une visite de plus"
    assert "Une visite de plus" in browser.get(shown).content.decode()
    again = browser.post(at, _form(browser, at))
    assert again.headers["Location"] == reverse("plans:action", args=[begun.action])


def test_an_action_sent_twice_is_not_lost_nor_written_over(home, browser):
    plan, goal = _plan(home)
    begun = _begun(home)
    said = {"key": str(begun.action), "goal": str(goal.pk), "choice": "", "rhythm": "once"}
    for words in ("La première", "La seconde"):
        browser.post(reverse("plans:add", args=[plan.pk, "action"]), said | {"words": words})
    assert set(Activity.objects.values_list("words", flat=True)) == {"La première", "La seconde"}


def test_without_a_plan_one_is_asked_to_open_it_first(home, browser):
    at = reverse("plans:begin_action", args=[home.person.pk, _begun(home).action])
    answer = browser.post(at, _form(browser, at))
    assert answer.headers["Location"].endswith(f"{home.person.pk}/#plan")


def test_no_address_of_what_is_begun_tells_of_health(home, browser):
    alert = Alert.objects.get()
    page = browser.get(reverse("vigilance:alert", args=[alert.pk])).content.decode()
    for address in re.findall(r'(?:href|action|hx-get)="([^"]*)"', page):
        assert "confus" not in address
        assert "plaie" not in address


def test_an_action_is_still_written_from_the_plan_itself(home, browser):
    plan, _ = _plan(home)
    at = reverse("plans:add", args=[plan.pk, "action"])
    assert browser.get(at).status_code == 200
    assert browser.post(at, {}).status_code == 422
