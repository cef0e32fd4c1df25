"""What machines ask all day long, one Patient by its key and a page of them by their names: two
statements, and nothing between.

Whatever is not as usual is None here, and asked again the ordinary way (`fhir.instances.read`,
`fhir.search.answering`), which alone refuses, narrows and explains. ADR 0050 and 0052.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

import orjson

from cordee.access.actor import ANONYMOUS
from cordee.fhir.assembly import made
from cordee.fhir.caller import Caller, caller_holding, refuse_too_fast
from cordee.fhir.contract import Seeing, Told
from cordee.fhir.outcome import Refusal
from cordee.fhir.registry import mappings
from cordee.fhir.search.answering import bundle_of, entry_of, is_a_page, wanted_by
from cordee.fhir.search.paging import Place
from cordee.fhir.writing import encoded, versioned
from cordee.kernel.memory import Lately
from cordee.partners import selectors as partners

TYPE = "Patient"
KEPT, SECONDS = 2_000, 300


@dataclass(frozen=True, slots=True)
class Answer:
    """What leaves: its text, and the headers that say which version it is."""

    content: bytes
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reached:
    """Who is answered, at which address of the door, and when."""

    base: str
    caller: Caller
    now: datetime


def admitted(authorization: str, interaction: str, now: datetime) -> Caller | None:
    """Who shows a token that lets them read, or search, any Patient whom they may see; one call of
    their rate is taken. None: nobody is, or not so. One statement, planned once."""
    kind, _, secret = authorization.partition(" ")
    if kind.lower() != "bearer" or not secret.strip():
        return None
    try:
        caller = caller_holding(partners.holder_of(secret.strip(), now))
    except partners.Unadmitted:
        return None
    is_narrow = caller.patient_id is not None or caller.scopes.parts(TYPE, interaction)
    if is_narrow or not caller.scopes.allow(TYPE, interaction):
        return None
    try:
        refuse_too_fast(caller, now)
    except Refusal:  # nothing was taken: the ordinary way says how long to wait
        return None
    return caller


def read(at: Reached, key: UUID) -> Answer | None:
    """A Patient whom the caller sees, and the line of trace that says so. None: they see none.

    One statement, planned once.
    """
    mapping = mappings()[TYPE]
    told = mapping.quick(at.caller.actor, key) if mapping.quick else None
    return _text(told) if told else None


def search(at: Reached, pairs: Sequence[tuple[str, str]]) -> Answer | None:
    """A page of the Patients whom the caller sees and whose names are searched, and the line of
    trace that says who is on it. None: it is not asked as usual. One statement, planned once."""
    mapping = mappings()[TYPE]
    try:
        wanted, place = wanted_by(at.caller, TYPE, pairs)
    except Refusal:
        return None
    brought, cut = wanted.includes or wanted.revincludes, wanted.elements
    if mapping.quick_page is None or not is_a_page(wanted) or brought or cut:
        return None
    if wanted.summary != "false":
        return None
    after = place.after[-1] if place.after else None
    told = mapping.quick_page(at.caller.actor, wanted, after)
    if told is None:
        return None
    shown = [(_key(one), _text(one).content) for one in told[: wanted.count]]
    goes_on = len(told) > wanted.count
    onward = Place(wanted.query, (shown[-1][0],)) if goes_on else None
    bundle = bundle_of(at, TYPE, place, onward)
    entries = [entry_of(at.base, (TYPE, pk), orjson.Fragment(text)) for pk, text in shown]
    return Answer(encoded(bundle | ({"entry": entries} if entries else {})))


def _key(told: Told) -> UUID:
    key: UUID = told[0]
    return key


def _write(told: Told) -> Answer:
    _, resource = made(mappings()[TYPE], told, Seeing(ANONYMOUS, LONG_AGO))
    return Answer(encoded(resource), versioned(resource))


_text: Lately[Told, Answer] = Lately(_write, most=KEPT, seconds=SECONDS)
"""A Patient as it leaves. What was read says all of it, nobody and no moment beside: the same
values always make the same text. They are read at each call, under both locks."""
LONG_AGO = datetime.min.replace(tzinfo=UTC)
