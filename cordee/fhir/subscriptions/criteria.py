"""What a subscription watches: a search of the door, compiled by the same compiler.

What could not be kept as a promise is refused: a parameter that is not known, a chain (what it
leads to may change without the row itself changing), and what names somebody, for a criterion is
kept longer than a record that was erased.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import parse_qsl

from django.db import DatabaseError

from cordee.access.records import Record
from cordee.fhir.contract import Mapping
from cordee.fhir.outcome import Refusal, unprocessable
from cordee.fhir.registry import mappings
from cordee.fhir.search.compiler import compiled, parameters_of
from cordee.fhir.search.parameters import Asking
from cordee.fhir.search.words import OF_THE_PAGE, Asked, Wanted, understood
from cordee.fhir.subscriptions import patience
from cordee.fhir.subscriptions.patience import hurried, is_heavy
from cordee.partners.oauth.server import addresses
from cordee.partners.rules.silences import HEAVY, WORDS
from cordee.partners.selectors import Owner

WHERE = "Subscription.criteria"
NAMING = frozenset({"identifier", "birthdate", "death-date", "phone", "email", "telecom"})
OF_PERSONS = frozenset({"Patient", "RelatedPerson"})
NOT_WATCHED = frozenset({"Subscription"})


@dataclass(frozen=True)
class Watching:
    """A type and the words of a search."""

    mapping: Mapping
    wanted: Wanted


def watchable(mapping: Mapping) -> bool:
    """Whether the thread tells of this type: records do, with their versions; traces do not, nor
    what is of many persons."""
    records = all(issubclass(table.model, Record) for table in mapping.tables)
    return records and mapping.members_of is None and mapping.type not in NOT_WATCHED


def read(criteria: str) -> Watching:
    """Read a criterion, whoever wrote it. Raises Refusal (422)."""
    type_name, _, query = criteria.partition("?")
    mapping = mappings().get(type_name)
    if mapping is None or not watchable(mapping):
        raise _refused(
            "type",
            "Ce type de ressource ne se surveille pas ici : « /fhir/metadata » dit lesquels.",
            "This type is not watched here: see /fhir/metadata.",
        )
    pairs = parse_qsl(query, keep_blank_values=True)
    if any(name in OF_THE_PAGE for name, _ in pairs):
        raise _refused(
            "page",
            "Un critère dit ce qui est surveillé, pas comment une page s’affiche (_sort, _count…).",
            "Criteria hold no parameter of a page (_sort, _count, _include…).",
        )
    try:
        wanted = understood(pairs)
    except Refusal as refusal:
        raise _placed(refusal) from None
    for asked in wanted.asked:
        _refuse_what_cannot_be_watched(mapping, asked)
    return Watching(mapping, wanted)


def checked(criteria: str, owner: Owner, now: datetime) -> Watching:
    """Read a criterion and try it, for who wrote it. Raises Refusal (422)."""
    watching = read(criteria)
    asking = asking_of(owner, watching.mapping.type, now)
    try:
        with hurried(patience.MOST):
            for table in watching.mapping.tables:
                rows = compiled(table, watching.wanted, asking).rows
                list(rows.order_by().values_list("pk")[:1])
    except Refusal as refusal:
        raise _placed(refusal) from None
    except DatabaseError as error:
        if not is_heavy(error):
            raise
        raise _refused("heavy", *WORDS[HEAVY]) from None
    return watching


def asking_of(owner: Owner, type_name: str, now: datetime) -> Asking:
    """For whom a subscription searches."""
    base = f"{addresses()['base']}/"
    return Asking(owner.actor, type_name, base, now, owner.scopes, owner.patient_id)


def _refuse_what_cannot_be_watched(mapping: Mapping, asked: Asked) -> None:
    parameter = parameters_of(mapping).get(asked.name)
    if asked.chain or asked.name == "_has" or asked.modifier == "identifier":
        raise _refused(
            "chain",
            "Un critère ne suit pas de chaîne : ce à quoi elle mène change sans que la ressource "
            "change.",
            "Criteria hold no chain: what it leads to changes while the resource does not.",
        )
    if parameter is None or asked.name == "_lastUpdated":
        raise _refused(
            "parameter",
            f"Le paramètre « {asked.said[:60]} » ne se surveille pas pour ce type.",
            f"The parameter {asked.said[:60]} is not watched for this type.",
        )
    naming = mapping.type in OF_PERSONS and asked.name in NAMING
    if parameter.type == "string" or naming:
        raise _refused(
            "naming",
            f"Le paramètre « {asked.name} » nomme quelqu’un : un critère ne garde le nom de "
            "personne. Surveillez par une référence.",
            f"The parameter {asked.name} names somebody, and criteria keep no name.",
        )


def _placed(refusal: Refusal) -> Refusal:
    """What the compiler says of a search, said of a criterion."""
    if refusal.status == 403:
        return refusal
    return Refusal(422, [replace(one, where=WHERE) for one in refusal.issues])


def _refused(code: str, french: str, english: str) -> Refusal:
    return unprocessable(f"subscription.{code}", french, english, WHERE)
