"""What the door tells is what its caller may know; and whoever looked is written down."""

import pytest

from cordee.access.models import Trace
from cordee.fhir.models import KeptBody
from cordee.fhir.registry import mappings
from cordee.kernel.identifiers import uuid7
from cordee.people import services
from cordee.people.models import CircleMember
from tests.factories.directory import AccountFactory, MembershipFactory, OrganizationFactory
from tests.factories.partners import PAST, SystemFactory, asks
from tests.factories.people import PersonFactory, SharingFactory, joins_circle
from tests.fhir.door import Machine, codes
from tests.fhir.stage import merged, set_stage
from tests.fhir.systems import bearing, exported, system_of
from tests.fhir.test_golden import make
from tests.people.test_no_shadow import asked
from tests.support import NOW, Browser, actor, coordinator_of, stranger

pytestmark = pytest.mark.django_db
SENT = {
    "resourceType": "Patient",
    "identifier": [{"system": "urn:partner:ipp", "value": "8812"}],
    "name": [{"use": "official", "family": "Blanc", "given": ["Odile"]}],
    "address": [{"use": "home", "line": ["3 rue des Fleurs"]}],
    "maritalStatus": {"text": "veuve"},
}


def written(stage, **more):
    answer = stage.machine.post("Patient", SENT | more)
    assert answer.status_code == 201, answer.content
    return answer.json()["id"]


def helping(pk):
    """A home help of the circle, who is told how she is helped and nothing of her care."""
    service = OrganizationFactory(kind="home_help")
    person = PersonFactory._meta.model.objects.get(pk=pk)
    joins_circle(person, organization=service, role=CircleMember.Role.HOME_HELP)
    return Machine(actor(stage_role(), service, account_id=AccountFactory().pk))


def stage_role():
    from cordee.access.actor import Role

    return Role.HOME_HELP


def test_what_nobody_understood_is_told_to_who_is_told_of_care_alone():
    stage = set_stage()
    pk = written(stage)
    assert stage.machine.get(f"Patient/{pk}").json()["maritalStatus"] == SENT["maritalStatus"]
    helped = helping(pk).get(f"Patient/{pk}")
    assert helped.status_code == 200
    assert "maritalStatus" not in helped.json()
    assert helping(pk).found("Patient", identifier="urn:partner:ipp|8812") == []


def test_the_second_lock_hides_what_was_kept_of_somebody_from_who_does_not_know_her():
    from cordee.access.sight import seen_by

    pk = written(set_stage())
    with seen_by(stranger()):
        assert not KeptBody.objects.filter(resource_id=pk).exists()


def test_what_was_kept_follows_a_merge_and_the_absorbed_record_says_where():
    stage = set_stage()
    pk = written(stage)
    merge = merged(stage, pk)
    kept, gone = merge.survivor_id, merge.absorbed_id
    said = stage.machine.get(f"Patient/{gone}").json()
    assert said["active"] is False
    assert said["link"][0]["other"]["reference"] == f"Patient/{kept}"
    assert KeptBody.objects.get(resource_id=pk).person_id == kept
    assert stage.machine.found("RelatedPerson", patient=str(gone)) == []


NUMBER = "urn:partner:ipp|8812"
BY_NUMBER = f"identifier={NUMBER}"


def finding(stage, **more):
    """Whom the number finds, by each way there is to ask."""
    ways = (
        {"identifier": NUMBER},
        {"identifier": f"{NUMBER},urn:nowhere|1"},
        {"identifier": NUMBER, "_total": "accurate"},
        {"identifier": NUMBER, "active": "true"},
    )
    return {tuple(stage.machine.found("Patient", **one, **more)) for one in ways}


def test_after_a_merge_the_number_of_a_partner_finds_who_is_left_and_no_double_comes_back():
    stage = set_stage()
    pk = written(stage)
    persons = PersonFactory._meta.model.objects
    merge = merged(stage, pk)
    kept = str(merge.survivor_id)
    assert (kept, pk) == (str(stage.person.pk), str(merge.absorbed_id))
    before = persons.count()
    assert finding(stage) == {(kept,)}
    unless = {"If-None-Exist": f"identifier={NUMBER}"}
    added = stage.machine.post("Patient", SENT, **unless)
    assert (added.status_code, added.json()["id"]) == (200, kept)
    again = stage.machine.put(f"Patient?identifier={NUMBER}", SENT)
    assert (again.status_code, again.json()["id"]) == (200, kept)
    assert finding(stage) == {(kept,)}  # once, though it is kept twice
    asked = {"method": "POST", "url": "Patient", "ifNoneExist": f"identifier={NUMBER}"}
    sent = {"resourceType": "Bundle", "type": "transaction"}
    sent["entry"] = [{"resource": SENT, "request": asked}] * 2
    told = stage.machine.post("", sent, Prefer="return=minimal").json()["entry"]
    assert [one["response"]["location"].split("/")[5] for one in told] == [kept, kept]
    assert persons.count() == before


OTHER = SENT | {
    "name": [{"use": "official", "family": "Moulin", "given": ["Marcel"]}],
    "gender": "male",
    "birthDate": "1951-03-04",
}
SPOKEN = ("name", "gender", "birthDate")


@pytest.mark.parametrize("condition", [BY_NUMBER, f"{BY_NUMBER}&active=true"])
def test_the_number_of_an_absorbed_record_given_to_somebody_else_makes_nobody_of_who_is_left(
    condition,
):
    """A hospital gives its number again: nobody may take it back from who is left."""
    stage = set_stage()
    merge = merged(stage, written(stage))
    before = stage.machine.get(f"Patient/{merge.survivor_id}")
    answer = stage.machine.put(f"Patient?{condition}", OTHER)
    assert (answer.status_code, codes(answer)) == (412, ["condition.given_again"])
    unless = {"If-None-Exist": condition}
    answer = stage.machine.post("Patient", OTHER, **unless)
    assert (answer.status_code, codes(answer)) == (412, ["condition.given_again"])
    told = [{"op": "replace", "path": f"/{one}", "value": OTHER[one]} for one in SPOKEN]
    kind = "application/json-patch+json"
    answer = stage.machine.send("PATCH", f"Patient?{condition}", told, content_type=kind)
    assert (answer.status_code, codes(answer)) == (412, ["condition.given_again"])
    asked = {"method": "POST", "url": "Patient", "ifNoneExist": condition}
    sent = {"resourceType": "Bundle", "type": "transaction"}
    sent["entry"] = [{"resource": one, "request": asked} for one in (OTHER, OTHER)]
    answer = stage.machine.post("", sent, Prefer="return=minimal")
    assert (answer.status_code, codes(answer)) == (412, ["condition.given_again"])
    assert stage.machine.get(f"Patient/{merge.survivor_id}").json() == before.json()
    assert stage.machine.post("Patient", OTHER).status_code == 201
    found = stage.machine.put(f"Patient?{condition}", OTHER)
    assert (found.status_code, codes(found)) == (412, ["condition.several"])


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"birthDate": "1951-03-04", "gender": "female"},
        {"name": [{"use": "official", "family": "Moulin", "given": ["Odile"]}]},
    ],
)
def test_the_number_of_an_absorbed_record_still_corrects_who_is_left(more):
    """What either record says of them does not speak against it: a birth that was not known, a name
    that changed."""
    stage = set_stage()
    merge = merged(stage, written(stage))
    answer = stage.machine.put(f"Patient?{BY_NUMBER}", SENT | more)
    assert (answer.status_code, answer.json()["id"]) == (200, str(merge.survivor_id))


def test_a_number_of_their_own_corrects_whatever_is_known_of_somebody():
    """No other record bore it: its sender alone says whose it is."""
    stage = set_stage()
    pk = written(stage)
    answer = stage.machine.put(f"Patient?{BY_NUMBER}", OTHER)
    assert (answer.status_code, answer.json()["id"]) == (200, pk)


def test_once_the_merge_is_undone_the_number_finds_its_own_record_again():
    stage = set_stage()
    pk = written(stage)
    merge = merged(stage, pk)
    claire = coordinator_of(stage.desk, account_id=stage.account.pk)
    services.undo_merge(actor=claire, merge=merge, now=NOW)
    assert finding(stage) == {(pk,)}


def test_a_label_of_an_absorbed_record_is_none_of_who_is_left():
    stage = set_stage()
    pk = written(stage, meta={"tag": [{"system": "urn:partner", "code": "porte-bleue"}]})
    assert stage.machine.found("Patient", _tag="urn:partner|porte-bleue") == [pk]
    merged(stage, pk)
    assert stage.machine.found("Patient", _tag="urn:partner|porte-bleue") == []


def test_each_look_and_each_refusal_is_one_line_of_the_trace():
    stage = set_stage()
    pk = written(stage)
    before = Trace.objects.count()
    stage.machine.get(f"Patient/{pk}")
    stage.machine.found("Patient", family="Blanc")
    Machine(coordinator_of(OrganizationFactory())).get(f"Patient/{pk}")
    lines = list(Trace.objects.order_by("pk")[before:])
    assert [(one.kind, one.verb, one.origin) for one in lines] == [
        ("read", "people.person.read", "fhir"),
        ("list", "people.person.list", "fhir"),
        ("refused", "people.person.read", "fhir"),
    ]
    assert [str(one) for one in lines[1].persons] == [pk]


def test_a_system_comes_in_by_its_token_within_its_scopes():
    system = SystemFactory(scopes="system/Patient.rs")
    browser = Browser()
    token = browser.post("/fhir/oauth/token", asks(system)).json()["access_token"]
    held = {"authorization": f"Bearer {token}"}
    machine = Machine()
    assert machine.search("Patient").status_code == 401
    assert machine.get("Patient", **held).status_code == 200
    refused = machine.post("Patient", SENT, **held)
    assert (refused.status_code, codes(refused)) == (403, ["caller.scope"])
    assert codes(machine.get("Patient", authorization="Bearer forged")) == ["caller.unadmitted"]


@pytest.mark.parametrize("type_name", sorted(mappings()))
def test_bound_to_one_person_a_caller_is_told_of_nobody_else(type_name):
    stage, mapping = set_stage(), mappings()[type_name]
    row = make(type_name, stage)
    row = mapping.seen(stage.actor, None).get(pk=row.pk)
    persons = mapping.concerned([row])
    rows = mapping.seen(stage.actor, uuid7())
    assert mapping.concerned(rows[:50]) == []
    assert rows.filter(pk=row.pk).exists() is not bool(persons)


def test_one_person_is_read_and_the_look_traced_by_one_statement():
    stage = set_stage()
    pk = written(stage)
    stage.machine.get(f"Patient/{pk}")  # its statement is written once
    before = Trace.objects.count()
    statements, answer = asked(lambda: stage.machine.get(f"Patient/{pk}"))
    assert answer.json()["maritalStatus"] == SENT["maritalStatus"]
    (told,) = [one for one in statements if "set_config" not in one]
    assert "INSERT INTO access_trace" in told
    assert Trace.objects.count() == before + 1


def test_a_system_reads_one_person_by_two_statements_its_token_and_what_it_sees():
    stage = set_stage()
    pk = written(stage)
    post = MembershipFactory(organization=stage.desk, role="coordinator", since=PAST)
    system = SystemFactory(scopes="system/Patient.rs", membership=post)
    token = Browser().post("/fhir/oauth/token", asks(system)).json()["access_token"]
    held = {"authorization": f"Bearer {token}"}
    assert Machine().get(f"Patient/{pk}", **held).status_code == 200
    statements, answer = asked(lambda: Machine().get(f"Patient/{pk}", **held))
    assert answer.json()["id"] == pk
    told = [one for one in statements if "set_config" not in one and "partners_call" not in one]
    assert len(told) == 2, "\n".join(told)
    assert "partners_token" in told[0]
    assert "people_person" in told[1]


@pytest.mark.django_db(transaction=True)
def test_a_token_says_itself_who_reads_it_and_the_session_is_told_of_its_caller_alone():
    """Of a creation, whose words the straight way does not have: one statement less a call."""
    stage = set_stage()
    post = MembershipFactory(organization=stage.desk, role="coordinator", since=PAST)
    system = SystemFactory(scopes="system/*.cruds", membership=post)
    asked_for = asks(system, scope="system/*.cruds")
    token = Browser().post("/fhir/oauth/token", asked_for).json()["access_token"]
    held = {"authorization": f"Bearer {token}"}
    statements, answer = asked(lambda: Machine().post("Patient", SENT, **held))
    assert answer.status_code == 201, answer.content
    told = [one.startswith("SELECT set_config(?, $?, false)") for one in statements]
    token = next(place for place, one in enumerate(statements) if "partners_token" in one)
    # The test sets its scene as the house, whose eyes are put away, then given back.
    assert (sum(told[:token]), sum(told[token:])) == (1, 3), "\n".join(statements)


def test_who_works_for_somebody_else_leaves_no_line_of_what_they_do_not_see():
    stage = set_stage()
    pk = written(stage)
    before = Trace.objects.filter(kind="read").count()
    assert Machine(coordinator_of(OrganizationFactory())).get(f"Patient/{pk}").status_code == 404
    assert Trace.objects.filter(kind="read").count() == before


# --- by which medium ---------------------------------------------------------------------------


def says_of_care(person, medium, choice="opposed"):
    """What she said of her care to who coordinates, by one medium."""
    return SharingFactory(
        person=person, category="care", audience="coordination", medium=medium, choice=choice
    )


def told_of_her(stage, visit):
    """Whether the software of a partner is told of a visit: found, read, exported; all or none."""
    machine = bearing(system_of(stage, per_minute=6_000))
    found = machine.get(f"/fhir/Observation?patient={visit.person_id}").json().get("entry", [])
    read = machine.get(f"/fhir/Observation/{visit.pk}").status_code
    told = exported(machine, "?_type=Observation").get("Observation", [])
    said = {str(visit.pk) in {one["resource"]["id"] for one in found}, read == 200}
    said |= {str(visit.pk) in {one["id"] for one in told}}
    assert len(said) == 1, said
    assert read in (200, 404)
    return said.pop()


def shown_to_her_desk(stage, visit):
    """Whether the page of her visits shows it to who coordinates."""
    claire = coordinator_of(stage.desk, account_id=stage.account.pk)
    page = Browser().as_(claire).get(f"/personnes/{visit.person_id}/visites/")
    return str(visit.pk) in page.text


@pytest.mark.parametrize(
    ("medium", "by_software", "by_page"),
    [
        ("system", False, True),
        ("screen", False, False),
        ("message", True, True),
        ("paper", True, True),
    ],
)
def test_who_opposes_care_by_one_medium_is_not_read_by_it(medium, by_software, by_page):
    """What is closed in Cordée is closed to the software that reads it there."""
    stage = set_stage()
    visit = make("Observation", stage)
    assert (told_of_her(stage, visit), shown_to_her_desk(stage, visit)) == (True, True)
    says_of_care(visit.person, medium)
    assert (told_of_her(stage, visit), shown_to_her_desk(stage, visit)) == (by_software, by_page)
