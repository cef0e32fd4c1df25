"""Need against what was given, of one person and of a caseload, as one may read it."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cordee.access.actor import Role
from cordee.assessments.rules import kept
from cordee.assessments.rules.instruments import coordination
from cordee.liaison import services as liaison
from cordee.liaison.rules import Result, Tally, Way, Whom
from cordee.liaison.services import ContactSaid, NoteSaid
from cordee.pathways import caseload, dose
from cordee.pathways.rules.dose import UNKNOWN, Dose, by_need
from cordee.people import services as people
from cordee.plans import services as plans
from tests.factories.assessments import QuestionnaireFactory, ResponseFactory
from tests.factories.directory import AccountFactory, MembershipFactory, OrganizationFactory
from tests.factories.people import InformationFactory, PersonFactory, joins_circle
from tests.plans.scene import Around, set_around
from tests.support import NOW, actor, coordinator_of

pytestmark = pytest.mark.django_db
PAGE = "/a-faire/dose"
DAY = timedelta(days=1)


@pytest.fixture
def around():
    return made_up()


def made_up():
    """A person whose plan is held by Ahmed, of the DAC."""
    around = set_around()
    MembershipFactory(
        account_id=around.coordinator.account_id, organization=around.dac, role="coordinator"
    )
    around.open()
    return around


def beside(around, name, *, is_planned=True):
    """Another person whom the same coordinator follows."""
    person = PersonFactory(territory=around.dac.territory, birth_name=name)
    joins_circle(person, organization=around.dac, role="coordination")
    InformationFactory(person=person)
    other = Around(person, around.dac, around.coordinator)
    if is_planned:
        other.open()
    return other


def evaluated(*persons, points, category="care"):
    """A coordination need of so many points out of thirty, with one instrument."""
    result = coordination.scale(NOW.date()).result(Decimal(points), ())
    instrument = QuestionnaireFactory(url=caseload.NEED, category=category)
    for person in persons:
        ResponseFactory(person=person, questionnaire=instrument, results=kept.written([result]))
    return instrument


def contact(around, *, days=1, reached=True, minutes=None, by=None):
    """A call, some days ago."""
    result = Result.REACHED if reached else Result.NOT_REACHED
    moment = NOW - days * DAY
    said = ContactSaid(Way.CALL, Whom.RELATIVE, result, moment, minutes=minutes)
    return liaison.note_contact(
        actor=by or around.coordinator, person=around.person, said=said, now=NOW
    )


def of_person(around, days=90, by=None):
    return dose.given_to(by or around.coordinator, around.person, days, NOW)


def address(around):
    return reverse("pathways:dose_of_person", args=[around.person.pk])


# --- the rule ------------------------------------------------------------------------------------


def test_who_needs_most_and_was_given_least_comes_first_and_who_is_not_evaluated_last():
    def one(need, reached, minutes=0):
        return Dose(need, Tally(reached=reached, minutes=minutes))

    seen = sorted([one(UNKNOWN, 0), one(1, 0), one(3, 5, 9), one(3, 5), one(3, 0)], key=order)
    assert seen == [one(3, 0), one(3, 5), one(3, 5, 9), one(1, 0), one(UNKNOWN, 0)]


def order(one):
    return one.order


def test_a_need_is_told_by_who_is_in_the_middle_and_by_who_was_given_nothing():
    given = [Dose(3, Tally(reached=n, timed=n, minutes=10 * n)) for n in (0, 1, 2, 40)]
    first, last = by_need([Dose(UNKNOWN), *given])
    assert (first.need, first.persons, first.usual, first.without) == (3, 4, Decimal("1.5"), 1)
    assert first.contacts.length == "7\u00a0h\u00a010"
    assert (last.need, last.persons, last.usual, last.without) == (UNKNOWN, 1, 0, 1)


# --- one person ----------------------------------------------------------------------------------


def test_her_page_says_what_she_needs_and_what_she_was_given_and_that_no_norm_exists(
    client, around
):
    evaluated(around.person, points=24)
    contact(around, minutes=80)
    contact(around, minutes=120)
    contact(around)
    contact(around, reached=False)
    page = client.as_(around.coordinator).get(address(around))
    assert page.status_code == 200
    for words in (
        "Coordination intensive",
        "24 sur 30",
        "contacts établis",
        "sur 4\u00a0essais",
        "3\u00a0h\u00a020",
        "sur 4\u00a0contacts, dont 2 avec une durée",
        "Aucun texte ne dit combien",
    ):
        assert words in page.text, words
    panel = reverse("liaison:person_panel", args=[around.person.pk])
    assert address(around) in client.get(panel).text


def test_what_is_older_than_the_days_asked_is_left_out_and_an_odd_address_is_the_usual(
    client, around
):
    contact(around, days=10)
    contact(around, days=60)
    contact(around, days=300)
    seen = [of_person(around, days).dose.contacts.reached for days in (30, 90, 365)]
    assert seen == [1, 2, 3]
    client.as_(around.coordinator)
    for odd in ("31", "x", "-1", "9" * 5000, ""):
        page = client.get(address(around), {"jours": odd})
        assert "sur 2\u00a0contacts" in page.text or "2\u00a0contacts, aucune durée" in page.text


def test_nothing_noted_is_said_so(client, around):
    page = client.as_(around.coordinator).get(address(around))
    assert "Aucun contact noté sur cette période" in page.text
    assert "pas été évalué" in page.text


def test_a_contact_taken_back_stays_readable_and_counts_no_more(client, around):
    made = contact(around, minutes=30)
    contact(around)
    liaison.take_back_contact(actor=around.coordinator, contact=made, why="Doublon", now=NOW)
    assert of_person(around).dose.contacts == Tally(reached=1)
    assert "Doublon" in client.as_(around.coordinator).get(address(around)).text


def test_an_evaluation_that_one_may_not_read_is_no_need(client, around):
    evaluated(around.person, points=30, category="mental_health")
    assert of_person(around).dose.need == UNKNOWN
    assert "intensive" not in client.as_(around.coordinator).get(address(around)).text


def test_professionals_who_wrote_are_counted_once_each_without_what_few_may_read(around):
    before = of_person(around).dose
    assert (before.people, before.organizations) == (1, 1)  # who opened the plan
    colleague = coordinator_of(around.dac, account_id=AccountFactory().pk)
    contact(around, by=colleague)
    contact(around, by=colleague)
    after = of_person(around).dose
    assert (after.people, after.organizations) == (2, 1)
    other = coordinator_of(around.dac, account_id=AccountFactory().pk)
    said = NoteSaid(body="Vue ce matin.", category="social")
    liaison.write(actor=other, person=around.person, said=said, now=NOW)
    for reader in (around.coordinator, other):
        assert of_person(around, by=reader).dose.people == 2


def test_a_plan_that_passes_to_another_is_a_change_of_hands_one_gesture_counted_once(around):
    other = MembershipFactory(organization=around.dac, role="coordinator").account
    plan = around.person.plans.get()
    assert of_person(around).dose.passed_on == 0
    plans.hand_over(actor=around.coordinator, plan=plan, to=other, now=NOW)
    assert of_person(around).dose.passed_on == 1
    back = type(other).objects.get(pk=around.coordinator.account_id)
    plans.hand_over(actor=around.coordinator, plan=plan, to=back, now=NOW + DAY)
    assert of_person(around).dose.passed_on == 2


def test_what_was_given_to_a_record_that_hers_absorbed_was_given_to_her(around):
    double = beside(around, "Autre", is_planned=False)
    contact(double, by=coordinator_of(around.dac, account_id=AccountFactory().pk))
    pair = people.propose_pair(
        actor=around.coordinator, person=around.person, other=double.person, now=NOW
    )
    people.merge_persons(
        actor=around.coordinator, candidate=pair, from_absorbed=frozenset(), now=NOW
    )
    seen = of_person(around).dose
    assert (seen.contacts.reached, seen.people) == (1, 2)


def test_who_does_not_know_her_finds_no_page_and_an_emergency_counts_nothing(client, around):
    stranger = coordinator_of(OrganizationFactory())
    assert client.as_(stranger).get(address(around)).status_code == 404


# --- a caseload ----------------------------------------------------------------------------------


def test_the_team_reads_who_needs_most_and_was_given_least_first(client, around):
    MembershipFactory(organization=around.dac, role="coordinator", account__name="Karim Haddad")
    some, little = beside(around, "Beaucoup"), beside(around, "Rien")
    evaluated(some.person, little.person, points=25)
    contact(some, minutes=45)
    page = client.as_(around.coordinator).get(PAGE)
    assert page.status_code == 200
    assert PAGE in client.get("/a-faire/charge").text
    found = dose.given_by(around.coordinator, 90, NOW)
    assert [row.followed.person for row in found.rows] == [
        little.person,
        some.person,
        around.person,
    ]
    names = [name for name, _ in found.levels]
    assert names == ["Coordination intensive", ""]
    assert [(load.account.name, one.persons) for load, one in found.colleagues] == [
        ("Ahmed Diallo", 3)
    ]
    for words in ("Aucun texte ne dit combien", "45\u00a0min", "sur 1\u00a0contact, dont 1"):
        assert words in page.text, words


def test_a_colleague_is_looked_at_alone_and_an_unknown_one_is_everybody(client, around):
    karim = MembershipFactory(organization=around.dac, role="coordinator").account
    other = beside(around, "Confiée")
    plan = other.person.plans.get()
    plans.hand_over(actor=around.coordinator, plan=plan, to=karim, now=NOW)
    client.as_(around.coordinator)
    seen = client.get(PAGE, {"qui": str(karim.pk)}).text
    assert other.person.full_name in seen
    assert around.person.full_name not in seen
    assert around.person.full_name in client.get(PAGE, {"qui": "x" * 300}).text


def test_another_structure_and_who_does_not_lead_read_none_of_it(client, around):
    elsewhere = made_up()
    contact(around)
    assert around.person.full_name not in client.as_(elsewhere.coordinator).get(PAGE).text
    assert client.as_(actor(Role.HOME_HELP, around.dac)).get(PAGE).status_code == 403
    assert client.as_(actor(Role.ORIENTEUSE, around.dac)).get(PAGE).status_code == 403
    alone = MembershipFactory(role="coordinator")
    nobody = coordinator_of(alone.organization, account_id=alone.account_id)
    assert "ne suit personne encore" in client.as_(nobody).get(PAGE).text


def test_a_caseload_costs_as_many_queries_for_one_person_as_for_four(client, around):
    client.as_(around.coordinator).get(PAGE)
    with CaptureQueriesContext(connection) as one:
        client.get(PAGE)
    for name in ("Un", "Deux", "Trois"):
        contact(beside(around, name))
    with CaptureQueriesContext(connection) as four:
        client.get(PAGE)
    assert len(four) == len(one), [q["sql"][:200] for q in four]
