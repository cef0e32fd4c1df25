"""A person on a pathway: facts move it, hours wake it, and what breaks reaches the worklist."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.urls import reverse
from django.utils import timezone

from cordee.pathways.models import Task
from cordee.people.facts import Informed, PersonAdmitted
from cordee.protocols import jobs, services
from cordee.protocols.models import Clock, Passage, Pathway, Rupture
from tests.factories.followed import version_in_use
from tests.protocols.pathway_scene import HOME, happens, set_around
from tests.support import NOW, Browser, facts, run_jobs

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


class Hour:
    """What time it is for jobs."""

    now = NOW


@pytest.fixture
def hour(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: Hour.now)
    Hour.now = NOW
    return Hour


@pytest.fixture
def around(hour):
    return set_around()


def at(name, *args):
    """An address of the room."""
    return reverse(f"protocols:{name}", args=args)


def comes(hour, moment):
    """Time passes until then: who waited for an hour wakes."""
    hour.now = moment
    jobs.wake_up()
    run_jobs()


def informed(around, at, now=None):
    fact = Informed(person_id=around.person.pk, information_id=around.person.pk, notice="2026-11")
    return happens(fact, at, now)


def standing():
    """What the register says, by rule."""
    return {one.of: one.standing for one in Rupture.objects.all()}


def test_a_step_that_is_late_is_a_rupture_on_the_worklist_until_its_fact_comes(around, hour):
    around.join()
    run_jobs()
    assert standing() == {}
    comes(hour, NOW + 5 * DAY)
    assert standing() == {"informer": "late"}
    assert [(one.kind, one.person_id) for one in Task.objects.open()] == [
        ("repair_rupture", around.person.pk)
    ]
    hour.now = NOW + 6 * DAY
    informed(around, hour.now)
    run_jobs()
    assert standing() == {"informer": "repaired"}
    assert not Task.objects.open().exists()
    assert facts("protocols.rupture_repaired")


def test_a_pathway_that_cannot_be_judged_keeps_no_other_asleep(around, hour, monkeypatch):
    broken = around.join()
    run_jobs()
    look = services.wake

    def wake(*, pathway, **given):
        if pathway == broken:
            raise ValueError("a fact that no room publishes any more")
        return look(pathway=pathway, **given)

    monkeypatch.setattr(services, "wake", wake)
    other = set_around()
    other.join()
    run_jobs()
    comes(hour, NOW + 5 * DAY)
    found = Rupture.objects.values_list("pathway__person", flat=True)
    assert list(found) == [other.person.pk]
    assert Clock.objects.get(pathway=broken).wake_at == hour.now + timedelta(hours=1)


def test_a_pathway_that_cannot_hear_keeps_no_other_deaf_and_reads_its_thread_later(
    around, hour, monkeypatch
):
    broken = around.join()
    around.version = version_in_use(HOME.replace("protocole: retour", "protocole: bis"), around.dac)
    other = around.join()
    run_jobs()
    hear = services.hear

    def hears(*, pathway, **given):
        if pathway == broken:
            raise ValueError("a text that cannot be read any more")
        return hear(pathway=pathway, **given)

    hour.now = NOW + DAY
    with monkeypatch.context() as deaf:
        deaf.setattr(services, "hear", hears)
        informed(around, hour.now)
        run_jobs()
    assert [one.pathway for one in Passage.objects.all()] == [other]
    comes(hour, hour.now + timedelta(hours=2))
    assert {one.pathway for one in Passage.objects.all()} == {broken, other}


# --- through the pages ---------------------------------------------------------------------------


@pytest.fixture
def page(client_of, around):
    return client_of(around.coordinator)


@pytest.fixture
def client_of():
    return lambda actor: Browser().as_(actor)


def test_a_coordinator_has_a_person_enter_and_reads_where_the_pathway_stands(around, page, hour):
    form = page.get(at("enter", around.person.pk))
    assert "Retour à domicile" in form.content.decode()
    sent = {"version": str(around.version.pk), "entered_on": "23/11/2026"}
    answer = page.post(at("enter", around.person.pk), sent)
    pathway = Pathway.objects.get()
    assert answer.headers["Location"] == at("pathway", pathway.pk)
    assert facts("protocols.protocol_joined")[0]["data"]["protocol"] == "retour"
    comes(hour, NOW + 5 * DAY)
    page.now = hour.now
    shown = page.get(at("pathway", pathway.pk)).content.decode()
    assert "Informer la personne" in shown
    assert "en retard" in shown
    panel = page.get(at("person_panel", around.person.pk)).content.decode()
    assert "Informer la personne" in panel


def test_an_entry_before_living_memory_is_given_back_with_a_sentence(around, page):
    sent = {"version": str(around.version.pk), "entered_on": "1/1/0001"}
    answer = page.post(at("enter", around.person.pk), sent)
    assert answer.status_code == 422
    assert "vingt ans au plus" in answer.content.decode()
    assert not Pathway.objects.exists()


def test_a_text_that_can_no_longer_be_read_breaks_no_page(around, page, monkeypatch):
    pathway = around.join()
    texts_read = import_module("cordee.protocols.selectors.versions")
    monkeypatch.setattr(texts_read, "known_kinds", dict)  # no room publishes its facts any more
    texts_read._read.clear()
    person = around.person.pk
    for shown in (page.get(at("person_panel", person)), page.get(at("pathway", pathway.pk))):
        assert shown.status_code == 200
        assert "Ce parcours ne peut plus être lu" in shown.content.decode()
    for shown in (page.get(at("ways")), page.get(at("enter", person))):
        assert shown.status_code == 200


def test_who_is_on_a_pathway_is_not_offered_it_again(around, page):
    around.join()
    shown = page.get(at("enter", around.person.pk)).text
    assert "Retour à domicile" not in shown
    assert "suit déjà" in shown


def test_a_criterion_met_by_a_fact_proposes_and_nobody_enters_by_it(around, page, hour):
    happens(PersonAdmitted(person_id=around.person.pk, organization_id=None), NOW - DAY)
    run_jobs()
    assert not Pathway.objects.exists()
    assert "Proposé par le fil" in page.get(at("enter", around.person.pk)).content.decode()


def test_a_rupture_is_waived_with_its_reason_and_its_task_leaves(around, page, hour):
    around.join()
    comes(hour, NOW + 5 * DAY)
    page.now = hour.now
    rupture = Rupture.objects.get()
    register = page.get(at("register")).content.decode()
    assert "Informer la personne" in register
    assert f'href="{at("ways")}"' in register
    assert f'href="{at("list")}"' in register
    address = at("rupture", rupture.pk)
    assert page.post(address, {"standing": "waived", "cause": "", "words": ""}).status_code == 422
    sent = {"standing": "waived", "cause": "not_concerned", "words": "Informée par son médecin."}
    assert page.post(address, sent).status_code == 302
    run_jobs()
    rupture.refresh_from_db()
    assert (rupture.standing, rupture.cause) == ("waived", "not_concerned")
    assert not Task.objects.open().exists()
    assert "Informée par son médecin" in page.get(address).content.decode()
    comes(hour, NOW + 9 * DAY)
    assert standing()["informer"] == "waived"
    settled = page.get(at("register"), {"etat": "reglees", "cause": "not_concerned"})
    assert "Informer la personne" in settled.content.decode()


def test_leaving_lifts_what_waited(around, page, hour):
    pathway = around.join()
    comes(hour, NOW + 5 * DAY)
    page.now = hour.now
    page.post(at("leave", pathway.pk), {"reason": "asked"})
    run_jobs()
    assert standing() == {"informer": "lifted"}
    assert not Task.objects.open().exists()
    comes(hour, NOW + 30 * DAY)
    assert standing() == {"informer": "lifted"}
    shown = page.get(at("pathway", pathway.pk)).content.decode()
    assert "à la demande de la personne" in shown.lower()
