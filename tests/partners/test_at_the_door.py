"""A token at the door of FHIR: the rights of a page, narrowed; a pace; a journal about nobody."""

from datetime import timedelta
from unittest.mock import Mock
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cordee.access.actor import Role
from cordee.access.models import Trace
from cordee.directory.models import Organization
from cordee.partners import flow
from cordee.partners.models import Call, Grant
from cordee.partners.rules.calls import named
from cordee.partners.services import calls, suspend
from tests.factories.directory import AccountFactory, MembershipFactory, OrganizationFactory
from tests.factories.partners import PAST, AppFactory, SystemFactory, asks
from tests.factories.people import PersonFactory, joins_circle
from tests.partners.dance import TOKEN, allows, coordinator, exchange
from tests.support import NOW, Browser, actor

pytestmark = pytest.mark.django_db


def bearing(token: str) -> Browser:
    """A machine that shows a token."""
    return Browser(headers={"Authorization": f"Bearer {token}"})


def token_of(system, scope="system/*.cruds"):
    """What a system is given."""
    return Browser().post(TOKEN, asks(system, scope=scope)).json()["access_token"]


@pytest.fixture
def desk(db):
    return OrganizationFactory(kind="dac")


@pytest.fixture
def followed(desk):
    """A person whom the desk follows."""
    person = PersonFactory(birth_name="Grandidier", territory=desk.territory)
    joins_circle(person, organization=desk, since=NOW.replace(month=1))
    return person


@pytest.fixture
def system(desk):
    """A software that acts as a coordinator of that desk."""
    return SystemFactory(
        membership=MembershipFactory(organization=desk, role="coordinator", since=PAST)
    )


def issue(answer):
    """The stable code of what is wrong."""
    assert answer.json()["resourceType"] == "OperationOutcome", answer.content
    return answer.json()["issue"][0]["details"]["coding"][0]["code"]


# --- who ---------------------------------------------------------------------------------------


def test_a_system_reads_what_its_role_reads_and_the_trace_says_so(system, followed):
    got = bearing(token_of(system)).get(f"/fhir/Patient/{followed.pk}")
    assert got.status_code == 200, got.content
    line = Trace.objects.get(verb="people.person.read", kind="read")
    assert line.account_id == system.membership.account_id
    assert (line.role, line.origin, line.persons) == ("coordinator", "fhir", [followed.pk])


def test_what_hides_from_its_role_does_not_exist_for_a_system(system):
    hidden = PersonFactory(birth_name="Ailleurs")
    assert bearing(token_of(system)).get(f"/fhir/Patient/{hidden.pk}").status_code == 404


def test_a_partner_on_whom_nobody_ruled_sees_nobody(desk, followed):
    partner = SystemFactory(
        membership=MembershipFactory(organization=desk, role="partner", since=PAST)
    )
    answer = bearing(token_of(partner)).get(f"/fhir/Patient/{followed.pk}")
    assert answer.status_code == 404


@pytest.mark.parametrize(
    "said", ["Bearer ", "Bearer rien", "Basic YTpi", "Bearer \u00e9", "Bearer"]
)
def test_without_a_good_token_the_door_says_401_in_fhir(db, said):
    answer = Browser(headers={"Authorization": said}).get("/fhir/Patient")
    assert (answer.status_code, issue(answer)) == (401, "caller.unadmitted")
    assert answer["WWW-Authenticate"] == 'Bearer error="invalid_token"'
    alone = Browser().get("/fhir/Patient")
    assert (alone.status_code, issue(alone)) == (401, "caller.unknown")


def test_a_session_of_the_human_door_opens_nothing_here(client, followed):
    account = AccountFactory()
    client.force_login(account, backend="allauth.account.auth_backends.AuthenticationBackend")
    with CaptureQueriesContext(connection) as asked:
        answer = client.get(f"/fhir/Patient/{followed.pk}")
    assert answer.status_code == 401
    assert answer["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert not [one["sql"] for one in asked.captured_queries if "_session" in one["sql"]]


def test_a_token_that_is_over_says_so(system, followed):
    late = bearing(token_of(system))
    late.now = NOW + timedelta(minutes=6)
    answer = late.get(f"/fhir/Patient/{followed.pk}")
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == 'Bearer error="invalid_token"'


def test_a_suspended_partner_is_out_at_once(system, followed):
    machine = bearing(token_of(system))
    assert machine.get(f"/fhir/Patient/{followed.pk}").status_code == 200
    suspend(actor=actor(Role.ADMINISTRATOR), client=system, why="", now=NOW)
    assert machine.get(f"/fhir/Patient/{followed.pk}").status_code == 401


# --- no more than was given --------------------------------------------------------------------


def test_scopes_narrow_what_the_role_may_do(system, followed):
    reads = bearing(token_of(system, "system/Patient.r"))
    assert reads.get(f"/fhir/Patient/{followed.pk}").status_code == 200
    assert reads.get("/fhir/Patient").status_code == 403
    body = {"resourceType": "Patient", "name": [{"family": "X"}]}
    answer = reads.post("/fhir/Patient", body, content_type="application/fhir+json")
    assert (answer.status_code, issue(answer)) == (403, "caller.scope")
    others = bearing(token_of(system, "system/Task.rs"))
    assert others.get(f"/fhir/Patient/{followed.pk}").status_code == 403


def opened_for(client, person, scope="patient/Patient.rs launch/patient"):
    """A token of an application that was opened for one person."""
    app = AppFactory()
    code = allows(client, app, scope=scope, decided={"personne": str(person.pk)})["code"]
    return Browser().post(TOKEN, exchange(app, code)).json()["access_token"]


def test_an_application_opened_for_one_person_meets_nobody_else(client):
    """Not by reading, not by searching: the database itself shows the one person."""
    who, person = coordinator()
    client.as_(who)
    desk = Organization.objects.get(pk=who.organization_id)
    other = PersonFactory(birth_name="Grandidiet", territory=desk.territory)
    joins_circle(other, organization=desk, since=NOW.replace(month=1))
    whole = AppFactory()
    code = allows(client, whole, scope="user/Patient.rs")["code"]
    everybody = Browser().post(TOKEN, exchange(whole, code)).json()["access_token"]
    assert bearing(everybody).get(f"/fhir/Patient/{other.pk}").status_code == 200

    one = bearing(opened_for(client, person))
    assert one.get(f"/fhir/Patient/{person.pk}").status_code == 200
    assert one.get(f"/fhir/Patient/{other.pk}").status_code == 404
    found = one.get("/fhir/Patient").json()
    shown = {entry["resource"]["id"] for entry in found.get("entry", [])}
    assert shown == {str(person.pk)}


def test_what_was_allowed_to_read_one_person_ends_with_the_grant(client):
    who, person = coordinator()
    machine = bearing(opened_for(client.as_(who), person))
    grant = Grant.objects.get()
    client.post(f"/applications/{grant.pk}/retrait")
    assert machine.get(f"/fhir/Patient/{person.pk}").status_code == 401


# --- its pace ----------------------------------------------------------------------------------


def test_a_partner_that_asks_too_fast_is_told_when_to_come_back(system, followed):
    from tests.support import arranging

    with arranging():
        system.per_minute = 12  # six a process: two at once, then one in ten seconds
        system.save()
    machine = bearing(token_of(system))
    where = f"/fhir/Patient/{followed.pk}"
    assert [machine.get(where).status_code for _ in range(2)] == [200, 200]
    answer = machine.get(where)
    assert (answer.status_code, issue(answer)) == (429, "caller.too_fast")
    assert int(answer["Retry-After"]) == 10
    machine.now = NOW + timedelta(seconds=10)
    assert machine.get(where).status_code == 200


# --- its journal -------------------------------------------------------------------------------


def test_each_call_is_a_line_that_names_nobody(system, followed):
    machine = bearing(token_of(system))
    machine.get(f"/fhir/Patient/{followed.pk}?_pretty=true")
    machine.get("/fhir/Patient?family=Grandidier")
    machine.get("/fhir/Grandidier/Berthe")
    machine.get(f"/fhir/Patient/{PersonFactory().pk}")
    kept = Call.objects.order_by("pk").values_list("interaction", "resource_type", "status")
    asked = [(one[0], one[1]) for one in kept]
    assert asked[:2] == [("read", "Patient"), ("search", "Patient")]
    assert ("read", "Patient", 404) in kept
    told = str(list(Call.objects.values()))
    assert "Grandidier" not in told
    assert str(followed.pk) not in told


def test_calls_that_come_together_are_written_behind_the_answers_by_one_statement(
    system, settings, monkeypatch
):
    started = []

    class Never:
        def __init__(self, seconds, write):
            started.append(seconds)

        def start(self):
            pass

    monkeypatch.setattr(calls, "Timer", Never)
    settings.CALLS_ARE_WRITTEN_WITHIN = 1.0
    for status in (200, 404, 412):
        calls.keep_call(
            system.pk, ("GET", "/fhir/Patient/1"), status=status, milliseconds=3, at=NOW
        )
    assert started == [1.0]
    assert Call.objects.count() == 0
    monkeypatch.setattr(calls, "connection", Mock())  # the test keeps its own
    with CaptureQueriesContext(connection) as asked:
        calls.write_waiting()
    assert len([one for one in asked if "INSERT" in one["sql"]]) == 1
    assert sorted(Call.objects.values_list("status", flat=True)) == [200, 404, 412]


@pytest.mark.parametrize(
    ("method", "path", "name"),
    [
        ("GET", "/fhir/Patient/1/_history/2", ("vread", "Patient")),
        ("GET", "/fhir/Patient/1/_history", ("history", "Patient")),
        ("POST", "/fhir/Patient/_search", ("search", "Patient")),
        ("POST", "/fhir/Patient", ("create", "Patient")),
        ("POST", "/fhir", ("transaction", "")),
        ("GET", "/fhir/Patient/1/$everything", ("$everything", "Patient")),
        ("GET", "/fhir/Patient/$Dupont", ("read", "Patient")),
        ("GET", "/fhir/Dupont", ("other", "")),
        ("DELETE", "/fhir/Task/1", ("delete", "Task")),
        ("GET", "/fhir/metadata", ("capabilities", "")),
    ],
)
def test_a_call_is_named_by_what_it_is_and_not_by_what_it_says(method, path, name):
    assert named(method, path) == name


def test_the_contact_of_a_partner_sees_its_calls_and_its_errors(client, system, followed):
    contact = AccountFactory()
    machine = bearing(token_of(system))
    machine.get(f"/fhir/Patient/{followed.pk}")
    suspend(actor=actor(Role.ADMINISTRATOR), client=system, why="", now=NOW)
    machine.get(f"/fhir/Patient/{followed.pk}")
    where = f"/applications/{system.pk}/appels"
    client.as_(actor(Role.COORDINATOR, account_id=contact.pk))
    assert client.get(where).status_code == 404
    from tests.support import arranging

    with arranging():
        system.refresh_from_db()
        system.contact = contact
        system.save()
    page = client.get(where).content.decode()
    assert page.count("<td>read</td>") == 2
    errors = client.get(f"{where}?erreurs").content.decode()
    assert errors.count("<td>read</td>") == 1
    assert "401" in errors


def test_however_many_are_unknown_no_client_is_forgotten_and_the_oldest_goes_first(monkeypatch):
    monkeypatch.setattr(flow, "KEPT", 3)
    client = uuid4()
    waits = [flow.seconds_to_wait(client, 3, NOW) for _ in range(2)]
    for number in (1, 2, 1, 3, 4):
        flow.seconds_to_wait(("unknown", number), 3, NOW)
    again = [flow.seconds_to_wait(("unknown", number), 3, NOW) > 0 for number in (1, 2)]
    assert (waits[0], again) == (0, [True, False])
    assert flow.seconds_to_wait(client, 3, NOW) > 0
