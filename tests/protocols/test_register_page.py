"""The register of ruptures through its page; one repaired by hand; what a silence rests on."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cordee.access.actor import SYSTEM
from cordee.kernel.identifiers import uuid7
from cordee.pathways.models import Task
from cordee.plans.facts import ActionDone
from cordee.protocols import services
from cordee.protocols.models import Rupture
from tests.factories.directory import AccountFactory, OrganizationFactory
from tests.factories.followed import version_in_use
from tests.protocols.pathway_scene import HOME, happens, set_around
from tests.support import NOW, Browser, arranging, coordinator_of, facts, run_jobs

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
LATER = NOW + 5 * DAY
OTHER = HOME.replace("protocole: retour", "protocole: bis").replace(
    "titre: Retour à domicile", "titre: Après la chute"
)


def at(name, *args):
    return reverse(f"protocols:{name}", args=args)


@pytest.fixture(autouse=True)
def later(monkeypatch):
    """What time it is for jobs."""
    monkeypatch.setattr(timezone, "now", lambda: LATER)


@pytest.fixture
def around():
    return set_around()


@pytest.fixture
def page(around):
    browser = Browser().as_(around.coordinator)
    browser.now = LATER
    return browser


def late(around):
    pathway = around.join()
    services.wake(actor=SYSTEM, pathway=pathway, now=LATER)
    run_jobs()
    return pathway


def many(pathway, count, standing="late"):
    """So many ruptures on a pathway, one a day."""
    ended = None if standing == "late" else NOW
    with arranging():
        for number in range(count):
            Rupture.objects.create(
                pathway=pathway,
                of="rappel",
                at=NOW - number * DAY,
                standing=standing,
                ended_at=ended,
                expected=f"Rappel numéro {number:03}",
                role="orientation",
                found_at=NOW,
            )


def rows(answer):
    return answer.text.count('<th scope="row">')


def test_the_register_narrows_to_one_protocol_and_says_which_there_are(around, page):
    late(around)
    around.version = version_in_use(OTHER, around.dac)
    late(around)
    everything = page.get(at("register"))
    assert rows(everything) == 2
    assert 'value="retour"' in everything.text
    assert 'value="bis"' in everything.text
    only = page.get(at("register"), {"parcours": "bis"})
    assert rows(only) == 1
    assert "<small>Après la chute</small>" in only.text
    assert "<small>Retour à domicile</small>" not in only.text
    none = page.get(at("register"), {"parcours": "autre"})
    assert "Aucune rupture ne correspond" in none.text


def test_the_register_turns_its_pages_and_keeps_what_was_asked(around, page):
    many(around.join(), 60)
    first = page.get(at("register"), {"parcours": "retour"})
    assert rows(first) == 50
    assert "Rappel numéro 059" in first.text  # the oldest first
    assert "Rappel numéro 000" not in first.text
    assert "parcours=retour&amp;page=2" in first.text
    second = page.get(at("register"), {"parcours": "retour", "page": "2"})
    assert rows(second) == 10
    assert "Rappel numéro 000" in second.text
    assert rows(page.get(at("register"), {"page": "99"})) == 10


def test_the_register_of_another_structure_is_empty_and_counts_nothing(around):
    many(around.join(), 3)
    other = coordinator_of(OrganizationFactory(), account_id=AccountFactory().pk)
    shown = Browser().as_(other).get(at("register"))
    assert rows(shown) == 0
    assert 'value="retour"' not in shown.text


def test_twelve_ruptures_are_read_in_as_many_queries_as_one(around, page):
    pathway = around.join()
    many(pathway, 1, standing="lifted")
    page.get(at("register"))
    asked = []
    for count in (1, 12):
        with arranging():
            Rupture.objects.all().delete()
        many(pathway, count)
        with CaptureQueriesContext(connection) as seen:
            assert rows(page.get(at("register"))) == count
        asked.append(len(seen))
    assert asked[0] == asked[1]


def test_a_rupture_repaired_otherwise_says_by_whom_and_stays_repaired(around, page):
    pathway = late(around)
    rupture = Rupture.objects.get()
    words = "Son fils lui a lu la note au téléphone."
    sent = {"standing": "repaired", "cause": "not_written", "words": words}
    answer = page.post(at("rupture", rupture.pk), sent)
    assert answer.headers["Location"] == at("pathway", pathway.pk)
    run_jobs()
    rupture.refresh_from_db()
    assert (rupture.standing, rupture.ended_by_id) == ("repaired", around.coordinator.account_id)
    (line,) = facts("protocols.rupture_repaired")
    assert line["data"]["by_hand"] is True
    assert words not in str(line)
    assert not Task.objects.open().exists()
    shown = page.get(at("rupture", rupture.pk)).text
    assert words in shown
    assert "Ahmed Diallo" in shown
    services.wake(actor=SYSTEM, pathway=pathway, now=LATER + 5 * DAY)
    rupture.refresh_from_db()
    assert rupture.standing == "repaired"
    ended = page.get(at("register"), {"etat": "reglees", "cause": "not_written"})
    assert rows(ended) == 1
    again = page.post(at("rupture", rupture.pk), sent)
    assert again.status_code == 422
    assert "vient d’être réglée" in again.text


HABIT = "d’après ses propres habitudes à cette étape (7 intervalles connus)"


# --- what a silence rests on ----------------------------------------------------------------------


def gives_news(around, moment):
    line = ActionDone(
        person_id=around.person.pk,
        plan_id=uuid7(),
        activity_id=uuid7(),
        organization_id=around.dac.pk,
        referent_id=None,
        due_on=None,
    )
    return happens(line, moment)


def test_a_silence_says_that_it_rests_on_the_protocol_while_no_habit_is_known(around, page):
    pathway = around.join()
    gives_news(around, NOW + DAY)
    run_jobs()
    shown = page.get(at("pathway", pathway.pk)).text
    assert "Limite d’après le délai du protocole" in shown
    assert "mardi 24\xa0novembre</time>. Limite d’après" in shown


def test_a_silence_says_that_it_rests_on_her_own_habit_and_its_rupture_too(around, page):
    pathway = around.join(entered_at=NOW - 20 * DAY)
    for day in range(8):
        gives_news(around, NOW - 20 * DAY + day * 2 * DAY)
    run_jobs()
    page.now = NOW
    shown = page.get(at("pathway", pathway.pk)).text
    assert f"Limite {HABIT}" in shown
    services.wake(actor=SYSTEM, pathway=pathway, now=LATER)
    rupture = Rupture.objects.open().get(of="nouvelles")
    told = page.get(at("rupture", rupture.pk)).text
    assert f"Trop long {HABIT}" in told
