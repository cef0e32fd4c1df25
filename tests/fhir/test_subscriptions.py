"""A partner is told of what changes: judged again each time, in order, signed, never lost."""

import json
from datetime import timedelta

import pytest
from django.db import connection

from cordee.access.actor import SYSTEM, Role
from cordee.directory import services as directory
from cordee.fhir.resources import subscription
from cordee.fhir.shape import troubles
from cordee.fhir.subscriptions import criteria as watched
from cordee.fhir.subscriptions import feeding, patience, sending
from cordee.partners import services
from cordee.partners.models import Delivery, Subscription
from cordee.people.models import CircleMember
from cordee.plans import services as plans
from cordee.plans.models import Activity
from tests.factories.directory import AccountFactory, MembershipFactory
from tests.factories.partners import PAST, SystemFactory, asks
from tests.factories.people import InformationFactory, PersonFactory, joins_circle
from tests.fhir.door import Machine, codes, matches
from tests.fhir.receiver import is_signed, receiving
from tests.fhir.rows import care_plan, encounter, healthcare_service, observation
from tests.fhir.stage import set_stage
from tests.fhir.test_changed import age
from tests.support import NOW, Browser, actor, arranging, speaking_as

pytestmark = pytest.mark.django_db(transaction=True)
BACKPORT = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/"
JSON = "application/fhir+json"


class Partner:
    """A system that came in by a token, for the coordinator of a desk."""

    def __init__(self, stage, scopes="system/*.cruds"):
        held = {"account": stage.account, "organization": stage.desk, "role": "coordinator"}
        self.stage = stage
        self.system = SystemFactory(membership=MembershipFactory(since=PAST, **held), scopes=scopes)
        self.token = self.token_for(scopes)
        self.machine = Machine()

    def token_for(self, scopes):
        """Come in for some scopes alone."""
        said = Browser().post("/fhir/oauth/token", asks(self.system, scope=scopes)).json()
        return {"authorization": f"Bearer {said['access_token']}"}

    def subscribes(self, criteria="RelatedPerson", **changed):
        """Ask, and give what was answered."""
        return self.machine.post("Subscription", wanted(criteria, **changed), **self.token)


def wanted(criteria="RelatedPerson", url="http://127.0.0.1:9/", content="id-only", **changed):
    channel = {"type": "rest-hook", "endpoint": url, "payload": JSON}
    channel["_payload"] = {
        "extension": [{"url": BACKPORT + "backport-payload-content", "valueCode": content}]
    }
    said = {"resourceType": "Subscription", "status": "requested", "reason": "essai"}
    return said | {"criteria": criteria, "channel": channel} | changed


def listened(criteria="RelatedPerson"):
    how = {"system": "https://cordee.fr/fhir/CodeSystem/subscription-channel"}
    how |= {"code": "server-sent-events"}
    kind = {"extension": [{"url": BACKPORT + "backport-channel-type", "valueCoding": how}]}
    return wanted(criteria) | {"channel": {"_type": kind, "payload": JSON}}


def relative_of(stage, person=None, name="Lucie Blanc"):
    """Something changes: a relative is written, by another machine."""
    sent = {
        "resourceType": "RelatedPerson",
        "patient": {"reference": f"Patient/{(person or stage.person).pk}"},
        "name": [{"text": name}],
    }
    answer = stage.machine.post("RelatedPerson", sent)
    assert answer.status_code == 201, answer.content
    return answer.json()["id"]


def another_person(stage):
    person = PersonFactory(territory=stage.desk.territory)
    joins_circle(person, organization=stage.desk)
    InformationFactory(person=person)
    return person


def read_on(now=NOW):
    return feeding.read_on(actor=SYSTEM, now=now)


def sends(one, now=NOW):
    """Send all that is due; gives how many were tried."""
    tried = 0
    while sending.send_next(actor=SYSTEM, subscription_id=one.pk, now=now):
        tried += 1
    return tried


def told(now=NOW):
    """Read the thread, then send."""
    read_on(now)
    return sum(sends(one, now) for one in Subscription.objects.order_by("pk"))


def states():
    return list(Delivery.objects.order_by("number").values_list("state", flat=True))


def test_what_a_professional_declares_is_told_by_a_line_of_its_own():
    stage = set_stage()
    practice = healthcare_service.make(stage)
    partner = Partner(stage)
    with receiving() as receiver:
        assert partner.subscribes("HealthcareService", url=receiver.url).status_code == 201
        assert told() == 0
        said = {"practice": practice, "now": NOW, "kind": "pause", "begins_at": NOW}
        directory.add_absence(actor=speaking_as(practice.practitioner), **said)
        assert told() == 1
        directory.declare_kinds(
            actor=speaking_as(practice.practitioner), practice=practice, kinds=[], now=NOW
        )
        assert told() == 1


def test_what_changes_is_told_by_its_identifier_and_signed_by_the_house():
    stage = set_stage()
    partner = Partner(stage)
    with receiving() as receiver:
        made = partner.subscribes(url=receiver.url)
        assert made.status_code == 201, made.content
        assert made.json()["status"] == "active"
        assert told() == 0
        pk = relative_of(stage)
        assert told() == 1
        (one,) = receiver.got
        assert (one.number, one.focus) == (1, f"RelatedPerson/{pk}")
        assert "Lucie" not in one.body.decode()
        assert "Grandidier" not in one.body.decode()
        keys = Browser().get("/fhir/oauth/jwks").json()
        assert is_signed(one, receiver.url, keys)
        assert not is_signed(one, receiver.url + "x", keys)
        one.body += b" "
        assert not is_signed(one, receiver.url, keys)
    assert [one.code for one in troubles(json.loads(one.body)) if one.severity == "error"] == []
    assert told() == 0  # once
    assert states() == ["delivered"]


def test_a_plan_is_told_when_one_of_its_actions_is_done():
    stage = set_stage()
    plan = care_plan.make(stage)
    age()
    with receiving() as receiver:
        Partner(stage).subscribes("CarePlan", url=receiver.url)
        assert told() == 0
        step = Activity.objects.get(plan=plan, category="coordination")
        plans.do_action(actor=stage.actor, activity=step, done_on=NOW.date(), now=NOW)
        assert told() == 1
        (one,) = receiver.got
    assert one.focus == f"CarePlan/{plan.pk}"


def test_the_whole_resource_is_told_only_when_asked_for_and_allowed():
    stage = set_stage()
    partner = Partner(stage)
    with receiving() as receiver:
        partner.subscribes(url=receiver.url, content="full-resource")
        pk = relative_of(stage)
        told()
        (one,) = receiver.got
    resource = json.loads(one.body)["entry"][1]["resource"]
    assert (resource["id"], resource["name"][0]["text"]) == (pk, "Lucie Blanc")
    searching = Partner(set_stage(), scopes="system/RelatedPerson.s system/Subscription.cruds")
    refused = searching.subscribes(content="full-resource")
    assert (refused.status_code, codes(refused)) == (403, ["caller.scope"])


def test_what_is_of_another_desk_is_never_told():
    stage, elsewhere = set_stage(), set_stage()
    partner = Partner(stage)
    with receiving() as receiver:
        partner.subscribes(url=receiver.url)
        relative_of(elsewhere)
        assert told() == 0
    assert not Delivery.objects.exists()


def test_a_criterion_tells_what_it_asks_for_and_nothing_else():
    stage = set_stage()
    partner, other = Partner(stage), another_person(stage)
    with receiving() as receiver:
        partner.subscribes(f"RelatedPerson?patient=Patient/{other.pk}", url=receiver.url)
        relative_of(stage)
        pk = relative_of(stage, other)
        assert told() == 1
        assert [one.focus for one in receiver.got] == [f"RelatedPerson/{pk}"]


def test_what_a_type_has_in_several_tables_is_told_of_each_of_them():
    stage = set_stage()
    partner = Partner(stage)
    with receiving() as receiver:
        partner.subscribes("Observation", url=receiver.url, content="full-resource")
        partner.subscribes(f"Encounter?patient=Patient/{stage.person.pk}", url=receiver.url)
        score, planned = observation.make_score(stage), encounter.make_planned(stage)
        stay = encounter.make_stay_ended(stage)
        relative_of(stage)  # the thread speaks of the person
        assert told() == 3
        assert {one.focus for one in receiver.got} == {
            f"Observation/{score.pk}",
            *(f"Encounter/{one.pk}" for one in (planned, stay)),
        }
        (whole,) = [one for one in receiver.got if one.focus == f"Observation/{score.pk}"]
    assert json.loads(whole.body)["entry"][1]["resource"]["status"] == "final"


@pytest.mark.parametrize(
    ("criteria", "code"),
    [
        ("Unicorn?x=1", "subscription.type"),
        ("AuditEvent?patient=1", "subscription.type"),
        ("Subscription?status=active", "subscription.type"),
        ("Task?inconnu=1", "subscription.parameter"),
        ("Task?_lastUpdated=ge2026", "subscription.parameter"),
        ("Task?_sort=period", "subscription.page"),
        ("Task?patient.family=blanc", "subscription.chain"),
        ("Task?patient:identifier=1", "subscription.chain"),
        ("Patient?_has:Task:patient:status=requested", "subscription.chain"),
        ("Patient?family=blanc", "subscription.naming"),
        ("Patient?identifier=urn:ins|1", "subscription.naming"),
        ("Task?authored-on=hier", "search.value"),
        ("Task?status:above=x", "search.modifier"),
        ("Task?" + "&".join(["status=requested"] * 80), "search.too_many"),
    ],
)
def test_what_cannot_be_watched_is_refused_with_its_place(criteria, code):
    answer = Partner(set_stage()).subscribes(criteria)
    assert (answer.status_code, codes(answer)) == (422, [code]), answer.content
    assert answer.json()["issue"][0]["expression"] == ["Subscription.criteria"]


@pytest.mark.parametrize(
    ("channel", "code"),
    [
        ({"type": "websocket"}, "subscription.channel"),
        ({"type": "email", "endpoint": "mailto:a@exemple.fr"}, "subscription.channel"),
        ({"type": "rest-hook"}, "subscription.endpoint"),
        ({"type": "rest-hook", "endpoint": "http://exemple.fr/"}, "subscription.endpoint"),
        ({"type": "rest-hook", "endpoint": "https://10.0.0.1/"}, "subscription.endpoint"),
        ({"type": "rest-hook", "endpoint": "https://u:p@exemple.fr/"}, "subscription.endpoint"),
        ({"type": "rest-hook", "endpoint": "https://exemple.fr/?nom=x"}, "subscription.endpoint"),
        ({"type": "rest-hook", "endpoint": "https://exemple.fr:99999/"}, "subscription.endpoint"),
        (
            {"type": "rest-hook", "endpoint": "https://exemple.fr/", "header": ["X: 1"]},
            "subscription.header",
        ),
        (
            {"type": "rest-hook", "endpoint": "https://exemple.fr/", "payload": "text/html"},
            "subscription.payload",
        ),
    ],
)
def test_a_channel_that_is_not_served_is_refused_with_its_place(channel, code):
    answer = Partner(set_stage()).subscribes(channel=channel)
    assert (answer.status_code, codes(answer)) == (422, [code]), answer.content
    assert answer.json()["issue"][0]["expression"][0].startswith("Subscription.channel")


def test_nobody_subscribes_but_an_application():
    answer = set_stage().machine.post("Subscription", wanted())
    assert (answer.status_code, codes(answer)) == (422, ["subscription.client"])


def test_an_application_sees_its_own_and_no_other():
    stage = set_stage()
    partner, other = Partner(stage), Partner(set_stage())
    pk = partner.subscribes().json()["id"]
    assert partner.machine.get(f"Subscription/{pk}", **partner.token).status_code == 200
    found = partner.machine.get("Subscription?criteria=RelatedPerson", **partner.token).json()
    assert matches(found) == [pk]
    hidden = other.machine.get(f"Subscription/{pk}", **other.token)
    nowhere = other.machine.get(f"Subscription/{stage.person.pk}", **other.token)
    assert (hidden.status_code, hidden.json()) == (404, nowhere.json())
    cut = other.machine.send("DELETE", f"Subscription/{pk}", **other.token)
    assert cut.status_code == 404


def test_it_is_changed_cut_and_ended_by_its_version():
    stage = set_stage()
    partner = Partner(stage)
    made = partner.subscribes()
    address, read = f"Subscription/{made.json()['id']}", made.json()
    late = partner.machine.put(address, read, if_match='W/"9"', **partner.token)
    assert (late.status_code, codes(late)) == (412, ["version.replaced"])
    off = partner.machine.put(
        address, read | {"status": "off"}, if_match=made["ETag"], **partner.token
    )
    assert off.json()["status"] == "off", off.content
    relative_of(stage)
    read_on()
    assert not Delivery.objects.exists()
    on = partner.machine.put(address, off.json() | {"status": "requested"}, **partner.token)
    assert on.json()["status"] == "active"
    assert partner.machine.send("DELETE", address, **partner.token).status_code == 204
    assert partner.machine.get(address, **partner.token).status_code == 410
    assert Subscription.objects.get().state == "off"


def test_a_suspended_partner_is_told_nothing_and_reads_why():
    stage = set_stage()
    partner = Partner(stage)
    with receiving() as receiver:
        address = f"Subscription/{partner.subscribes(url=receiver.url).json()['id']}"
        relative_of(stage)
        read_on()
        services.suspend(actor=administrator(), client=partner.system, why="", now=NOW)
        assert told() == 0
        assert receiver.got == []
        services.resume(actor=administrator(), client=partner.system, now=NOW)
        read = partner.machine.get(address, **partner.token).json()
        assert read["status"] == "error"
        assert "suspendu" in read["error"]
        assert told() == 0  # until its owner says so
        again = partner.machine.put(address, read | {"status": "requested"}, **partner.token)
        assert again.status_code == 200, again.content
        assert told() == 1  # what waited was kept
    assert states() == ["delivered"]


def administrator():
    return actor(Role.ADMINISTRATOR, account_id=AccountFactory().pk)


def test_narrower_scopes_stop_what_they_no_longer_include():
    stage = set_stage()
    partner = Partner(stage)
    with receiving() as receiver:
        partner.subscribes(url=receiver.url)
        partner.system.scopes = "system/Patient.rs"
        _saved(partner.system)
        relative_of(stage)
        assert told() == 0
        assert receiver.got == []
    assert (Subscription.objects.get().state, Subscription.objects.get().error) == (
        "error",
        "scopes",
    )


def _saved(row):
    with arranging():
        row.save()


def test_what_is_no_longer_seen_as_it_leaves_is_withheld():
    stage = set_stage()
    partner = Partner(stage)
    with receiving() as receiver:
        partner.subscribes(url=receiver.url)
        relative_of(stage)
        read_on()
        leaves_the_circle(stage)
        told()
        assert receiver.got == []
    assert states() == ["withheld"]


def test_what_was_withheld_is_told_when_it_is_seen_again():
    stage = set_stage()
    partner = Partner(stage)
    with receiving() as receiver:
        partner.subscribes(url=receiver.url)
        pk = relative_of(stage)
        read_on()
        leaves_the_circle(stage)
        told()
        with arranging():
            CircleMember.objects.filter(person=stage.person).update(until=None)
        other = relative_of(stage)
        told()
        assert {one.focus for one in receiver.got} == {
            f"RelatedPerson/{pk}",
            f"RelatedPerson/{other}",
        }
    assert states() == ["withheld", "delivered", "delivered"]


def leaves_the_circle(stage):
    with arranging():
        for one in CircleMember.objects.filter(person=stage.person):
            one.since, one.until = NOW - timedelta(days=2), NOW - timedelta(days=1)
            one.save()


@pytest.mark.parametrize("end", ["2030-06-30T23:59:60Z", "9999-12-31T23:59:59-12:00"])
def test_an_end_that_is_no_moment_is_refused_with_its_place(end):
    answer = Partner(set_stage()).subscribes(end=end)
    assert (answer.status_code, codes(answer)) == (422, ["subscription.end"]), answer.content


def test_an_application_holds_no_more_subscriptions_than_it_may(monkeypatch):
    monkeypatch.setattr(subscription, "MOST", 1)
    partner = Partner(set_stage())
    first = partner.subscribes()
    refused = partner.subscribes()
    assert (refused.status_code, codes(refused)) == (422, ["subscription.many"])
    address = f"Subscription/{first.json()['id']}"
    assert partner.machine.send("DELETE", address, **partner.token).status_code == 204
    assert partner.subscribes().status_code == 201


def test_a_criterion_too_heavy_to_search_is_refused(monkeypatch):
    truly = watched.compiled

    def slowly(*asked):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(10)")
        return truly(*asked)

    partner = Partner(set_stage())
    monkeypatch.setattr(watched, "compiled", slowly)
    monkeypatch.setattr(patience, "MOST", "50ms")
    refused = partner.subscribes()
    assert (refused.status_code, codes(refused)) == (422, ["subscription.heavy"])


def test_the_end_of_a_subscription_turns_it_off():
    stage = set_stage()
    partner = Partner(stage)
    end = (NOW + timedelta(hours=1)).isoformat()
    assert partner.subscribes(end=end).status_code == 201
    relative_of(stage)
    read_on()
    relative_of(stage)
    read_on(now=NOW + timedelta(hours=2))
    one = Subscription.objects.get()
    assert (one.state, one.error) == ("off", "ended")
    assert states() == ["given_up"]  # or it would wait, and be late, for ever
