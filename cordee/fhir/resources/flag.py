"""An alert raised by what was seen at home → Flag. It is active until somebody closes it."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Q

from cordee.fhir.contract import Mapping, Seeing
from cordee.fhir.datatypes import coding, concept, filled, period, reference
from cordee.fhir.outcome import Json
from cordee.fhir.search.parameters import Choice, Parameter, Reference, Span
from cordee.fhir.search.shown import Shown
from cordee.fhir.systems import ours
from cordee.vigilance import selectors
from cordee.vigilance.models import Alert
from cordee.vigilance.rules.marks import MARKS, SIGNS
from cordee.vigilance.rules.trend import Signal

KIND = concept(ours("flag-category"), "home-alert", "Alerte du domicile")


# --- out ---------------------------------------------------------------------------------------


def to_fhir(rows: Sequence[Alert], seeing: Seeing) -> list[Json]:
    """Alerts, with the visit that raised each when it may be read. One query."""
    keys = {one.visit_id for one in rows}
    visits = selectors.visit_records(seeing.actor).filter(pk__in=keys, kind="visit")
    seen = set(visits.values_list("pk", flat=True))
    return [_flag(one, seen) for one in rows]


def _flag(row: Alert, visits: set[UUID]) -> Json:
    signal = Signal(row.signal)
    return filled(
        {
            "status": "active" if row.is_open else "inactive",
            "category": [KIND],
            "code": {
                "coding": [coding(ours("alert-signal"), signal.value, signal.label)],
                "text": _said(row),
            },
            "subject": reference("Patient", row.person_id),
            "period": period(row.raised_at, row.closed_at),
            "encounter": reference("Encounter", row.visit_id) if row.visit_id in visits else {},
            "author": reference("Organization", row.service_id, row.service.name),
        }
    )


def _said(row: Alert) -> str:
    """The signal, and what gave rise to it, in words."""
    about = [MARKS[one] for one in row.marks] + [SIGNS[one] for one in row.signs]
    if row.said_urgent:
        about.append("Dit urgent")
    signal = Signal(row.signal).label
    return f"{signal}\u00a0: {', '.join(about)}" if about else signal


# --- search ------------------------------------------------------------------------------------

SEARCH: dict[str, Parameter] = {
    "author": Reference({"Organization": "service"}),
    "category": Choice({"home-alert": Q()}, ours("flag-category")),
    "code": Choice({one.value: Q(signal=one.value) for one in Signal}, ours("alert-signal")),
    "date": Span("raised_at", "closed_at"),
    "encounter": Shown({"Encounter": "visit"}),
    "patient": Reference({"Patient": "person"}),
    "status": Choice(
        {"active": Q(closed_at=None), "inactive": Q(closed_at__isnull=False)},
        "http://hl7.org/fhir/flag-status",
    ),
    "subject": Reference({"Patient": "person"}),
}

MAPPING = Mapping(
    type="Flag",
    model=Alert,
    rows=selectors.alert_records,
    to_fhir=to_fhir,
    search=SEARCH,
    lines=("vigilance.alert_id",),
    summary=("status", "category", "code", "subject", "period", "encounter", "author"),
    note="An alert says that somebody should ask; it is no diagnosis.",
)
