"""A system of a partner comes in by its own signed proof: and nobody else by it."""

import base64
import hmac
import json
from datetime import timedelta

import pytest
from joserfc import jwt

from cordee.access.actor import Origin, Role
from cordee.access.models import Trace
from cordee.partners.models import Proof, Token
from cordee.partners.selectors import Unadmitted, holder_of
from cordee.partners.services import resume, suspend
from tests.factories.directory import MembershipFactory, OrganizationFactory
from tests.factories.partners import (
    PAST,
    ServerAppFactory,
    SystemFactory,
    asks,
    claims,
    key,
    proof,
)
from tests.support import NOW, actor, arranging, simultaneously

TOKEN, REVOKE, LOOK = "/fhir/oauth/token", "/fhir/oauth/revoke", "/fhir/oauth/introspect"


def given(client, system, **more):
    """The answer of the door, as it reads."""
    answer = client.post(TOKEN, asks(system, **more))
    return answer, answer.json()


def test_a_proof_signed_by_either_kind_of_key_opens_the_door_for_five_minutes(client, system):
    for pair, algorithm in ((key(), "ES384"), (key("rsa-1", "RS384"), "RS384")):
        answer, said = given(client, system, signed=proof(system, pair, algorithm))
        assert answer.status_code == 200, said
        assert (said["token_type"], said["expires_in"]) == ("Bearer", 300)
        assert said["scope"] == "system/Patient.rs"
        assert "refresh_token" not in said
        assert answer["Cache-Control"] == "no-store"


def test_its_token_is_the_actor_of_a_page_for_its_one_structure_and_role(client, system):
    _, said = given(client, system)
    holder = holder_of(said["access_token"], NOW)
    assert holder.actor.role is Role.ORIENTEUSE
    assert holder.actor.organization_id == system.membership.organization_id
    assert holder.actor.account_id == system.membership.account_id
    assert holder.actor.origin is Origin.FHIR
    assert holder.client_id == system.pk
    assert holder.scopes.allow("Patient", "r")
    assert not holder.scopes.allow("Patient", "c")
    assert not holder.scopes.allow("Task", "r")


def test_only_the_hash_of_a_token_is_kept(client, system):
    _, said = given(client, system)
    kept = Token.objects.get()
    assert said["access_token"] not in str(Token.objects.values().get())
    assert len(bytes(kept.digest)) == 32


def test_a_token_is_good_for_nothing_after_its_five_minutes(client, system):
    _, said = given(client, system)
    assert holder_of(said["access_token"], NOW + timedelta(seconds=299))
    with pytest.raises(Unadmitted):
        holder_of(said["access_token"], NOW + timedelta(seconds=300))


def test_a_partner_that_is_given_a_token_is_in_the_trace(client, system):
    given(client, system)
    line = Trace.objects.get(verb="partners.token_given")
    assert (line.kind, line.account_id) == ("session", system.membership.account_id)


# --- attacks -----------------------------------------------------------------------------------


def refused(client, said):
    """The door shuts, gives nothing, and does not say which part was wrong."""
    answer = client.post(TOKEN, said)
    assert answer.status_code in (400, 401), answer.content
    assert answer.json()["error"] == "invalid_client", answer.json()
    assert not Token.objects.exists()
    return answer.json()


def test_a_proof_that_was_used_is_refused(client, system):
    signed = proof(system)
    assert client.post(TOKEN, asks(system, signed)).status_code == 200
    again = client.post(TOKEN, asks(system, signed))
    assert (again.status_code, again.json()["error"]) == (400, "invalid_client")
    assert Token.objects.count() == 1
    assert Trace.objects.filter(verb="partners.ask_token", kind="refused").exists()


def at(seconds):
    """So many seconds from now, as a proof says it."""
    return int((NOW + timedelta(seconds=seconds)).timestamp())


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"aud": "https://ailleurs.exemple.fr/token"}, id="made for another server"),
        pytest.param({"aud": None}, id="made for nobody"),
        pytest.param({"exp": at(-40)}, id="over"),
        pytest.param({"exp": at(400)}, id="good for too long"),
        pytest.param({"exp": None}, id="without an end"),
        pytest.param({"exp": "demain"}, id="with an end that is no moment"),
        pytest.param({"nbf": at(120)}, id="not good yet"),
        pytest.param({"iat": at(120)}, id="made tomorrow"),
        pytest.param({"jti": None}, id="without a name"),
        pytest.param({"jti": ""}, id="with an empty name"),
        pytest.param({"jti": ["a"]}, id="with a name that is a list"),
        pytest.param({"iss": "quelqu’un d’autre"}, id="said by somebody else"),
    ],
)
def test_a_proof_is_for_us_now_and_named(client, system, changed):
    refused(client, asks(system, proof(system, **changed)))


def test_clocks_may_differ_by_half_a_minute(client, system):
    assert client.post(TOKEN, asks(system, proof(system, exp=at(-20)))).status_code == 200


def test_another_key_under_the_same_name_is_refused(client, system):
    from joserfc.jwk import ECKey

    stranger = ECKey.generate_key("P-384", {"kid": "ec-1"})
    refused(client, asks(system, proof(system, stranger)))


def test_a_key_that_comes_in_the_header_is_not_believed(client, system):
    from joserfc.jwk import ECKey

    mine = ECKey.generate_key("P-384", {"kid": "mien"})
    header = {"alg": "ES384", "kid": "ec-1", "jwk": mine.as_dict(private=False)}
    refused(client, asks(system, jwt.encode(header, claims(system), mine, ["ES384"])))


def unsigned(header, said):
    """A token whose signature is what one likes."""
    parts = (json.dumps(one).encode() for one in (header, said))
    return ".".join(base64.urlsafe_b64encode(one).rstrip(b"=").decode() for one in parts)


@pytest.mark.parametrize("algorithm", ["none", "None", "nOnE", ""])
def test_a_proof_without_signature_is_refused(client, system, algorithm):
    header = {"alg": algorithm, "kid": "ec-1", "typ": "JWT"}
    refused(client, asks(system, unsigned(header, claims(system)) + "."))


@pytest.mark.parametrize(("algorithm", "digest"), [("HS256", "sha256"), ("HS384", "sha384")])
def test_a_public_key_is_no_secret_to_sign_with(client, system, algorithm, digest):
    """The confusion of RS and HS: what is public would sign."""
    public = key("rsa-1", "RS384").as_pem(private=False)
    said = unsigned({"alg": algorithm, "kid": "rsa-1"}, claims(system))
    signed = hmac.digest(public, said.encode(), digest)
    tail = base64.urlsafe_b64encode(signed).rstrip(b"=").decode()
    refused(client, asks(system, f"{said}.{tail}"))


def test_weaker_algorithms_of_the_same_key_are_not_taken(client, system):
    pair = key("rsa-1", "RS384")
    header = {"alg": "RS256", "kid": "rsa-1"}
    refused(client, asks(system, jwt.encode(header, claims(system), pair, ["RS256"])))


@pytest.mark.parametrize("garbage", ["", "a.b.c", "…", "{}", "a" * 5_000, "\0.\0.\0"])
def test_what_is_no_proof_is_refused(client, system, garbage):
    refused(client, asks(system) | {"client_assertion": garbage})


def test_the_proof_of_one_client_does_not_open_for_another(client, system):
    other = SystemFactory(jwks={"keys": [key("autre").as_dict(private=False)]})
    refused(client, asks(other, proof(other, key())))
    refused(client, asks(other, proof(system, sub=str(other.pk))))


def test_an_application_is_no_system(client, db):
    app = ServerAppFactory()
    answer = client.post(TOKEN, asks(app, scope="user/Patient.rs"))
    assert answer.json()["error"] == "unauthorized_client"


# --- scopes narrow -----------------------------------------------------------------------------


def test_more_than_what_administration_gave_is_not_given(client, db):
    modest = SystemFactory(scopes="system/Patient.rs system/Task.r")
    _, said = given(client, modest, scope="system/*.cruds")
    assert said["scope"] == "system/Patient.rs system/Task.r"
    answer, said = given(client, modest, scope="system/Consent.r")
    assert (answer.status_code, said["error"]) == (400, "invalid_scope")


@pytest.mark.parametrize(
    "scope",
    [
        "",
        "user/Patient.r",
        "patient/Patient.r",
        "system/Patient.reads",
        "system/Patient.sr",
        "system/Patient.rr",
        "system/Observation.rs?nulle-part=laboratory",
        "n’importe quoi",
        "system/*.**",
    ],
)
def test_a_scope_that_is_not_offered_is_refused_with_a_sentence(client, system, scope):
    answer, said = given(client, system, scope=scope)
    assert (answer.status_code, said["error"]) == (400, "invalid_scope")
    assert len(said["error_description"]) > 20


def test_narrowing_what_administration_gives_narrows_tokens_that_are_out(client, system):
    _, said = given(client, system, scope="system/*.cruds")
    with arranging():
        system.scopes = "system/Task.r"
        system.save()
    holder = holder_of(said["access_token"], NOW)
    assert holder.scopes.allow("Task", "r")
    assert not holder.scopes.allow("Patient", "r")


# --- the door shuts at once --------------------------------------------------------------------


def administrator():
    """Who keeps the house."""
    return actor(Role.ADMINISTRATOR)


def shut(client, system, said):
    """Neither its tokens nor its keys open anything more."""
    with pytest.raises(Unadmitted):
        holder_of(said["access_token"], NOW)
    assert client.post(TOKEN, asks(system)).status_code == 400


def test_a_suspended_client_is_out_at_once_and_may_come_back(client, system):
    _, said = given(client, system)
    suspend(actor=administrator(), client=system, why="Contrat terminé", now=NOW)
    shut(client, system, said)
    resume(actor=administrator(), client=system, now=NOW)
    assert client.post(TOKEN, asks(system)).status_code == 200


def test_a_system_whose_role_ended_is_out_at_once(client, system):
    _, said = given(client, system)
    with arranging():
        system.membership.until = (NOW - timedelta(days=1)).date()
        system.membership.save()
    shut(client, system, said)


def test_a_system_whose_account_was_closed_is_out_at_once(client, system):
    _, said = given(client, system)
    account = system.membership.account
    account.is_active = False
    account.save()
    shut(client, system, said)


def test_another_role_of_its_account_is_never_worn(client, system):
    """The role that administration chose, and no other that the account may have been given."""
    _, said = given(client, system)
    with arranging():
        where = OrganizationFactory(name="Aaa")
        MembershipFactory(
            account=system.membership.account, organization=where, role="dpo", since=PAST
        )
    assert holder_of(said["access_token"], NOW).actor.role is Role.ORIENTEUSE


@pytest.mark.parametrize("role", ["administrator", "dpo"])
def test_no_machine_administers_nor_audits(client, db, role):
    system = SystemFactory(membership__role=role)
    answer, said = given(client, system)
    assert (answer.status_code, said["error"]) == (400, "unauthorized_client")


# --- giving back, and asking -------------------------------------------------------------------


def alone(system, **more):
    """A proof, for an endpoint that asks only who one is."""
    said = asks(system, **more)
    return {name: said[name] for name in said if name not in ("grant_type", "scope")}


def test_a_token_given_back_opens_nothing_more(client, system):
    _, said = given(client, system)
    answer = client.post(REVOKE, alone(system, token=said["access_token"]))
    assert answer.status_code == 200
    with pytest.raises(Unadmitted):
        holder_of(said["access_token"], NOW)


def test_the_token_of_another_is_neither_given_back_nor_read(client, system):
    _, said = given(client, system)
    other = SystemFactory()
    assert client.post(REVOKE, alone(other, token=said["access_token"])).status_code == 400
    assert holder_of(said["access_token"], NOW)
    asked = client.post(LOOK, alone(other, token=said["access_token"]))
    assert (asked.status_code, asked.json()) == (200, {"active": False})


def test_a_client_asks_what_its_token_is_good_for(client, system):
    _, said = given(client, system)
    told = client.post(LOOK, alone(system, token=said["access_token"])).json()
    assert (told["active"], told["scope"]) == (True, "system/Patient.rs")
    assert told["client_id"] == str(system.pk)
    assert client.post(LOOK, alone(system, token="rien")).json() == {"active": False}
    client.post(REVOKE, alone(system, token=said["access_token"]))
    told = client.post(LOOK, alone(system, token=said["access_token"])).json()
    assert told == {"active": False}


# --- what the database promises ----------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_proof_presented_ten_times_at_once_is_taken_once(client):
    """`partners_proof_is_taken_once`, under real concurrency."""
    from tests.support import Browser

    system = SystemFactory()
    said = asks(system)
    answers = simultaneously(*[lambda: Browser().post(TOKEN, said).status_code] * 10)
    assert sorted(answers) == [200, *[400] * 9]
    assert (Proof.objects.count(), Token.objects.count()) == (1, 1)
