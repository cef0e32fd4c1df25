"""The load: eight nurses say yes at once, again and again, and write down what they were told."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Barrier, Event, Lock
from typing import Any, cast

from django.core.exceptions import ObjectDoesNotExist
from django.db import DatabaseError, connection
from procrastinate.exceptions import ConnectorException

from bench.failover.history import Held, Kept, Told
from cordee.broker import services
from cordee.broker.models import Invitation
from cordee.kernel.errors import DomainError
from tests.factories.broker import InvitationFactory, SolicitationFactory, nurses
from tests.support import NOW, speaking_as

NURSES = 8
PERSISTENCE = 90.0  # seconds during which a nurse tries again after a broken line


@dataclass(frozen=True)
class Reign:
    """Who answers, and for which reign: an older one that still speaks is a second primary."""

    timeline: int
    server: str


@dataclass
class Load:
    """What was said, when, and what is in doubt because the line broke before the answer."""

    told: list[Told] = field(default_factory=list)
    also: Callable[[Told], None] = lambda told: None  # whoever wants to hear it at once
    persistence: float = PERSISTENCE
    over: Event = field(default_factory=Event)  # set it, and everybody finishes their word
    races: int = 0
    broken: int = 0
    doubtful: int = 0
    _lock: Lock = field(default_factory=Lock)

    def run(self) -> None:
        """Race until told to stop; a race that breaks is left where it is and another begins."""
        practitioners = self._persist(lambda reign: nurses(NURSES)) or []
        while not self.over.is_set():
            invitations = self._persist(lambda reign: self._ask(practitioners, reign))
            if invitations:
                self._race(invitations)
                self.races += 1

    def _ask(self, practitioners: list[Any], reign: Reign) -> list[Invitation]:
        solicitation, asked = SolicitationFactory(), []
        for one in practitioners:
            invitation = cast(
                "Invitation",
                InvitationFactory(
                    solicitation=solicitation, practitioner=one, phone=one.practice.mobile
                ),
            )
            asked.append(invitation)
            self._heard(reign, "asked", str(invitation.pk))
        return asked

    def _race(self, invitations: list[Invitation]) -> None:
        start = Barrier(len(invitations))

        def compete(invitation: Invitation) -> None:
            start.wait(60)
            self._persist(lambda reign: self._say_yes(invitation, reign))

        connection.close()
        with ThreadPoolExecutor(len(invitations)) as pool:
            for said in [pool.submit(compete, one) for one in invitations]:
                said.result()

    def _say_yes(self, invitation: Invitation, reign: Reign) -> None:
        actor = speaking_as(invitation.practitioner)
        said = services.accept(actor=actor, invitation=invitation, now=NOW)
        self._heard(reign, "answered", str(said.pk), said.answer)

    def _persist(self, deed: Callable[[Reign], Any]) -> Any:
        """Do it, and do it again while the line breaks, as a person would."""
        deadline = time.monotonic() + self.persistence
        try:
            while time.monotonic() < deadline:
                try:
                    return deed(_reign())
                except DomainError:  # settled by a try whose answer was lost
                    self.doubtful += 1
                    return None
                except ObjectDoesNotExist:  # what was asked is gone: the judge will name it
                    return None
                except (DatabaseError, ConnectorException):  # the queue wraps its own
                    self.broken += 1
                    connection.close()
                    time.sleep(0.5)
            return None
        finally:
            connection.close()

    def _heard(self, reign: Reign, what: str, invitation: str, answer: str = "") -> None:
        told = Told(what, invitation, answer, reign.timeline, reign.server, time.monotonic())
        with self._lock:
            self.told.append(told)
            self.also(told)


def _reign() -> Reign:
    """Ask the server at the other end of this line, which stays the same until it breaks.

    A server that takes no write answers with an error, as it would to the deed itself.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT pg_walfile_name(pg_current_wal_insert_lsn()),
            coalesce(host(inet_server_addr()), '')"""
        )
        file, server = cursor.fetchone()
    return Reign(int(file[:8], 16), server)


def held() -> Held:
    """Read what the database holds."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id::text, solicitation_id::text, answer FROM broker_invitation")
        invitations = {row[0]: Kept(row[1], row[2]) for row in cursor.fetchall()}
        cursor.execute(
            """SELECT content.data->>'solicitation_id', count(*) FROM kernel_fact fact
            JOIN kernel_fact_content content ON content.fact_id = fact.id
            WHERE fact.kind = 'broker.solicitation_filled' GROUP BY 1"""
        )
        filled = dict(cursor.fetchall())
        cursor.execute(
            """SELECT solicitation.id::text, count(*) FROM broker_solicitation solicitation
            JOIN people_circlemember member ON member.person_id = solicitation.person_id
            WHERE member.practitioner_id IS NOT NULL GROUP BY 1"""
        )
        return Held(invitations, filled, dict(cursor.fetchall()))
