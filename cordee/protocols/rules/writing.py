"""A protocol written back as the document it came from: read again, it is the same protocol."""

from typing import Any

import yaml

from cordee.protocols.rules.protocol import (
    Already,
    Clock,
    Constraint,
    Criterion,
    Exit,
    Patterns,
    Protocol,
    Step,
)
from cordee.protocols.rules.reading import ENTRY, SHAPES

WIDTH = 100


def written(protocol: Protocol) -> str:
    """Return the text of YAML. What `reading.read` gives back is equal to the protocol."""
    return written_document(document_of(protocol))


def document_of(protocol: Protocol) -> dict[str, Any]:
    """Return the protocol as plain mappings, lists and texts, in the words of documents."""
    return {
        "protocole": protocol.id,
        "version": protocol.version,
        "titre": protocol.title,
        "statut": protocol.status,
        "auteurs": list(protocol.authors),
        "sources": [
            {"texte": one.text, "date": one.date, "certitude": one.certainty.value}
            for one in protocol.sources
        ],
        "obligations": list(protocol.obligations),
        "indicateurs": [{"id": one.id, "texte": one.text} for one in protocol.indicators],
        "entree": {"criteres": [_criterion(one) for one in protocol.inclusion]},
        "etapes": [_step(one) for one in protocol.steps],
        "sorties": [_exit(one) for one in protocol.exits],
        "contraintes": [_constraint(one) for one in protocol.constraints],
    }


def _criterion(one: Criterion) -> Any:
    return {"texte": one.text, "propose_par": _facts(one.facts)} if one.facts else one.text


def _exit(one: Exit) -> dict[str, Any]:
    found: dict[str, Any] = {"texte": one.text, "fait": _facts(one.facts)}
    return found | ({"annulee_par": _facts(one.unless)} if one.unless else {})


def _step(one: Step) -> dict[str, Any]:
    found: dict[str, Any] = {
        "id": one.id,
        "titre": one.title,
        "responsable": one.role,
        "fait": _facts(one.done),
    }
    found |= {"horloge": _clock(one.clock)} if one.clock else {}
    return found | ({"deja": _already(one.already)} if one.already else {})


def _already(one: Already) -> Any:
    if not one.unless:
        return str(one.within) if one.within else "oui"
    found = {"depuis": str(one.within)} if one.within else {}
    return found | {"annule_par": _facts(one.unless)}


def _clock(one: Clock) -> dict[str, Any]:
    after = {"etape": one.step} if one.step else _facts(one.after) if one.after else ENTRY
    found: dict[str, Any] = {"dans": str(one.within), "apres": after, "base": one.basis}
    return found | ({"prevenir": str(one.warning)} if one.warning else {})


def _constraint(one: Constraint) -> dict[str, Any]:
    found: dict[str, Any] = {
        "id": one.id,
        "titre": one.title,
        "responsable": one.role,
        "regle": one.rule.value,
    }
    for word, name in SHAPES[one.rule].words.items():
        said = _said(one, name)
        if said:
            found[word] = said
    return found | {"base": one.basis}


def _said(one: Constraint, name: str) -> Any:
    is_exact = one.at_least is not None and one.at_least == one.at_most
    if name == "exactly":
        return str(one.at_least) if is_exact else None
    if name in ("at_least", "at_most"):
        value = getattr(one, name)
        return None if is_exact or value is None else str(value)
    value = getattr(one, name)
    if name == "already":
        return value and _already(value)
    if name in ("within", "warning"):
        return value and str(value)
    return value if name == "for_each" else value and _facts(value)


def _facts(patterns: Patterns) -> Any:
    found = [
        {"fait": one.kind, "quand": {name: _codes(codes) for name, codes in one.where}}
        if one.where
        else one.kind
        for one in patterns
    ]
    return found[0] if len(found) == 1 else found


def _codes(codes: tuple[str, ...]) -> Any:
    return codes[0] if len(codes) == 1 else list(codes)


def written_document(document: dict[str, Any]) -> str:
    """Return plain mappings, lists and texts as YAML: what another format gave, to be mended."""
    text: str = yaml.safe_dump(document, allow_unicode=True, sort_keys=False, width=WIDTH)
    return text
