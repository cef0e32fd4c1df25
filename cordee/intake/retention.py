"""Prescriptions go before the request that they came with, once the controller decided so."""

from datetime import datetime
from uuid import UUID

from cordee.access.categories import Category, keeps
from cordee.access.removal import EVERY_ONE, Database, Removal, remove

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


def _document_goes(
    database: Database, ids: list[UUID], before: datetime, rule: str, now: datetime
) -> None:
    remove(database, "intake_document", ids)


_REMOVAL = Removal(
    "documents", "intake.documents_purged", "intake_document", _DOCUMENTS, _document_goes
)
keeps(
    Category("documents", "ordonnances des demandes terminées", 30, _REMOVAL.count, _REMOVAL.let_go)
)
