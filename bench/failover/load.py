"""The load: eight nurses say yes at once, again and again, and write down what they were told."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Barrier, Event, Lock
from typing import Any, cast

from django.db import DatabaseError, connection

from bench.failover.history import Held, Kept, Told
from cordee.broker import services
from cordee.broker.models import Invitation
from cordee.kernel.errors import DomainError
from tests.factories.broker import InvitationFactory, SolicitationFactory, nurses
from tests.support import NOW, speaking_as

NURSES = 8
PERSISTENCE = 90.0  # seconds during which a nurse says yes again after a broken line


@dataclass
class Load:
    """What was said, when, and what is in doubt because the line broke before the answer."""

    told: list[Told] = field(default_factory=list)
    moments: list[float] = field(default_factory=list)
    races: int = 0
    broken: int = 0
    doubtful: int = 0
    _lock: Lock = field(default_factory=Lock)

    def run(self, over: Event) -> None:
        """Race until told to stop; a race that breaks is left where it is and another begins."""
        practitioners = self._persist(lambda: nurses(NURSES)) or []
        while not over.is_set():
            invitations = self._persist(lambda: self._ask(practitioners))
            if invitations:
                self._race(invitations)
                self.races += 1

    def _ask(self, practitioners: list[Any]) -> list[Invitation]:
        solicitation, asked = SolicitationFactory(), []
        for one in practitioners:
            invitation = cast(
                "Invitation",
                InvitationFactory(
                    solicitation=solicitation, practitioner=one, phone=one.practice.mobile
                ),
            )
            asked.append(invitation)
            self._heard(Told("asked", str(invitation.pk)))
        return asked

    def _race(self, invitations: list[Invitation]) -> None:
        start = Barrier(len(invitations))

        def say(invitation: Invitation) -> None:
            actor = speaking_as(invitation.practitioner)
            start.wait(60)
            said = self._persist(
                lambda: services.accept(actor=actor, invitation=invitation, now=NOW)
            )
            if said is not None:
                self._heard(Told("answered", str(said.pk), said.answer))

        connection.close()
        with ThreadPoolExecutor(len(invitations)) as pool:
            for answer in [pool.submit(say, one) for one in invitations]:
                answer.result()

    def _persist(self, deed: Any) -> Any:
        """Do it, and do it again while the line breaks, as a person would."""
        deadline = time.monotonic() + PERSISTENCE
        try:
            while time.monotonic() < deadline:
                try:
                    return deed()
                except DomainError:  # settled by a try whose answer was lost
                    self.doubtful += 1
                    return None
                except DatabaseError:
                    self.broken += 1
                    connection.close()
                    time.sleep(0.5)
            return None
        finally:
            connection.close()

    def _heard(self, told: Told) -> None:
        with self._lock:
            self.told.append(told)
            self.moments.append(time.monotonic())


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
