"""An application opens beside a person, from her page: once, for who opened it, soon."""

import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from cordee.access.actor import Purpose, Role
from cordee.partners.launching import Launch, Unopened, address_of, opened, sealed
from cordee.partners.models import Client, Grant
from cordee.partners.selectors import holder_of
from tests.factories.directory import AccountFactory, MembershipFactory, OrganizationFactory
from tests.factories.partners import PAST, AppFactory, BesideAppFactory, SystemFactory
from tests.factories.people import PersonFactory, joins_circle
from tests.partners.dance import TOKEN, allows, back, exchange, opening
from tests.support import NOW, Browser, actor, simultaneously, traces

pytestmark = pytest.mark.django_db
ASKED = {"scope": "launch openid fhirUser patient/Patient.r"}


@pytest.fixture
def app(db):
    return BesideAppFactory(name="Carnet de poche", publisher="Atelier du Drac")


def page_of(client):
    return client.get(f"/personnes/{client.person.pk}/").content.decode()


def opens(client, app, person=None):
    """Open an application from the page of a person. Gives what its address says."""
    pk = (person or client.person).pk
    answer = client.post(f"/personnes/{pk}/applications/{app.pk}")
    assert answer.status_code == 200, answer.content.decode()[:2_000]
    address = answer["Refresh"].removeprefix("0; url=")
    assert address in answer.content.decode().replace("&amp;", "&")
    return {name: one[0] for name, one in parse_qs(urlsplit(address).query).items()}


def given(client, app, **changed):
    """The whole dance, to the token."""
    told = allows(client, app, **(ASKED | changed))
    return Browser().post(TOKEN, exchange(app, told["code"])).json()


# --- from the page ------------------------------------------------------------------------------


def test_the_page_of_a_person_offers_what_opens_beside_her_for_this_role(client, app, ines):
    BesideAppFactory(name="Pour l’hôpital", launch_roles=["hospital"])
    BesideAppFactory(name="Suspendue", suspended_at=NOW)
    AppFactory(name="Sans adresse")
    page = page_of(client)
    assert "Ouvrir dans Carnet de poche" in page
    for other in ("Pour l’hôpital", "Suspendue", "Sans adresse"):
        assert f"Ouvrir dans {other}" not in page


def test_a_page_beside_which_nothing_opens_says_nothing_of_applications(client, ines):
    assert 'id="applications"' not in page_of(client)


def test_who_opens_is_sent_with_a_word_that_says_nothing_and_it_is_traced(client, app, ines):
    told = opens(client, app)
    assert (told["iss"], told["vue"]) == ("http://127.0.0.1:8000/fhir", "visites")
    assert not re.search(r"[0-9a-f]{8}-", told["launch"])
    (line,) = [one for one in traces("act") if one["verb"] == "partners.open_beside"]
    assert line["persons"] == [client.person.pk]
    assert opens(client, app)["launch"] != told["launch"]


@pytest.mark.parametrize("changed", [{"launch_roles": ["hospital"]}, {"suspended_at": NOW}])
def test_what_is_not_offered_does_not_open(client, ines, changed):
    app = BesideAppFactory(**changed)
    assert client.post(f"/personnes/{client.person.pk}/applications/{app.pk}").status_code == 404


def test_nothing_opens_beside_somebody_whom_one_may_not_know(client, app, ines):
    hidden = PersonFactory()
    assert client.post(f"/personnes/{hidden.pk}/applications/{app.pk}").status_code == 404


def test_nothing_opens_for_a_role_that_ended_while_the_page_was_open(
    client, app, ines, monkeypatch
):
    monkeypatch.setattr("cordee.partners.selectors.hat_worn", lambda actor, now: None)
    answer = client.post(f"/personnes/{client.person.pk}/applications/{app.pk}")
    assert answer.status_code == 403


def test_emergency_access_opens_nothing_beside_anybody(client, app, ines):
    from dataclasses import replace

    client.as_(replace(ines, purpose=Purpose.EMERGENCY))
    address = f"/personnes/{client.person.pk}/applications/{app.pk}"
    assert client.post(address).status_code in (403, 404)


# --- consent, and the token ---------------------------------------------------------------------


def test_the_page_of_consent_names_the_person_and_asks_for_nobody_else(client, app, ines):
    launch = opens(client, app)["launch"]
    page = client.get(opening(app, launch=launch, **ASKED)).content.decode()
    assert f"<strong>{client.person.full_name}</strong>" in page
    assert "Pour quelle personne" not in page


def test_the_page_of_consent_promises_nobody_else_only_when_it_is_so(client, app, ines):
    one = client.get(opening(app, launch=opens(client, app)["launch"], **ASKED)).content.decode()
    assert "et pour personne d’autre" in one
    assert "L’identité de la personne" in one
    assert "personnes" not in one.partition('id="portees"')[2].partition("</section>")[0]
    wide = {"scope": "launch user/Patient.rs", "launch": opens(client, app)["launch"]}
    everybody = client.get(opening(app, **wide)).content.decode()
    assert "et pour personne d’autre" not in everybody
    assert "L’identité des personnes accompagnées" in everybody
    assert "pourra aussi lire celles que vous suivez" in everybody


def test_the_token_tells_whom_it_was_opened_beside_and_who_opened(client, ines):
    app = BesideAppFactory(launch_intent="relire-visites")
    said = given(client, app, launch=opens(client, app)["launch"])
    assert said["patient"] == str(client.person.pk)
    assert (said["need_patient_banner"], said["intent"]) == (True, "relire-visites")
    assert "launch" in said["scope"].split()
    holder = holder_of(said["access_token"], NOW)
    assert holder.patient_id == client.person.pk
    shown = KeySet.import_key_set(client.get("/fhir/oauth/jwks").json())
    claims = jwt.decode(said["id_token"], shown, algorithms=["RS256"]).claims
    assert claims["sub"] == str(ines.account_id)


def test_an_application_written_for_other_servers_is_given_what_is_understood(client, app, ines):
    asked = "launch openid profile fhirUser user/Patient.rs patient/*.rs patient/*.read"
    said = given(client, app, launch=opens(client, app)["launch"], scope=asked)
    words = said["scope"].split()
    assert sorted(words) == ["launch", "openid", "patient/*.rs"]  # she is no resource of ours
    assert holder_of(said["access_token"], NOW).patient_id == client.person.pk


def test_whatever_person_is_posted_the_launch_says_whom_it_is_about(client, app, ines):
    other = PersonFactory()
    launch = opens(client, app)["launch"]
    said = given(client, app, launch=launch, decided={"personne": str(other.pk)})
    assert said["patient"] == str(client.person.pk)


def test_an_application_that_opens_by_itself_is_given_no_launch(client, app, ines):
    told = allows(client, app, scope="launch user/Patient.rs")
    said = Browser().post(TOKEN, exchange(app, told["code"])).json()
    assert said["scope"] == "user/Patient.rs"
    assert "patient" not in said


def test_a_launch_serves_once(client, app, ines):
    launch = opens(client, app)["launch"]
    given(client, app, launch=launch)
    told = back(client.get(opening(app, launch=launch, **ASKED)))
    assert told["error"] == "invalid_request"
    assert Grant.objects.count() == 1


def test_a_launch_of_a_page_left_open_is_too_old(client, app, ines):
    launch = opens(client, app)["launch"]
    client.now = NOW + timedelta(minutes=6)
    told = back(client.get(opening(app, launch=launch, **ASKED)))
    assert told["error"] == "invalid_request"


def test_a_launch_opens_no_other_application(client, app, ines):
    other = BesideAppFactory()
    told = back(client.get(opening(other, launch=opens(client, app)["launch"], **ASKED)))
    assert told["error"] == "invalid_request"


def test_a_launch_is_of_who_opened_it(client, app, ines):
    launch = opens(client, app)["launch"]
    desk = OrganizationFactory(kind="dac")
    thief = AccountFactory()
    MembershipFactory(account=thief, organization=desk, role="coordinator", since=PAST)
    joins_circle(client.person, organization=desk, since=NOW.replace(month=1))
    client.as_(actor(Role.COORDINATOR, desk, account_id=thief.pk))
    told = back(client.get(opening(app, launch=launch, **ASKED)))
    assert told["error"] == "invalid_request"
    assert not Grant.objects.exists()


def test_a_launch_is_of_the_role_in_which_it_was_opened(client, app, ines):
    launch = opens(client, app)["launch"]
    desk = OrganizationFactory(kind="dac")
    MembershipFactory(account_id=ines.account_id, organization=desk, role="coordinator", since=PAST)
    joins_circle(client.person, organization=desk, since=NOW.replace(month=1))
    client.as_(actor(Role.COORDINATOR, desk, account_id=ines.account_id))
    answer = client.post(opening(app, launch=launch, **ASKED), {"decision": "autoriser"})
    assert answer.status_code == 403
    assert not Grant.objects.exists()


def test_who_may_no_longer_know_the_person_allows_nothing_about_her(client, app, ines):
    launch = opens(client, app)["launch"]
    word = opened(launch, NOW)
    hidden = PersonFactory()
    elsewhere = sealed(Launch(word.client_id, word.account_id, word.hat, hidden.pk), NOW)
    answer = client.post(opening(app, launch=elsewhere, **ASKED), {"decision": "autoriser"})
    assert answer.status_code == 404
    assert not Grant.objects.exists()


@pytest.mark.parametrize("word", ["", "é", "gAAAAA", "a" * 3_000])
def test_a_word_that_is_not_ours_opens_nothing(word):
    with pytest.raises(Unopened):
        opened(word, NOW)


def test_what_the_address_of_an_application_had_stays():
    assert address_of("https://a.fr/x", "i", "w") == "https://a.fr/x?iss=i&launch=w"
    assert address_of("https://a.fr/x?b=c", "i", "w") == "https://a.fr/x?b=c&iss=i&launch=w"


@pytest.mark.django_db(transaction=True)
def test_a_launch_allowed_twice_at_once_is_allowed_once(client, app, ines):
    launch = opens(client, app)["launch"]

    def allow():
        return (
            Browser()
            .as_(ines)
            .post(opening(app, launch=launch, **ASKED), {"decision": "autoriser"})
        )

    simultaneously(allow, allow, allow)
    assert Grant.objects.count() == 1


# --- administration -----------------------------------------------------------------------------

TYPED = {"url": "https://a.exemple.fr/ouvrir", "roles": ["coordinator", "hospital"], "intent": "x"}


@pytest.fixture
def admin(client):
    return client.as_(actor(Role.ADMINISTRATOR, account_id=AccountFactory().pk))


def test_administration_says_where_an_application_opens_and_for_whom(admin):
    app = AppFactory()
    address = f"/administration/applications/{app.pk}/"
    assert "Ouvrir depuis la page" in admin.get(address).content.decode()
    assert admin.post(f"{address}ouverture", TYPED).status_code == 302
    app.refresh_from_db()
    kept = (app.launch_url, app.launch_roles, app.launch_intent)
    assert kept == (TYPED["url"], TYPED["roles"], "x")
    assert admin.post(f"{address}ouverture", {"url": "", "roles": ["hospital"]}).status_code == 302
    app.refresh_from_db()
    assert (app.launch_url, app.launch_roles, app.launch_intent) == ("", [], "")


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"url": "http://a.exemple.fr/"}, "https://"),
        ({"url": "javascript:alert(1)"}, "valide"),
        ({"roles": []}, "au moins un rôle"),
        ({"roles": ["administrator"]}, "choix valide"),
    ],
)
def test_an_opening_that_cannot_be_is_said_beside_its_field(admin, changed, words):
    app = AppFactory()
    answer = admin.post(f"/administration/applications/{app.pk}/ouverture", TYPED | changed)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    app.refresh_from_db()
    assert app.launch_url == ""


def test_an_application_that_cannot_be_told_of_whom_it_is_opened_beside_does_not_open(admin):
    app = AppFactory(scopes="user/Patient.rs")
    answer = admin.post(f"/administration/applications/{app.pk}/ouverture", TYPED)
    assert (answer.status_code, "portée" in answer.content.decode()) == (422, True)


def test_a_system_opens_beside_nobody(admin):
    system = SystemFactory()
    address = f"/administration/applications/{system.pk}/"
    assert "Ouvrir depuis la page" not in admin.get(address).content.decode()
    assert admin.post(f"{address}ouverture", TYPED).status_code == 422
    assert Client.objects.get().launch_url == ""
