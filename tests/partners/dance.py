"""The dance of an application: the page, the code, the token."""

import base64
import hashlib
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from cordee.access.actor import Actor, Role
from tests.factories.directory import AccountFactory, MembershipFactory, OrganizationFactory
from tests.factories.partners import BACK, PAST
from tests.factories.people import PersonAccountFactory, PersonFactory, joins_circle
from tests.support import NOW, actor

PAGE, TOKEN = "/applications/autoriser", "/fhir/oauth/token"
VERIFIER = "a-word-of-the-application-that-nobody-else-knows-43"


def challenge(verifier: str = VERIFIER) -> str:
    """What is shown of it first."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def opening(app: Any, **changed: Any) -> str:
    """The address to which an application sends somebody."""
    said = {"response_type": "code", "client_id": app.pk, "redirect_uri": BACK, "state": "etat-7"}
    said |= {"aud": "http://127.0.0.1:8000/fhir", "scope": "user/Patient.rs offline_access"}
    said |= {"code_challenge": challenge(), "code_challenge_method": "S256"}
    return f"{PAGE}?{urlencode({k: v for k, v in (said | changed).items() if v is not None})}"


def back(answer: Any) -> dict[str, str]:
    """What the application is told, at its own address."""
    where = answer["Location"]
    assert where.startswith(f"{BACK}?"), where
    return {name: values[0] for name, values in parse_qs(urlsplit(where).query).items()}


def allows(client: Any, app: Any, **changed: Any) -> dict[str, str]:
    """Somebody says yes. Gives what the application is told."""
    decided = {"decision": "autoriser"} | changed.pop("decided", {})
    answer = client.post(opening(app, **changed), decided)
    assert answer.status_code == 302, answer.content.decode()[:2_000]
    return back(answer)


def exchange(app: Any, code: str, **changed: Any) -> dict[str, Any]:
    """What an application on a device posts for its code."""
    said = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK}
    return said | {"client_id": str(app.pk), "code_verifier": VERIFIER} | changed


def renewal(app: Any, token: str, **changed: Any) -> dict[str, Any]:
    """What it posts for the next one."""
    said = {"grant_type": "refresh_token", "refresh_token": token, "client_id": str(app.pk)}
    return said | changed


def coordinator() -> tuple[Actor, Any]:
    """Somebody with an account, a role, and a person whom they follow."""
    desk = OrganizationFactory(kind="dac")
    account = AccountFactory()
    MembershipFactory(account=account, organization=desk, role="coordinator", since=PAST)
    person = PersonFactory(birth_name="Grandidier", territory=desk.territory)
    joins_circle(person, organization=desk, since=NOW.replace(month=1))
    return actor(Role.COORDINATOR, desk, account_id=account.pk), person


def herself() -> tuple[Actor, Any]:
    """A person in her own space."""
    space = PersonAccountFactory(since=NOW.replace(month=1))
    who = actor(Role.PERSON, account_id=space.account_id, person_ids=frozenset({space.person_id}))
    return who, space.person
