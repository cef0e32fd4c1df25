"""A person stays on her version until somebody passes her to another, having seen what it says."""

from datetime import timedelta

import pytest
from django.urls import reverse

from cordee.access.actor import SYSTEM
from cordee.assessments.facts import ResponseCompleted
from cordee.kernel.identifiers import uuid7
from cordee.pathways.models import Task
from cordee.people.facts import PersonAdmitted
from cordee.protocols import services
from cordee.protocols.models import Pathway, ProtocolVersion, Rupture
from tests.factories.directory import AccountFactory, OrganizationFactory
from tests.factories.followed import version_in_use
from tests.factories.people import SharingFactory
from tests.factories.protocols import ProtocolVersionFactory
from tests.protocols.pathway_scene import HOME, happens, set_around
from tests.support import NOW, Browser, coordinator_of, facts, run_jobs

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
LATER = NOW + 6 * DAY
SECOND = HOME.replace("version: '1'", "version: '2'")
LONGER = SECOND.replace("{dans: 4 jours, apres: entree", "{dans: 9 jours, apres: entree")
EVALUATED = HOME.replace("fait: people.informed", "fait: assessments.response_completed")
EVALUATED_TWICE = EVALUATED.replace("version: '1'", "version: '2'")


def at(name, *args):
    return reverse(f"protocols:{name}", args=args)


def approved(around, text):
    """The next edition, written by one, approved by another: the one before is retired."""
    draft = ProtocolVersionFactory(
        draft=True, name="retour", edition="2", text=text, organization=around.dac, title="Retour"
    )
    services.propose(actor=around.coordinator, version=draft, now=NOW)
    draft.refresh_from_db()
    other = coordinator_of(around.dac, account_id=AccountFactory().pk)
    services.approve(actor=other, version=draft, digest=draft.digest, now=NOW)
    return ProtocolVersion.objects.get(pk=draft.pk)


def late(around):
    """A pathway of which the first step is late."""
    pathway = around.join()
    services.wake(actor=SYSTEM, pathway=pathway, now=LATER)
    run_jobs()
    assert [one.of for one in Rupture.objects.open()] == ["informer"]
    return pathway


@pytest.fixture
def around():
    return set_around()


@pytest.fixture
def page(around):
    browser = Browser().as_(around.coordinator)
    browser.now = LATER
    return browser


def test_a_new_version_in_use_changes_nothing_for_who_is_on_the_one_before(around, page):
    pathway = late(around)
    second = approved(around, LONGER)
    pathway.refresh_from_db()
    assert pathway.followed == around.version
    assert ProtocolVersion.objects.get(pk=around.version.pk).state == "retired"
    services.wake(actor=SYSTEM, pathway=pathway, now=LATER)
    assert [one.of for one in Rupture.objects.open()] == ["informer"]
    shown = page.get(at("pathway", pathway.pk)).text
    assert at("migrate", pathway.pk, second.pk) in shown
    assert not facts("protocols.version_changed")


def test_the_preview_says_what_each_version_says_and_changes_nothing(around, page):
    pathway = late(around)
    second = approved(around, LONGER)
    shown = page.get(at("migrate", pathway.pk, second.pk)).text
    row = shown.split("Informer la personne", 1)[1].split("</tr>", 1)[0]
    assert "Rompue" in row
    assert "En attente" in row
    assert "change" in row
    pathway.refresh_from_db()
    assert pathway.followed == around.version
    assert not facts("protocols.version_changed")


def test_passed_to_the_other_version_her_thread_is_read_again_and_the_task_leaves(around, page):
    pathway = late(around)
    second = approved(around, LONGER)
    answer = page.post(at("migrate", pathway.pk, second.pk))
    assert answer.headers["Location"] == at("pathway", pathway.pk)
    run_jobs()
    pathway.refresh_from_db()
    assert pathway.followed == second
    assert [(one.of, one.standing) for one in Rupture.objects.all()] == [("informer", "lifted")]
    assert not Task.objects.open().exists()
    (line,) = facts("protocols.version_changed")
    assert (line["data"]["before"], line["data"]["after"]) == ("1", "2")
    assert "Version 2 du protocole" in page.get(at("pathway", pathway.pk)).text


def test_nobody_is_passed_to_a_version_of_another_protocol_or_of_nobody_or_by_a_stranger(
    around, page
):
    pathway = late(around)
    second = approved(around, LONGER)
    elsewhere = version_in_use(HOME.replace("protocole: retour", "protocole: bis"), around.dac)
    for target in (elsewhere.pk, around.version.pk, uuid7()):
        assert page.post(at("migrate", pathway.pk, target)).status_code == 404
    stranger = coordinator_of(OrganizationFactory(), account_id=AccountFactory().pk)
    assert Browser().as_(stranger).post(at("migrate", pathway.pk, second.pk)).status_code == 404
    page.post(at("leave", pathway.pk), {"reason": "asked"})
    assert page.post(at("migrate", pathway.pk, second.pk)).status_code in (403, 404, 409, 422)
    assert Pathway.objects.get(pk=pathway.pk).followed == around.version


# --- judged as the house will, shown as the reader may know --------------------------------------


@pytest.fixture
def beyond():
    """The person did not want coordination to read her care; an evaluation came all the same."""
    around = set_around(EVALUATED)
    SharingFactory(person=around.person, category="care", audience="coordination")
    pathway = around.join()
    line = ResponseCompleted(
        person_id=around.person.pk,
        response_id=uuid7(),
        questionnaire_id=uuid7(),
    )
    happens(line, NOW + DAY)
    run_jobs()
    return around, pathway


def test_a_preview_says_what_the_pathway_will_say_though_its_reader_does_not_read_the_fact(beyond):
    around, pathway = beyond
    second = approved(around, EVALUATED_TWICE)
    page = Browser().as_(around.coordinator)
    page.now = LATER
    shown = page.get(at("migrate", pathway.pk, second.pk)).text
    row = shown.split("Informer la personne", 1)[1].split("</tr>", 1)[0]
    assert row.count("Respectée") == 2
    assert "change" not in row
    page.post(at("migrate", pathway.pk, second.pk))
    assert not Rupture.objects.exists()


def test_an_entry_proposed_by_what_one_may_not_read_does_not_say_by_which_criterion(beyond):
    around, _ = beyond
    text = HOME.replace("protocole: retour", "protocole: bis").replace(
        "propose_par: people.person_admitted", "propose_par: assessments.response_completed"
    )
    version_in_use(text, around.dac)
    shown = Browser().as_(around.coordinator).get(at("enter", around.person.pk)).text
    assert "par un fait que vous ne pouvez pas lire" in shown
    happens(PersonAdmitted(person_id=around.person.pk, organization_id=None), NOW - DAY)
    read = Browser().as_(around.coordinator).get(at("enter", around.person.pk)).text
    assert "Proposé par le fil" in read
