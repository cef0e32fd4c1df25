"""An application acts in the name of who allowed it: no more than them, no longer than said."""

from datetime import timedelta

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from cordee.access.actor import Origin, Purpose, Role
from cordee.access.models import Account
from cordee.partners.models import Client, Grant, Token
from cordee.partners.selectors import Unadmitted, holder_of
from tests.factories.partners import BACK, AppFactory, ServerAppFactory, SystemFactory, proof
from tests.factories.people import PersonAccountFactory, PersonFactory, RelativeFactory
from tests.partners.dance import (
    TOKEN,
    VERIFIER,
    allows,
    back,
    challenge,
    coordinator,
    exchange,
    herself,
    opening,
    renewal,
)
from tests.support import NOW, Browser, actor, arranging, simultaneously

pytestmark = pytest.mark.django_db


@pytest.fixture
def app(db):
    return AppFactory(name="Carnet de poche", publisher="Atelier du Drac")


def given(client, app, **changed):
    """The whole dance, to the token."""
    told = allows(client, app, **changed)
    answer = Browser().post(TOKEN, exchange(app, told["code"]))
    assert answer.status_code == 200, answer.content
    return answer.json()


# --- the page ----------------------------------------------------------------------------------


def test_the_page_says_who_asks_what_in_whose_name_and_until_when(client, app, ines):
    page = client.get(opening(app))
    said = page.content.decode()
    assert page.status_code == 200
    for words in (
        "Carnet de poche demande à agir en votre nom",
        "Atelier du Drac",
        "Coordination de parcours",
        "L’identité des personnes accompagnées",
        "Lire, chercher",
        "Elle continuera en votre absence",
        "application.exemple.fr",
    ):
        assert words.casefold() in said.casefold(), words
    assert "Elle pourra modifier" not in said
    assert "form-action 'self' https://application.exemple.fr" in page["Content-Security-Policy"]
    assert not Grant.objects.exists()


def test_the_page_says_in_plain_french_which_part_an_application_would_read(client, app, ines):
    survey = "http://terminology.hl7.org/CodeSystem/observation-category|survey"
    scope = (
        f"user/Observation.rs?category={survey}&date=ge2026-11-01 user/Task.r?status:not=completed"
    )
    said = client.get(opening(app, scope=scope)).content.decode().replace("\u00a0", " ")
    for words in (
        "Lire, chercher, seulement si la catégorie est « questionnaire »",
        "et si la date est à partir de « 01/11/2026 »",
        "Lire, seulement si l’état n’est pas « terminé »",
    ):
        assert words in said, words
    told = given(client, app, scope=scope)
    assert told["scope"] == scope


def test_who_is_not_signed_in_signs_in_first_and_comes_back(client, app):
    answer = client.get(opening(app))
    assert answer.status_code == 302
    assert answer["Location"].startswith("/compte/login/?next=%2Fapplications%2Fautoriser")


def test_a_no_goes_back_to_the_application_and_gives_nothing(client, app, ines):
    told = back(client.post(opening(app), {"decision": "refuser"}))
    assert (told["error"], told["state"]) == ("access_denied", "etat-7")
    assert not Grant.objects.exists()


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.DPO])
def test_neither_administration_nor_audit_goes_through_an_application(client, app, role):
    account = Account.objects.create(email="a@exemple.fr", name="A")
    client.as_(actor(role, account_id=account.pk))
    assert client.post(opening(app), {"decision": "autoriser"}).status_code == 403
    assert not Grant.objects.exists()


def test_emergency_access_lets_no_application_in(client, app, ines):
    from dataclasses import replace

    client.as_(replace(ines, purpose=Purpose.EMERGENCY))
    assert client.post(opening(app), {"decision": "autoriser"}).status_code == 403


# --- the dance ---------------------------------------------------------------------------------


def test_a_yes_gives_a_code_then_the_same_actor_as_the_page(client, app, ines):
    told = allows(client, app)
    assert told["state"] == "etat-7"
    said = Browser().post(TOKEN, exchange(app, told["code"])).json()
    assert (said["expires_in"], said["scope"]) == (600, "offline_access user/Patient.rs")
    holder = holder_of(said["access_token"], NOW)
    for trait in ("role", "account_id", "organization_id", "organizations", "territories"):
        assert getattr(holder.actor, trait) == getattr(ines, trait), trait
    assert holder.actor.origin is Origin.FHIR
    assert holder.actor.purpose is Purpose.COORDINATION
    assert holder.patient_id is None


def test_an_application_on_a_server_proves_itself_by_its_key(client, ines):
    app = ServerAppFactory()
    code = allows(client, app)["code"]
    said = exchange(app, code)
    assert Browser().post(TOKEN, said).json()["error"] == "invalid_client"
    assertion = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    said |= {"client_assertion_type": assertion, "client_assertion": proof(app)}
    assert Browser().post(TOKEN, said).status_code == 200


def test_without_asking_to_stay_nothing_renews_it(client, app, ines):
    assert "refresh_token" not in given(client, app, scope="user/Patient.rs")


def test_who_is_in_front_of_the_screen_is_said_by_a_signed_word(client, app, ines):
    said = given(client, app, scope="openid user/Patient.rs", nonce="mot-7")
    shown = KeySet.import_key_set(client.get("/fhir/oauth/jwks").json())
    token = jwt.decode(said["id_token"], shown, algorithms=["RS256"])
    at = int(NOW.timestamp())
    claims = token.claims
    assert claims["iss"] == "http://127.0.0.1:8000/fhir"
    assert (claims["aud"], claims["sub"]) == (str(app.pk), str(ines.account_id))
    assert (claims["nonce"], claims["iat"], claims["exp"]) == ("mot-7", at, at + 300)
    assert "at_hash" in claims
    assert "d" not in client.get("/fhir/oauth/jwks").json()["keys"][0]


def test_a_person_is_told_as_the_patient_that_she_is(client, app):
    who, person = herself()
    client.as_(who)
    said = given(client, app, scope="openid fhirUser patient/Patient.r launch/patient")
    assert said["patient"] == str(person.pk)
    shown = KeySet.import_key_set(client.get("/fhir/oauth/jwks").json())
    claims = jwt.decode(said["id_token"], shown, algorithms=["RS256"]).claims
    assert claims["fhirUser"] == f"http://127.0.0.1:8000/fhir/Patient/{person.pk}"
    holder = holder_of(said["access_token"], NOW)
    assert (holder.patient_id, holder.actor.role) == (person.pk, Role.PERSON)


def test_a_relative_is_told_as_the_relative_that_they_are(client, app):
    relative = RelativeFactory(is_representative=True)
    space = PersonAccountFactory(
        person=relative.person, relative=relative, since=NOW.replace(month=1)
    )
    client.as_(
        actor(
            Role.RELATIVE,
            account_id=space.account_id,
            person_ids=frozenset({space.person_id}),
        )
    )
    said = given(client, app, scope="openid fhirUser patient/Patient.r")
    address = f"http://127.0.0.1:8000/fhir/RelatedPerson/{relative.pk}"
    assert said["fhirUser"] == address


# --- about one person --------------------------------------------------------------------------

ONE = {"scope": "patient/Observation.rs launch/patient"}


def test_a_professional_says_for_whom_by_a_search_that_stands_in_no_address(client, app, ines):
    assert "Pour quelle personne" in client.get(opening(app, **ONE)).content.decode()
    found = client.post(opening(app, **ONE), {"qui": "Grandidier", "decision": "chercher"})
    assert str(client.person.pk) in found.content.decode()
    chosen = {"personne": str(client.person.pk)}
    said = given(client, app, decided=chosen, **ONE)
    assert said["patient"] == str(client.person.pk)
    assert holder_of(said["access_token"], NOW).patient_id == client.person.pk


def test_nobody_chosen_gives_nothing(client, app, ines):
    answer = client.post(opening(app, **ONE), {"decision": "autoriser"})
    assert answer.status_code == 422
    assert "Choisissez d’abord une personne" in answer.content.decode()
    assert not Grant.objects.exists()


def test_somebody_whom_one_may_not_know_cannot_be_chosen(client, app, ines):
    hidden = PersonFactory(birth_name="Ailleurs")
    said = {"personne": str(hidden.pk), "decision": "autoriser"}
    assert client.post(opening(app, **ONE), said).status_code == 404
    assert not Grant.objects.exists()


def test_a_person_can_name_nobody_else(client, app):
    who, person = herself()
    client.as_(who)
    other = PersonFactory()
    said = given(client, app, decided={"personne": str(other.pk)}, **ONE)
    assert said["patient"] == str(person.pk)


def test_one_person_and_everybody_are_not_asked_together(client, app, ines):
    answer = client.get(opening(app, scope="patient/Patient.r user/Task.r"))
    assert back(answer)["error"] == "invalid_scope"


# --- attacks on the page -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"redirect_uri": "https://voleur.exemple.fr/retour"}, id="elsewhere"),
        pytest.param({"redirect_uri": BACK + "/"}, id="almost there"),
        pytest.param({"redirect_uri": BACK + "?a=b"}, id="with more in it"),
        pytest.param({"redirect_uri": BACK.upper()}, id="in capitals"),
        pytest.param({"redirect_uri": None}, id="nowhere"),
        pytest.param({"client_id": "rien"}, id="by nobody"),
        pytest.param({"client_id": None}, id="without a name"),
    ],
)
def test_nobody_is_sent_where_the_application_never_said(client, app, ines, changed):
    for answer in (
        client.get(opening(app, **changed)),
        client.post(opening(app, **changed), {"decision": "autoriser"}),
    ):
        assert answer.status_code == 400
        assert "Rien n’a été autorisé" in answer.content.decode()
    assert not Grant.objects.exists()


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"code_challenge_method": "plain", "code_challenge": VERIFIER}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
        ({"code_challenge": "court"}, "invalid_request"),
        ({"state": None}, "invalid_request"),
        ({"aud": None}, "invalid_request"),
        ({"aud": "https://ailleurs.exemple.fr/fhir"}, "invalid_request"),
        ({"scope": "system/Patient.rs"}, "invalid_scope"),
        ({"scope": "user/Consent.c"}, "invalid_scope"),
        ({"scope": None}, "invalid_scope"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"prompt": "none"}, "consent_required"),
    ],
)
def test_what_weakens_the_dance_goes_back_as_an_error(client, app, ines, changed, error):
    for answer in (
        client.get(opening(app, **changed)),
        client.post(opening(app, **changed), {"decision": "autoriser"}),
    ):
        assert back(answer)["error"] == error
    assert not Grant.objects.exists()


def test_a_parameter_said_twice_is_not_said(client, app, ines):
    answer = client.get(opening(app) + "&scope=user/Task.r")
    assert answer.status_code in (302, 400)
    assert "demande à agir" not in answer.content.decode()


def test_a_system_opens_no_page(client, ines):
    system = SystemFactory()
    assert client.get(opening(system)).status_code == 400


def test_a_suspended_application_opens_no_page(client, app, ines):
    with arranging():
        Client.objects.filter(pk=app.pk).update(suspended_at=NOW)
    assert client.get(opening(app)).status_code == 400


def test_another_site_cannot_say_yes_for_somebody(app):
    who, _ = coordinator()
    strict = Browser(enforce_csrf_checks=True).as_(who)
    assert strict.post(opening(app), {"decision": "autoriser"}).status_code == 403
    assert not Grant.objects.exists()


# --- attacks on the code -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"code_verifier": "b" * 43}, id="by who overheard it"),
        pytest.param({"code_verifier": None}, id="without the word"),
        pytest.param({"code_verifier": challenge()}, id="by what was shown"),
        pytest.param({"redirect_uri": "https://voleur.exemple.fr/"}, id="from elsewhere"),
        pytest.param({"redirect_uri": None}, id="from nowhere"),
        pytest.param({"code": "un-autre-code"}, id="another code"),
    ],
)
def test_a_code_that_was_stolen_opens_nothing(client, app, ines, changed):
    said = exchange(app, allows(client, app)["code"]) | changed
    said = {name: value for name, value in said.items() if value is not None}
    answer = Browser().post(TOKEN, said)
    assert answer.status_code == 400
    assert answer.json()["error"] in ("invalid_grant", "invalid_request")
    assert not Token.objects.exists()


def test_the_code_of_one_application_is_worth_nothing_to_another(client, app, ines):
    code = allows(client, app)["code"]
    other = AppFactory()
    assert Browser().post(TOKEN, exchange(other, code)).json()["error"] == "invalid_grant"
    assert Browser().post(TOKEN, exchange(app, code)).status_code == 200


def test_a_code_is_good_for_a_minute(client, app, ines):
    said, late = exchange(app, allows(client, app)["code"]), Browser()
    late.now = NOW + timedelta(seconds=61)
    assert late.post(TOKEN, said).json()["error"] == "invalid_grant"


def test_a_code_that_comes_twice_ends_what_it_gave(client, app, ines):
    code = allows(client, app)["code"]
    first = Browser().post(TOKEN, exchange(app, code)).json()
    assert holder_of(first["access_token"], NOW)
    assert Browser().post(TOKEN, exchange(app, code)).json()["error"] == "invalid_grant"
    with pytest.raises(Unadmitted):
        holder_of(first["access_token"], NOW)
    assert Grant.objects.get().ended_why == Grant.Why.REPLAYED


@pytest.mark.django_db(transaction=True)
def test_a_code_exchanged_ten_times_at_once_gives_one_token_at_most(client):
    app = AppFactory()
    who, _ = coordinator()
    code = allows(client.as_(who), app)["code"]
    answers = simultaneously(*[lambda: Browser().post(TOKEN, exchange(app, code)).status_code] * 10)
    assert sorted(answers) == [200, *[400] * 9]
    assert Token.objects.filter(kind="access").count() == 1
    assert Grant.objects.get().ended_at is not None  # somebody else holds the code too


# --- renewal -----------------------------------------------------------------------------------


def renewed(app, token, **changed):
    """What comes of a refresh token."""
    return Browser().post(TOKEN, renewal(app, token, **changed))


def test_a_refresh_token_is_exchanged_for_the_next_one(client, app, ines):
    said = given(client, app)
    after = renewed(app, said["refresh_token"]).json()
    assert after["refresh_token"] != said["refresh_token"]
    assert holder_of(after["access_token"], NOW).actor.account_id == ines.account_id


def test_a_refresh_token_that_comes_back_ends_its_whole_family(client, app, ines):
    said = given(client, app)
    after = renewed(app, said["refresh_token"]).json()
    assert renewed(app, said["refresh_token"]).json()["error"] == "invalid_grant"
    for one in (said, after):
        with pytest.raises(Unadmitted):
            holder_of(one["access_token"], NOW)
    assert renewed(app, after["refresh_token"]).json()["error"] == "invalid_grant"


def test_a_renewal_narrows_and_never_widens(client, app, ines):
    said = given(client, app, scope="offline_access user/Patient.rs user/Task.r")
    answer = renewed(app, said["refresh_token"], scope="user/Patient.r")
    assert answer.json()["scope"] == "user/Patient.r"
    # What was allowed stays: the next one is worth it all (RFC 6749, 6).
    again = renewed(app, answer.json()["refresh_token"])
    assert again.json()["scope"] == said["scope"]
    assert Grant.objects.get().ended_at is None
    said = given(client, app, scope="offline_access user/Patient.r")
    answer = renewed(app, said["refresh_token"], scope="user/Patient.rs")
    assert answer.json()["error"] == "invalid_scope"


def test_an_application_that_may_go_on_no_more_is_given_nothing_to_renew_with(client, app, ines):
    said = given(client, app, scope="offline_access user/Patient.rs")
    app.scopes = "user/*.rs"
    with arranging():
        app.save()
    answer = renewed(app, said["refresh_token"]).json()
    assert answer["scope"] == "user/Patient.rs"
    assert "refresh_token" not in answer


def test_the_refresh_token_of_one_application_is_worth_nothing_to_another(client, app, ines):
    said = given(client, app)
    assert renewed(AppFactory(), said["refresh_token"]).json()["error"] == "invalid_grant"


def test_a_refresh_token_opens_no_door_by_itself(client, app, ines):
    with pytest.raises(Unadmitted):
        holder_of(given(client, app)["refresh_token"], NOW)


def test_what_was_allowed_for_thirty_days_ends_then(client, app, ines):
    said, late = given(client, app), Browser()
    late.now = NOW + timedelta(days=30, seconds=1)
    answer = late.post(TOKEN, renewal(app, said["refresh_token"]))
    assert answer.json()["error"] == "invalid_grant"


# --- it stops at once --------------------------------------------------------------------------


def out(app, said):
    """Neither what opens nor what renews is worth anything."""
    with pytest.raises(Unadmitted):
        holder_of(said["access_token"], NOW)
    assert renewed(app, said["refresh_token"]).status_code == 400


def test_one_sees_what_one_allowed_and_takes_it_back(client, app, ines):
    said = given(client, app)
    shown = client.get("/applications/").content.decode()
    assert "Carnet de poche" in shown
    grant = Grant.objects.get()
    assert client.post(f"/applications/{grant.pk}/retrait").status_code == 302
    out(app, said)
    assert "Aucune application n’agit en votre nom" in client.get("/applications/").content.decode()


def test_nobody_takes_back_nor_sees_what_somebody_else_allowed(client, app, ines):
    given(client, app)
    grant = Grant.objects.get()
    other, _ = coordinator()
    client.as_(other)
    assert "Carnet de poche" not in client.get("/applications/").content.decode()
    assert client.post(f"/applications/{grant.pk}/retrait").status_code == 404


def test_a_role_that_ended_takes_its_applications_with_it(client, app, ines):
    said = given(client, app)
    from cordee.directory.models import Membership

    with arranging():
        yesterday = (NOW - timedelta(days=1)).date()
        Membership.objects.filter(account=ines.account_id).update(until=yesterday)
    out(app, said)


def test_a_closed_account_takes_its_applications_with_it(client, app, ines):
    said = given(client, app)
    Account.objects.filter(pk=ines.account_id).update(is_active=False)
    out(app, said)


def test_a_suspended_application_is_out_at_once(client, app, ines):
    said = given(client, app)
    with arranging():
        Client.objects.filter(pk=app.pk).update(suspended_at=NOW)
    out(app, said)


def test_giving_back_what_renews_ends_the_rest(client, app, ines):
    said = given(client, app)
    answer = Browser().post(
        "/fhir/oauth/revoke", {"token": said["refresh_token"], "client_id": str(app.pk)}
    )
    assert answer.status_code == 200
    out(app, said)


# --- what is kept ------------------------------------------------------------------------------


def test_no_secret_is_kept_nor_logged(client, app, ines, caplog):
    with caplog.at_level("DEBUG"):
        told = allows(client, app)
        said = Browser().post(TOKEN, exchange(app, told["code"])).json()
        after = renewed(app, said["refresh_token"]).json()
    from django.apps import apps

    tables = apps.get_app_config("partners").get_models()
    kept = [str(row) for table in tables for row in table.objects.values()]
    secrets = [told["code"], VERIFIER]
    secrets += [one[name] for one in (said, after) for name in ("access_token", "refresh_token")]
    for secret in secrets:
        assert secret not in caplog.text
        assert secret not in "".join(kept)
