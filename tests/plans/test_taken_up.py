"""What an evaluation found becomes needs of the plan, one tap each, with its source."""

import pytest

from cordee.access.actor import SYSTEM
from cordee.assessments.shipped import FOLDER, publish_file
from cordee.kernel.errors import DomainError
from cordee.plans import services
from cordee.plans.models import Need
from cordee.plans.rules.sources import LONGEST, worded
from cordee.plans.rules.states import EndReason
from tests.factories.assessments import ResponseFactory
from tests.factories.directory import AccountFactory, PractitionerFactory
from tests.factories.people import joins_circle
from tests.plans.scene import at, set_around, write_need
from tests.support import NOW, coordinator_of, simultaneously, speaking_as

pytestmark = pytest.mark.django_db
HEATING = "Le chauffage est en panne."


@pytest.fixture
def around():
    return set_around()


@pytest.fixture
def nurse(around):
    practitioner = PractitionerFactory()
    joins_circle(around.person, practitioner=practitioner)
    return speaking_as(practitioner)


def concluded(domain, code, note=""):
    lines = [{"linkId": f"{domain}-need", "answer": [{"valueCoding": {"code": code}}]}]
    if note:
        lines.insert(0, {"linkId": f"{domain}-note", "answer": [{"valueString": note}]})
    return {"linkId": domain, "item": lines}


def evaluated(around, *groups, author=None):
    """A whole evaluation of the person; by the coordinator, unless said otherwise."""
    sheet = publish_file(FOLDER / "multidimensional.json", actor=SYSTEM, now=NOW)
    return ResponseFactory(
        person=around.person,
        questionnaire=sheet,
        author_id=(author or around.coordinator).account_id,
        items=list(groups) or [concluded("housing", "yes", HEATING), concluded("mind", "watch")],
    )


def taking(client, plan, response, domain):
    return client.post(
        at("take_up", plan.pk), {"origin": f"assessments/response/{response.pk}/{domain}"}
    )


def test_each_need_that_was_found_is_proposed_and_one_tap_writes_it(client, around):
    plan, response = around.open(), evaluated(around)
    page = client.as_(around.coordinator).get(at("plan", plan.pk)).text
    assert "Repris de l’évaluation du" in page
    assert HEATING in page
    assert "Mémoire, humeur et comportement\u00a0: à surveiller" in page

    assert taking(client, plan, response, "housing").status_code == 303
    need = Need.objects.get()
    assert (need.words, need.domain, need.category) == (HEATING, "housing", "coordination")
    page = client.get(at("plan", plan.pk)).text
    assert page.count("Déjà dans le plan") == 1
    assert f"/evaluations/{response.pk}" in page
    assert "repris de" in page


def test_a_need_of_the_mind_stays_of_mental_health(client, around):
    plan, response = around.open(), evaluated(around)
    taking(client.as_(around.coordinator), plan, response, "mind")
    assert Need.objects.get().category == "mental_health"


def test_a_second_tap_writes_no_second_need(client, around):
    plan, response = around.open(), evaluated(around)
    client.as_(around.coordinator)
    assert taking(client, plan, response, "housing").status_code == 303
    assert taking(client, plan, response, "housing").status_code == 303
    assert Need.objects.count() == 1


def test_a_need_taken_away_may_be_taken_up_again(client, around):
    plan, response = around.open(), evaluated(around)
    client.as_(around.coordinator)
    taking(client, plan, response, "housing")
    client.post(at("take", plan.pk, "need", Need.objects.get().pk))
    taking(client, plan, response, "housing")
    assert Need.objects.filter(removed_at=None).count() == 1


def test_what_one_may_not_read_is_neither_proposed_nor_taken_up(client, around):
    plan = around.open()
    other = coordinator_of(around.dac, account_id=AccountFactory(name="Nadia").pk)
    response = evaluated(around, author=other)
    assert (
        "Repris de l’évaluation" not in client.as_(around.coordinator).get(at("plan", plan.pk)).text
    )
    assert taking(client, plan, response, "housing").status_code == 409
    assert not Need.objects.exists()


def test_where_a_need_comes_from_is_told_to_who_may_read_it_alone(client, around):
    plan, response = around.open(), evaluated(around)
    taking(client.as_(around.coordinator), plan, response, "housing")
    nadia = coordinator_of(around.dac, account_id=AccountFactory(name="Nadia").pk)
    page = client.as_(nadia).get(at("plan", plan.pk)).text
    assert HEATING in page
    assert "repris de" not in page
    assert str(response.pk) not in page


def test_a_name_that_no_evaluation_proposes_writes_nothing(client, around):
    plan, response = around.open(), evaluated(around)
    client.as_(around.coordinator)
    for domain in ("rights", "", "housing/x"):
        assert taking(client, plan, response, domain).status_code == 409
    assert not Need.objects.exists()


def test_only_who_holds_the_plan_is_proposed_needs(client, around, nurse):
    plan, response = around.open(), evaluated(around)
    page = client.as_(nurse).get(at("plan", plan.pk))
    assert page.status_code == 200
    assert "Repris de l’évaluation" not in page.text
    assert taking(client, plan, response, "housing").status_code == 403


def test_the_plan_that_ended_takes_up_nothing(around):
    plan, response = around.open(), evaluated(around)
    services.close(actor=around.coordinator, plan=plan, reason=EndReason.ASKED, now=NOW)
    with pytest.raises(DomainError, match="terminé"):
        services.take_up_need(
            actor=around.coordinator,
            plan=plan,
            origin=f"assessments/response/{response.pk}/housing",
            now=NOW,
        )


def test_words_that_are_too_long_say_that_they_are_cut():
    said = worded("Logement", "a" * 700, is_unmet=True)
    assert len(said) == LONGEST
    assert said.endswith(" …")
    assert worded("Logement", "", is_unmet=True) == "Logement\u00a0: un besoin sans réponse"


@pytest.mark.django_db(transaction=True)
def test_two_taps_at_once_write_one_need(around):
    write_need(around, around.open())
    plan, response = Need.objects.get().plan, evaluated(around)
    origin = f"assessments/response/{response.pk}/housing"

    def tap():
        services.take_up_need(actor=around.coordinator, plan=plan, origin=origin, now=NOW)

    simultaneously(tap, tap)
    assert Need.objects.filter(origin=origin).count() == 1
