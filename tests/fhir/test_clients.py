"""Two public libraries of others drive the door, each as its authors meant it, over a real socket.

Python: `fhirclient`, of those who wrote SMART: it finds its way by the CapabilityStatement, is
launched from the page of a person, and refuses any resource that is not of R4. JavaScript:
`fhir-kit-client` with `oauth4webapi` (`peers/client.mjs`), a system that comes in by its own proof.
"""

import json
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from fhirclient.client import FHIRClient
from fhirclient.models.bundle import Bundle
from fhirclient.models.fhirelementfactory import FHIRElementFactory
from fhirclient.models.operationoutcome import OperationOutcome
from fhirclient.models.patient import Patient
from fhirclient.models.relatedperson import RelatedPerson
from fhirclient.server import FHIRNotFoundException, FHIRUnauthorizedException

from cordee.partners import flow
from host.frontend import install
from tests.factories.directory import MembershipFactory
from tests.factories.partners import BACK, PAST, BesideAppFactory, SystemFactory, key
from tests.factories.people import PersonFactory, joins_circle
from tests.partners.dance import coordinator
from tests.support import Browser

HERE = Path(__file__).parent
PEERS = HERE / "peers"


@pytest.fixture
def door(live_server, settings):
    """The house on loopback, which knows its own address."""
    settings.CORDEE = replace(settings.CORDEE, public_url=live_server.url)
    flow.forget()
    return f"{live_server.url}/fhir"


def relative(name, person):
    """Somebody close, as a partner writes them."""
    said = {"resourceType": "RelatedPerson", "name": [{"text": name}]}
    said |= {"relationship": [{"text": "voisine"}]}
    return said | {"patient": {"reference": f"Patient/{person.pk}"}}


# --- Python -------------------------------------------------------------------------------------


def launched(door, scope):
    """From the page of somebody to an application that holds a token. Gives it, and her."""
    who, person = coordinator()
    app = BesideAppFactory(scopes=f"launch {scope}")
    browser = Browser().as_(who)
    browser.now = None  # that of the machine, as on the other side
    opened = browser.post(f"/personnes/{person.pk}/applications/{app.pk}")
    (launch,) = parse_qs(urlsplit(opened["Refresh"]).query)["launch"]
    wanted = {"app_id": str(app.pk), "api_base": door, "redirect_uri": BACK, "scope": scope}
    smart = FHIRClient(settings=wanted | {"launch_token": launch})
    smart.prepare()
    asks = smart.authorize_url.partition(door.removesuffix("/fhir"))[2]
    assert "Pour <strong>" in browser.get(asks).content.decode()
    smart.handle_callback(browser.post(asks, {"decision": "autoriser"})["Location"])
    return smart, person


@pytest.mark.machine_clock
@pytest.mark.django_db(transaction=True)
def test_the_client_of_those_who_wrote_smart_is_launched_and_does_all_that_it_knows(door):
    smart, person = launched(door, "openid fhirUser offline_access patient/*.cruds")
    server = smart.server
    with closing(server.session):
        assert smart.launch_context["need_patient_banner"] is True
        assert smart.patient.id == str(person.pk)
        names = ["Odile Nguyen", "Rose Blanc", "Jean Blanc"]
        made = [RelatedPerson(relative(one, person)).create(server) for one in names]

        assert smart.reauthorize()  # one token later
        asked = RelatedPerson.where({"patient": str(person.pk), "_count": "2"})
        found = [one.name[0].text for one in asked.perform_resources_iter(server)]
        assert sorted(found) == sorted(names)

        held = RelatedPerson.read(made[0]["id"], server)
        held.name[0].text = "Odile Nguyen-Roux"
        server.session.headers["If-Match"] = f'W/"{held.meta.versionId}"'
        assert held.update()["name"] == [{"text": "Odile Nguyen-Roux"}]
        with pytest.raises(requests.HTTPError) as lost:
            held.update()
        assert lost.value.response.status_code == 412
        assert OperationOutcome(lost.value.response.json()).issue[0].severity == "error"
        del server.session.headers["If-Match"]

        entries = [
            {
                "request": {"method": "POST", "url": "RelatedPerson"},
                "resource": relative(one, person),
            }
            for one in ("Paul Roux", "Anne Roux")
        ]
        both = Bundle({"resourceType": "Bundle", "type": "transaction", "entry": entries})
        answer = Bundle(server.post_json("", both.as_json()).json())
        assert [one.response.status[:3] for one in answer.entry] == ["201", "201"]

        held.delete()
        with pytest.raises(requests.HTTPError) as gone:
            RelatedPerson.read(held.id, server)
        assert gone.value.response.status_code == 410


@pytest.mark.machine_clock
@pytest.mark.django_db(transaction=True)
def test_launched_beside_one_person_that_client_is_told_of_nobody_else(door):
    smart, person = launched(door, "patient/Patient.rs")
    other = PersonFactory()
    with closing(smart.server.session):
        with pytest.raises(FHIRNotFoundException):
            Patient.read(str(other.pk), smart.server)
        everybody = Patient.where({}).perform_resources_iter(smart.server)
        assert [one.id for one in everybody] == [str(person.pk)]
        smart.server.auth.access_token = "another"
        with pytest.raises(FHIRUnauthorizedException):
            Patient.read(str(person.pk), smart.server)


@pytest.mark.parametrize("golden", sorted(HERE.glob("golden/*.json")), ids=lambda one: one.stem)
def test_each_type_that_is_read_here_is_one_that_client_reads(golden):
    text = golden.read_text("utf-8").replace("{moment}", "2026-11-23T18:25:00Z")
    kind = golden.stem.partition("-")[0]
    assert FHIRElementFactory.instantiate(kind, json.loads(text)).resource_type == kind


# --- JavaScript ---------------------------------------------------------------------------------


@pytest.mark.machine_clock
@pytest.mark.django_db(transaction=True)
def test_a_system_made_of_public_libraries_comes_in_and_does_all_that_they_know(door):
    install(PEERS)
    person = PersonFactory()
    membership = MembershipFactory(role="coordinator", since=PAST)
    joins_circle(person, organization=membership.organization)
    system = SystemFactory(membership=membership)
    told = {"base": door, "client_id": str(system.pk), "patient": str(person.pk)}
    told["key"] = key().as_dict(private=True) | {"kid": key().kid}
    run = subprocess.run(
        [Path(sys.prefix) / "bin" / "node", "client.mjs"],
        cwd=PEERS,
        input=json.dumps(told),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert run.returncode == 0, run.stderr
    said = json.loads(run.stdout)
    assert said == {
        "unknown": [401, "caller.unknown"],
        "expires_in": 300,
        "patient": str(person.pk),
        "updated": "Odile Nguyen-Roux",
        "loser": [412, "version.replaced"],
        "patched": "Odile Roux",
        "versions": 3,
        "transaction": ["201", "201"],
        "pages": [["match", "match", "include"], ["match", "include"]],
        "gone": [410, "read.gone"],
        "absent": [404, "read.absent"],
        "misshapen": [422, "shape.unknown_element"],
        "strict": [400, "search.unknown"],
    }
