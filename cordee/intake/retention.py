"""Prescriptions go before the request that they came with, once the controller decided so."""

from datetime import datetime
from uuid import UUID

from cordee.access.categories import Category, keeps
from cordee.access.removal import EVERY_ONE, Database, Removal, Woken, remove

# Added to a call that led to nothing, or to a request that ended: never to one that is open.
_DOCUMENTS = f"""
    SELECT document.id FROM intake_document document
    LEFT JOIN intake_draft draft ON draft.id = document.draft_id
    LEFT JOIN intake_carerequest request
        ON request.id = coalesce(document.request_id, draft.request_id)
    WHERE coalesce(request.ended_at, draft.ended_at) < %(before)s
        AND (request.id IS NULL OR request.ended_at IS NOT NULL)
        AND (coalesce(request.person_id, draft.person_id) IS NULL
            OR coalesce(request.person_id, draft.person_id) <> ALL (access_held()))
        AND ({EVERY_ONE.replace(" id ", " document.id ")})
    ORDER BY document.id
"""  # noqa: S608 — our own words


_HELD = (  # the calls and the requests that they came with
    """SELECT access_hold_still('intake_draft', ARRAY(
        SELECT draft_id FROM intake_document WHERE id = ANY (%s) AND draft_id IS NOT NULL))""",
    """SELECT access_hold_still('intake_carerequest', ARRAY(
        SELECT coalesce(document.request_id, draft.request_id) FROM intake_document document
        LEFT JOIN intake_draft draft ON draft.id = document.draft_id
        WHERE document.id = ANY (%s)
            AND coalesce(document.request_id, draft.request_id) IS NOT NULL))""",
)


def _document_goes(
    database: Database, ids: list[UUID], before: datetime, rule: str, now: datetime
) -> None:
    """Looked at again under the lock of what they came with: it may be opening again."""
    for held in _HELD:
        database.execute(held, [ids])
    due = database.execute(_DOCUMENTS, {"before": before, "only": ids}).fetchall()
    if len(due) < len(ids):
        raise Woken
    remove(database, "intake_document", ids)


_REMOVAL = Removal(
    "documents", "intake.documents_purged", "intake_document", _DOCUMENTS, _document_goes
)
keeps(
    Category(
        "documents",
        "ordonnances des demandes terminées",
        30,
        _REMOVAL.count,
        _REMOVAL.let_go,
        _REMOVAL.elsewhere,
    )
)
