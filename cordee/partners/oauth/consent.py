"""What an application asks of who is in front of the screen, and what they decide."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from authlib.oauth2.rfc6749 import OAuth2Error
from django.http import HttpRequest, HttpResponse

from cordee.access.actor import Actor
from cordee.partners import parts
from cordee.partners.launching import Launch
from cordee.partners.models import Client
from cordee.partners.oauth import grants  # noqa: F401 — the grants that the server offers
from cordee.partners.oauth.asked import Asked
from cordee.partners.oauth.server import SERVER
from cordee.partners.rules import addresses, words
from cordee.partners.rules.lives import lives
from cordee.partners.rules.scopes import LAUNCH, LAUNCH_PATIENT, Scopes, read
from cordee.people.hats import Hat


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked, by whom, until when, and where one goes after."""

    client: Client
    scopes: Scopes
    redirect_uri: str
    until: datetime
    asked: Asked
    grant: Any

    @property
    def lines(self) -> list[tuple[str, str]]:
        """What it would read and do, in words."""
        return words.lines(self.scopes, parts.said)

    @property
    def goes_on(self) -> bool:
        """Whether it goes on in one's absence."""
        return words.goes_on(self.scopes)

    @property
    def writes(self) -> bool:
        """Whether it may change something."""
        return words.writes(self.scopes)

    @property
    def is_about_one_person(self) -> bool:
        """Whether it must be told about whom."""
        return self.scopes.is_of_one_person or bool(self.scopes.others & {LAUNCH, LAUNCH_PATIENT})

    @property
    def launch(self) -> Launch | None:
        """Beside whom it was opened, and in which role."""
        return self.asked.launch

    @property
    def goes_to(self) -> str:
        """The place that answers, as one reads it."""
        return addresses.place_of(self.redirect_uri)


@dataclass(frozen=True, slots=True)
class Decided:
    """Who says yes, under which hat, and about whom."""

    actor: Actor
    hat: Hat
    person_id: UUID | None


class Unaskable(Exception):  # noqa: N818 — what it says
    """What was asked cannot be put to anybody. `answer` goes back to the application when it is
    known where it listens; else nothing does, for it might be somebody else's address."""

    def __init__(self, answer: HttpResponse | None) -> None:
        super().__init__()
        self.answer = answer


def wish_of(request: HttpRequest) -> Wish:
    """Read what an application asks. Raises Unaskable. One query."""
    asked = SERVER.create_oauth2_request(request)
    try:
        grant = SERVER.get_consent_grant(asked)
    except OAuth2Error as error:
        known = getattr(error, "redirect_uri", None)
        raise Unaskable(SERVER.handle_error_response(asked, error) if known else None) from error
    scopes, held = read(asked.scope), lives(asked.now)
    life = held.away if words.goes_on(scopes) else held.present
    until = asked.now + life
    return Wish(asked.client, scopes, str(grant.redirect_uri), until, asked, grant)


def answered(wish: Wish, decided: Decided | None) -> HttpResponse:
    """Go back to the application: with a code, or with a no."""
    wish.asked.decided = decided
    who = decided.actor.account_id if decided else None
    answer: HttpResponse = SERVER.create_authorization_response(
        wish.asked, grant_user=who, grant=wish.grant
    )
    return answer
