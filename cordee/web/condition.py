"""The condition of the house: what works, what is late, since when, and what to do meanwhile.

Only counts, moments and names of parts: nothing here speaks of anybody.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from cordee.access.sight import by_the_house
from cordee.kernel.months import parted
from cordee.web.room import has_room, journal_waits_since

BEAT = timedelta(minutes=1)  # a worker says that it lives every five seconds
SEALED_WITHIN = timedelta(minutes=1)  # it seals every five
LATE_JOB = timedelta(minutes=3)
LATE_MESSAGE = timedelta(minutes=3)
LATE_PARTNER = timedelta(minutes=15)
LATE_JOURNAL = timedelta(minutes=15)  # a file leaves each minute
LOST_LATELY = timedelta(days=1)
OLD_EXTRACTION = timedelta(days=62)
MAY_BE_A_YES = "Une réponse par texto a pu se perdre : appelez qui devait répondre."
NO_ANSWER_LOST = (
    "Aucune réponse n’est perdue : c’est un accusé de réception. Un texto « remis à "
    "l’opérateur » a pu ne pas arriver."
)


@dataclass(frozen=True, slots=True)
class Sign:
    """One part of the house: whether it works, since when it does not, what to do meanwhile."""

    code: str
    name: str
    works: bool
    since: datetime | None
    said: str
    advice: str = ""
    stops: bool = True  # whether the house is not ready without it


@by_the_house
def signs(now: datetime) -> list[Sign]:
    """Look at every part. Twelve queries, all on indexes, and two looks at the disk.

    By the house: what is late is late whoever asks.
    """
    return [look(now) for look in LOOKS]


def is_ready(found: list[Sign]) -> bool:
    """Tell whether the house can do all its work."""
    return all(sign.works for sign in found if sign.stops)


@by_the_house
def figures(now: datetime) -> dict[str, list[tuple[dict[str, str], float]]]:
    """Count what waits, for who watches the machines: by queue and channel, and how late.

    By the house: numbers come out, and no row.
    """
    jobs = _rows(
        """SELECT queue_name, count(*), coalesce(extract(epoch FROM max(%(now)s - due.at)), 0)
        FROM procrastinate_jobs job, LATERAL (SELECT coalesce(job.scheduled_at,
            (SELECT min(at) FROM procrastinate_events WHERE job_id = job.id)) AS at) due
        WHERE job.status = 'todo' AND due.at <= %(now)s GROUP BY 1 ORDER BY 1""",
        now=now,
    )
    failed = _rows("SELECT count(*) FROM procrastinate_jobs WHERE status = 'failed'")
    messages = _rows(
        """SELECT channel, count(*), coalesce(extract(epoch FROM max(%(now)s - next_attempt_at)), 0)
        FROM messaging_message WHERE state = 'queued' AND next_attempt_at <= %(now)s
        GROUP BY 1 ORDER BY 1""",
        now=now,
    )
    partners = _rows(
        """SELECT state, count(*), coalesce(extract(epoch FROM max(%(now)s - happened_at)), 0)
        FROM partners_delivery WHERE state IN ('waiting', 'sending', 'dead')
        GROUP BY 1 ORDER BY 1""",
        now=now,
    )
    links = _rows("SELECT channel, is_up::int FROM messaging_carrierstate ORDER BY 1")
    beat, seal, tables = _beat(), _unsealed_since(), parted()
    return {
        "cordee_jobs_due": [({"queue": row[0]}, row[1]) for row in jobs],
        "cordee_jobs_late_seconds": [({"queue": row[0]}, float(row[2])) for row in jobs],
        "cordee_jobs_failed": [({}, failed[0][0])],
        "cordee_messages_due": [({"channel": row[0]}, row[1]) for row in messages],
        "cordee_messages_late_seconds": [({"channel": row[0]}, float(row[2])) for row in messages],
        "cordee_partners_untold": [({"state": row[0]}, row[1]) for row in partners],
        "cordee_partners_late_seconds": [({"state": row[0]}, float(row[2])) for row in partners],
        "cordee_link_up": [({"channel": row[0]}, row[1]) for row in links],
        "cordee_worker_silent_seconds": [({}, _seconds(now, beat))] if beat else [],
        "cordee_trace_unsealed_seconds": [({}, _seconds(now, seal) if seal else 0.0)],
        "cordee_months_ahead": [({"table": one.table}, one.ahead) for one in tables],
        "cordee_lines_without_month": [({"table": one.table}, one.strays) for one in tables],
    }


def _migrations(now: datetime) -> Sign:
    missing = shipped_migrations() - MigrationRecorder(connection).applied_migrations().keys()
    return Sign(
        "migrations",
        "Tables de la base",
        not missing,
        None,
        "à jour" if not missing else "en retard sur le logiciel",
        "Prévenez votre responsable technique : une mise à jour n’est pas finie.",
    )


def _worker(now: datetime) -> Sign:
    beat = _beat()
    works = beat is not None and now - beat <= BEAT
    return Sign(
        "worker",
        "Tâches de fond",
        works,
        None if works else beat,
        "au travail" if works else "arrêtées",
        "Vos gestes sont gardés. Les recherches n’avancent pas seules : appelez ce qui presse.",
    )


def _jobs(now: datetime) -> Sign:
    """What waits for a hand; partners wait for each other, and `_partners` says how they go."""
    rows = _rows(
        """SELECT count(*), min(due.at) FROM procrastinate_jobs job, LATERAL (SELECT coalesce(
            job.scheduled_at, (SELECT min(at) FROM procrastinate_events WHERE job_id = job.id))
            AS at) due
        WHERE job.status = 'todo' AND due.at <= %(before)s
            AND job.task_name <> 'cordee.fhir.jobs.send'""",
        before=now - LATE_JOB,
    )
    late, since = rows[0]
    return Sign(
        "jobs",
        "Suites automatiques",
        not late,
        since,
        "à l’heure" if not late else f"en retard ({late})",
        "Relances et vagues partiront plus tard : rien n’est perdu. Appelez ce qui presse.",
    )


def _texts(now: datetime) -> Sign:
    return _channel(
        now,
        "sms",
        "Textos",
        "Les textos attendent et partiront dès que possible. Appelez ce qui presse ; "
        "n’écrivez pas deux fois.",
    )


def _mails(now: datetime) -> Sign:
    return _channel(
        now,
        "email",
        "Courriels",
        "Les courriels attendent et partiront dès que possible. N’écrivez pas deux fois.",
    )


def _channel(now: datetime, channel: str, name: str, advice: str) -> Sign:
    rows = _rows(
        """SELECT (SELECT min(since) FROM messaging_carrierstate
                   WHERE channel = %(channel)s AND NOT is_up),
            count(*), min(next_attempt_at) FROM messaging_message
        WHERE channel = %(channel)s AND state = 'queued' AND next_attempt_at <= %(before)s""",
        channel=channel,
        before=now - LATE_MESSAGE,
    )
    down, waiting, oldest = rows[0]
    works = down is None and not waiting
    said = "à l’heure" if works else f"retardés ({waiting} en attente)" if waiting else "coupés"
    return Sign(f"outbox.{channel}", name, works, down or oldest, said, advice)


def _unkept(now: datetime) -> Sign:
    """A text that could not be kept may be a yes: somebody calls. A receipt is no answer.

    No number is said: what is counted is counted since the first day.
    """
    rows = _rows(
        """SELECT max(last_at), bool_or(what <> 'receipt') FROM messaging_unkept
        WHERE last_at > %(after)s""",
        after=now - LOST_LATELY,
    )
    last, perhaps_an_answer = rows[0]
    return Sign(
        "unkept",
        "Retours des opérateurs",
        last is None,
        last,
        "lisibles" if last is None else "illisibles au moins une fois depuis hier",
        (MAY_BE_A_YES if perhaps_an_answer else NO_ANSWER_LOST)
        + " L’administration lit le détail sur cette page.",
        stops=False,
    )


def _partners(now: datetime) -> Sign:
    """What partners should know by now: an address fails, or refused, and somebody looks."""
    rows = _rows(
        """SELECT count(*), min(happened_at) FROM partners_delivery
        WHERE state = 'dead' OR (state IN ('waiting', 'sending') AND happened_at < %(before)s)""",
        before=now - LATE_PARTNER,
    )
    left, since = rows[0]
    return Sign(
        "partners",
        "Notifications aux partenaires",
        not left,
        since,
        "à l’heure" if not left else f"en retard ou non remises ({left})",
        "Rien n’est perdu ici, mais un partenaire ne sait pas tout : appelez-le pour ce qui "
        "presse. L’administration voit lequel, et pourquoi.",
        stops=False,
    )


def _seal(now: datetime) -> Sign:
    since = _unsealed_since()
    works = since is None or now - since <= SEALED_WITHIN
    return Sign(
        "seal",
        "Sceau de la trace",
        works,
        None if works else since,
        "récent" if works else "en retard",
        "Travaillez normalement : les consultations restent notées. Le sceau suivra.",
    )


def _imports(now: datetime) -> Sign:
    rows = _rows("SELECT max(applied_at) FROM directory_extraction")
    last = rows[0][0]
    works = last is None or now - last <= OLD_EXTRACTION
    said = "à jour" if works else "ancien"
    return Sign(
        "imports",
        "Annuaire national",
        works,
        last,
        "jamais importé" if last is None else said,
        "Vérifiez un numéro avant de vous y fier, et demandez une mise à jour de l’annuaire.",
        stops=False,
    )


def _months(now: datetime) -> Sign:
    beside = [table for table in parted() if not table.is_ready]
    return Sign(
        "months",
        "Rangement par mois",
        not beside,
        None,
        "prêt" if not beside else "en retard",
        "Travaillez normalement : tout s’enregistre. Prévenez votre responsable technique.",
        stops=False,
    )


def _emergencies(now: datetime) -> Sign:
    rows = _rows(
        """SELECT count(*), min(opened_at) FROM people_emergencygrant access
        WHERE reviewed_at IS NULL AND NOT EXISTS (
            SELECT FROM directory_membership held JOIN access_account account
                ON account.id = held.account_id AND account.is_active
            WHERE held.since <= %(today)s AND coalesce(held.until, 'infinity') >= %(today)s
            AND (held.role = 'dpo' OR held.role = 'coordinator' AND EXISTS (
                SELECT FROM pathways_task task WHERE task.state = 'open'
                AND task.kind = 'review_emergency' AND task.role IN ('', 'coordinator')
                AND task.origin = 'people/emergency/' || access.id
                AND task.organization_id = held.organization_id)))""",
        today=timezone.localdate(now),
    )
    left, since = rows[0]
    return Sign(
        "emergencies",
        "Examen des accès en urgence",
        not left,
        since,
        "assuré" if not left else f"sans personne ({left})",
        "Prévenez votre administration : qu’elle nomme un délégué à la protection des données.",
        stops=False,
    )


def _disk(now: datetime) -> Sign:
    works = has_room()
    return Sign(
        "disk",
        "Place sur le disque",
        works,
        None,
        "suffisante" if works else "épuisée",
        "Tout se lit, rien ne s’enregistre : notez sur papier et prévenez votre responsable "
        "technique.",
    )


def _backups(now: datetime) -> Sign:
    since = journal_waits_since()
    works = since is None or now - since <= LATE_JOURNAL
    said = "à l’heure" if since else "non demandée ici"
    return Sign(
        "backups",
        "Copie de secours au fil de l’eau",
        works,
        None if works else since,
        said if works else "en retard",
        "Travaillez normalement : tout est enregistré ici, mais plus rien n’en est copié ailleurs. "
        "Prévenez votre responsable technique.",
        stops=False,
    )


LOOKS: tuple[Callable[[datetime], Sign], ...] = (
    _disk,
    _backups,
    _texts,
    _mails,
    _unkept,
    _partners,
    _worker,
    _jobs,
    _imports,
    _seal,
    _months,
    _emergencies,
    _migrations,
)


@cache
def shipped_migrations() -> frozenset[tuple[str, str]]:
    """Name the migrations that this code comes with, read once."""
    loader = MigrationLoader(None, ignore_no_migrations=True)
    return frozenset(loader.disk_migrations)


def _beat() -> datetime | None:
    return _rows("SELECT max(last_heartbeat) FROM procrastinate_workers")[0][0]


def _unsealed_since() -> datetime | None:
    """When the oldest line that no seal covers was written."""
    return _rows(
        """SELECT min(at) FROM access_trace WHERE transaction_id >=
        (SELECT coalesce(max(until_transaction), 0) FROM access_seal)"""
    )[0][0]


def _seconds(now: datetime, then: datetime) -> float:
    return max((now - then).total_seconds(), 0.0)


def _rows(question: str, **values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(question, values)
        return cursor.fetchall()
