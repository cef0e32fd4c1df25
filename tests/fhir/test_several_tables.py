"""A type that is told of several tables is one type: searched, paged, chained, brought along."""

import json
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from cordee.assessments.models import QuestionnaireResponse
from cordee.fhir.contract import Mapping
from cordee.fhir.registry import _refuse_uneven, mappings
from cordee.people import services as people
from cordee.people.rules.traits import Destination
from tests.factories.assessments import QuestionnaireFactory, ResponseFactory
from tests.factories.directory import AccountFactory, OrganizationFactory
from tests.factories.people import SharingFactory, StayFactory, joins_circle
from tests.factories.vigilance import visit_of
from tests.fhir.door import codes, matches
from tests.fhir.rows import encounter, observation, questionnaire, questionnaire_response
from tests.fhir.stage import set_stage
from tests.support import NOW, arranging

CARE = {"code": "iadl", "label": "IADL", "value": "3", "out_of": "8", "unit": ""}
CARE |= {"band": None, "points": [], "source": "", "caution": ""}


def observations(stage, number=9):
    """Visits and scores in turn, at moments that cross, of two persons."""
    home = OrganizationFactory(kind="home_help")
    joins_circle(stage.person, organization=home)
    helper, asked, former = AccountFactory(), questionnaire.make(stage), None
    for at in range(number):
        moment = NOW - timedelta(days=at // 2)
        visit_of(stage.person, home, helper, happened_at=moment, signs=["fell"][: at % 2])
        results = [questionnaire_response.GIR, CARE][at % 2 :]
        about = {"person": stage.person, "questionnaire": asked, "author": stage.account}
        more = [{}, {"corrects": former}, {}][at % 3]
        status = ("completed", "amended", "entered-in-error")[at % 3]
        former = ResponseFactory(
            results=results, authored_at=moment, status=status, **about, **more
        )
    ResponseFactory(results=[], **about)  # it gave no result


def words(resource):
    """The codes that a slow filter compares."""
    found = {("code", one["code"]) for one in resource["code"]["coding"]}
    found |= {("status", resource["status"]), ("date", resource["effectiveDateTime"][:10])}
    for part in resource.get("component", []):
        found |= {("component-code", one["code"]) for one in part["code"]["coding"]}
    found |= {("encounter:missing", str("encounter" not in resource).lower())}
    return found | {("derived-from:missing", str("derivedFrom" not in resource).lower())}


ASKED = st.sampled_from(
    [
        *(("code", one) for one in ("gir", "iadl", "visit", "nothing")),
        *(("status", one) for one in ("final", "amended", "entered-in-error")),
        *(("component-code", one) for one in ("fell", "iadl", "morale")),
        *(("encounter:missing", one) for one in ("true", "false")),
        *(("derived-from:missing", one) for one in ("true", "false")),
        *(("date", f"2026-11-{day}") for day in (20, 21, 23)),
    ]
)


class AnyObservation(TestCase):
    """Visits and scores of one person, asked in every way."""

    @classmethod
    def setUpTestData(cls):
        cls.stage = set_stage()
        observations(cls.stage)
        entries = cls.stage.machine.search("Observation", _count=200).json()["entry"]
        cls.known = [one["resource"] for one in entries]

    def test_both_tables_are_there(self):
        assert len(self.known) == 18
        assert {"encounter" in one for one in self.known} == {True, False}

    @settings(max_examples=40)
    @given(st.lists(ASKED, min_size=1, max_size=3), st.booleans())
    def test_is_found_as_a_slow_filter_finds_it(self, asked, negated):
        name, value = asked[0]
        if negated and ":" not in name and name != "date":
            asked = [(f"{name}:not", value), *asked[1:]]
        said = {}
        for one, text in asked:
            said.setdefault(one, []).append(text)
        found = self.stage.machine.found("Observation", _count=200, **said)
        slow = [
            one["id"]
            for one in self.known
            if all(
                ((name.removesuffix(":not"), text) in words(one)) != name.endswith(":not")
                for name, text in asked
            )
        ]
        assert found == slow, said

    @settings(max_examples=15)
    @given(st.sampled_from(["date", "-date", "_id", "-_lastUpdated,date"]), st.integers(1, 7))
    def test_is_given_whole_page_by_page_and_nothing_twice(self, sort, count):
        machine = self.stage.machine
        bundle = machine.search("Observation", _sort=sort, _count=count).json()
        found = matches(bundle)
        while link := next((one for one in bundle["link"] if one["relation"] == "next"), None):
            bundle = machine.get(link["url"].partition("/fhir/")[2]).json()
            found += matches(bundle)
        assert found == machine.found("Observation", _sort=sort, _count=200)
        assert sorted(found) == sorted(one["id"] for one in self.known)


@pytest.mark.django_db
def test_what_a_score_comes_from_comes_along_and_chains_reach_both_tables():
    stage = set_stage()
    score = observation.make_score(stage)
    machine, pk = stage.machine, str(score.pk)
    bundle = machine.search("Observation", _id=pk, _include="Observation:derived-from").json()
    kinds = [one["resource"]["resourceType"] for one in bundle["entry"]]
    assert kinds == ["Observation", "QuestionnaireResponse"]
    assert machine.found("Patient", **{"_has:Observation:patient:code": "gir"}) == [
        str(stage.person.pk)
    ]
    seen = machine.search("Patient", _id=stage.person.pk, _revinclude="Observation:patient").json()
    assert [one["resource"]["id"] for one in seen["entry"]] == [str(stage.person.pk), pk]
    counted = machine.search("Observation", _summary="count").json()
    assert counted["total"] == 1


@pytest.mark.django_db
def test_a_score_has_versions_from_the_day_it_was_given():
    stage = set_stage()
    draft = ResponseFactory(
        person=stage.person,
        questionnaire=questionnaire.make(stage),
        author=stage.account,
        draft=True,
        results=[],
    )
    address = f"Observation/{draft.pk}"
    assert stage.machine.get(address).status_code == 404
    with arranging():
        row = QuestionnaireResponse.objects.get(pk=draft.pk)
        row.status, row.authored_at = "completed", NOW
        row.results = [questionnaire_response.GIR]
        row.save()
    told = stage.machine.get(f"{address}/_history").json()["entry"]
    assert [one["resource"]["status"] for one in told] == ["final"]
    assert stage.machine.get(f"{address}/_history/1").status_code == 404


@pytest.mark.django_db
def test_the_history_of_a_type_tells_of_every_table_by_pages():
    stage = set_stage()
    observations(stage, 3)
    bundle = stage.machine.get("Observation/_history?_count=2").json()
    met = [one["resource"]["id"] for one in bundle["entry"]]
    while link := next((one for one in bundle["link"] if one["relation"] == "next"), None):
        bundle = stage.machine.get(link["url"].partition("/fhir/")[2]).json()
        met += [one["resource"]["id"] for one in bundle["entry"]]
    assert sorted(met) == sorted(stage.machine.found("Observation", _count=50))


@pytest.mark.django_db
def test_everything_about_somebody_holds_every_table_by_pages():
    stage = set_stage()
    observations(stage, 3)
    rows = {str(encounter.make_contact(stage).pk), str(encounter.make_planned(stage).pk)}
    bundle = stage.machine.get(f"Patient/{stage.person.pk}/$everything?_count=4").json()
    met = [one["resource"] for one in bundle["entry"]]
    while link := next((one for one in bundle["link"] if one["relation"] == "next"), None):
        bundle = stage.machine.get(link["url"].partition("/fhir/")[2]).json()
        met += [one["resource"] for one in bundle["entry"]]
    named = [f"{one['resourceType']}/{one['id']}" for one in met]
    assert len(named) == len(set(named))
    kinds = [one["resourceType"] for one in met]
    assert (kinds.count("Observation"), kinds.count("Encounter")) == (6, 5)
    assert rows <= {one["id"] for one in met}


@pytest.mark.django_db
def test_who_has_no_name_is_told_by_no_empty_word():
    stage = set_stage()
    home = OrganizationFactory(kind="home_help")
    joins_circle(stage.person, organization=home)
    visit_of(stage.person, home, AccountFactory(name=""))
    for kind in ("Encounter", "Observation"):
        (entry,) = stage.machine.get(kind).json()["entry"]
        assert '"display": ""' not in json.dumps(entry)
        checked = stage.machine.post(f"{kind}/$validate", entry["resource"])
        assert checked.status_code == 200


@pytest.mark.django_db
def test_a_visit_to_come_is_told_until_it_is_noted():
    stage = set_stage()
    to_come = encounter.make_planned(stage)
    machine = stage.machine
    assert machine.found("Encounter", status="planned") == [str(to_come.pk)]
    noted = visit_of(stage.person, to_come.organization, to_come.helper, planned=to_come)
    assert machine.found("Encounter", _count=9) == [str(noted.pk)]


@pytest.mark.django_db
def test_stays_in_hospital_are_told_beside_visits_and_contacts():
    stage = set_stage()
    machine, person = stage.machine, stage.person
    contact = encounter.make_contact(stage)
    hospital = OrganizationFactory(kind="hospital")
    alone = StayFactory(person=person, entered_at=None, left_at=NOW - timedelta(days=40))
    ended = encounter.make_stay_ended(stage)
    there = StayFactory(person=person, entered_at=NOW - timedelta(days=2), organization=hospital)
    stays = sorted(str(one.pk) for one in (alone, ended, there))

    def found(**asked):
        return machine.found("Encounter", patient=f"Patient/{person.pk}", **asked)

    assert sorted(found(**{"class": "IMP"})) == sorted(found(type="hospital-stay")) == stays
    assert found(status="in-progress") == [str(there.pk)]
    assert sorted(found(status="finished")) == sorted(map(str, (contact.pk, alone.pk, ended.pk)))
    assert found(**{"service-provider": f"Organization/{hospital.pk}"}) == [str(there.pk)]
    assert sorted(found(**{"class:not": "VR"})) == stays
    assert found(date="gt2026-11-30") == [str(there.pk)]  # it goes on
    walked, bundle = [], machine.search("Encounter", _sort="date", _count=1).json()
    while True:
        walked += matches(bundle)
        link = next((one for one in bundle["link"] if one["relation"] == "next"), None)
        if link is None:
            break
        bundle = machine.get(link["url"].partition("/fhir/")[2]).json()
    assert walked[0] == str(there.pk)
    assert walked[-1] == str(alone.pk)  # whose beginning nobody told
    assert sorted(walked) == sorted([*stays, str(contact.pk)])


@pytest.mark.django_db
def test_a_stay_is_told_from_its_entry_to_its_end_version_by_version():
    stage = set_stage()
    people.admit_person(actor=stage.actor, person=stage.person, organization=None, now=NOW)
    home = Destination.HOME
    people.discharge_person(
        actor=stage.actor, person=stage.person, destination=home, left_at=NOW, now=NOW
    )
    (pk,) = stage.machine.found("Encounter", **{"class": "IMP"})
    versions = [
        one["resource"] for one in stage.machine.get(f"Encounter/{pk}/_history").json()["entry"]
    ]
    assert [one["status"] for one in versions] == ["finished", "in-progress"]
    assert ["end" in one["period"] for one in versions] == [True, False]
    (said,) = versions[0]["hospitalization"]["dischargeDisposition"]["coding"]
    assert said["code"] == "home"
    assert "hospitalization" not in versions[1]


@pytest.mark.django_db
def test_a_stay_is_told_to_nobody_whom_the_lines_of_the_thread_do_not_tell():
    stage = set_stage()
    row = encounter.make_stay(stage)
    SharingFactory(person=row.person, category="coordination", audience="coordination")
    assert stage.machine.get(f"Encounter/{row.pk}").status_code == 404
    assert stage.machine.found("Encounter", _count=9) == []


@pytest.mark.django_db
def test_a_protected_evaluation_gives_no_score_to_who_may_not_read_it():
    stage = set_stage()
    row = ResponseFactory(
        person=stage.person,
        questionnaire=QuestionnaireFactory(category="mental_health"),
        author=AccountFactory(),
        results=[questionnaire_response.GIR],
    )
    assert stage.machine.get(f"Observation/{row.pk}").status_code == 404
    assert stage.machine.found("Observation", _count=9) == []
    assert stage.machine.found("Patient", **{"_has:Observation:patient:code": "gir"}) == []


@pytest.mark.django_db
def test_what_is_asked_wrongly_of_one_table_is_refused_for_the_type():
    answer = set_stage().machine.search("Observation", **{"derived-from.family": "x"})
    assert (answer.status_code, codes(answer)) == (400, ["search.chain"])


def test_tables_that_are_not_asked_the_same_way_are_refused_at_once():
    one = mappings()["Observation"]
    other = Mapping(type="Observation", model=one.model, rows=one.rows, to_fhir=one.to_fhir)
    both = Mapping(
        type="Observation",
        model=one.model,
        rows=one.rows,
        to_fhir=one.to_fhir,
        search=one.search,
        also=(other,),
    )
    with pytest.raises(TypeError, match="same way"):
        _refuse_uneven(both)
