"""What helpers are told of an alert: each of those whose visit raised it, or confirmed it."""

from datetime import datetime
from uuid import UUID

from cordee.kernel.errors import DomainError
from cordee.kernel.facts import publish_many
from cordee.vigilance.facts import VisitAnswered, VisitSeen
from cordee.vigilance.models import Alert, Visit
from cordee.vigilance.rules.marks import Kind

LONGEST = 300
CLOSED = Visit.Status.CLOSED
ANSWERED_SINCE = "vigilance.answered_since"
BY_DEFAULT = "L’équipe a examiné ce que vous avez signalé, puis a clos l’alerte."


def tell_seen(alert: Alert, by: UUID | None, now: datetime) -> None:
    """Say on each visit of an alert that it is seen, by whom and when. Three queries."""
    visits = [one for one in _visits_of(alert) if one.status == Visit.Status.RECEIVED]
    if not visits:
        return
    _write(visits, status=Visit.Status.SEEN, seen_at=now, seen_by_id=by)
    publish_many([VisitSeen(**_about(one)) for one in visits])


def require_told(alert: Alert, words: str, read_at: datetime | None) -> None:
    """Write over no answer that came since the last one that was read. One query.

    Raises DomainError (vigilance.answered_since).
    """
    said = words.strip()[:LONGEST]
    others = [one.answered_at for one in _visits_of(alert) if one.answer not in ("", said)]
    last = max((moment for moment in others if moment), default=None)
    if said and last and (read_at is None or last > read_at):
        raise DomainError(
            ANSWERED_SINCE,
            "Quelqu’un a répondu à l’aide à domicile depuis que vous avez ouvert la page\u00a0:"
            " lisez ce qui lui est déjà dit, plus bas, et complétez-le. Vos mots sont gardés.",
        )


def tell_answer(alert: Alert, words: str, by: UUID | None, now: datetime) -> None:
    """Say on each visit of an alert what was done. Four queries.

    Nothing said changes nothing but needs: those that wait are answered by default, or they would
    stay on no list and without an answer.
    """
    said = words.strip()[:LONGEST]
    tell_seen(alert, by, now)
    if said:
        visits = [one for one in _visits_of(alert) if (one.status, one.answer) != (CLOSED, said)]
    else:
        visits = [one for one in _visits_of(alert) if _is_a_need_that_waits(one)]
    if not visits:
        return
    _write(visits, status=CLOSED, answer=said or BY_DEFAULT, answered_at=now)
    publish_many([VisitAnswered(**_about(one)) for one in visits])


def _is_a_need_that_waits(visit: Visit) -> bool:
    return visit.kind == Kind.NEED and visit.answered_at is None


def _visits_of(alert: Alert) -> list[Visit]:
    """The visit that raised it and those that confirmed it, under their locks, in one order."""
    rows = Visit.objects.filter(pk__in=alert.visits).order_by("pk")
    return list(rows.select_for_update(of=("self",)))


def _write(visits: list[Visit], **what: object) -> None:
    Visit.objects.filter(pk__in=[one.pk for one in visits]).update(**what)


def _about(visit: Visit) -> dict[str, UUID]:
    service = visit.organization_id
    return {"person_id": visit.person_id, "visit_id": visit.pk, "organization_id": service}
