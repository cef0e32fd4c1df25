"""A protocol and what changed in it, in the words that a page shows."""

from dataclasses import dataclass
from typing import Any

from cordee.protocols.rules import saying
from cordee.protocols.rules.protocol import Protocol
from cordee.protocols.rules.versions import How, differences
from cordee.protocols.rules.writing import written_document
from cordee.protocols.vocabulary import names_of_kinds

HOWS = {
    How.ADDED: "ajouté",
    How.REMOVED: "retiré",
    How.CHANGED: "changé",
    How.MOVED: "changé de place",
}
WORDS = {
    "protocole": "Identifiant",
    "version": "Version",
    "titre": "Titre",
    "statut": "Statut",
    "auteurs": "Auteurs",
    "sources": "Sources",
    "obligations": "Obligations",
    "indicateurs": "Indicateurs",
    "entree": "Entrée",
    "criteres": "critères",
    "etapes": "Étapes",
    "sorties": "Sorties",
    "contraintes": "Règles",
    "responsable": "responsable",
    "horloge": "délai",
    "dans": "délai",
    "deja": "déjà, avant l’entrée",
    "depuis": "depuis",
    "annule_par": "annulé par",
}


@dataclass(frozen=True, slots=True)
class Sentence:
    """One part of a protocol, said: its title, what it says, who answers for it, on what basis."""

    title: str
    said: str
    role: str = ""
    basis: str = ""


@dataclass(frozen=True, slots=True)
class Readable:
    """A protocol in sentences."""

    protocol: Protocol
    criteria: list[Sentence]
    steps: list[Sentence]
    rules: list[Sentence]
    exits: list[Sentence]


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that changed from one version to another."""

    what: str
    how: str
    before: str
    after: str


def readable(protocol: Protocol) -> Readable:
    """Say a protocol in sentences drawn from its rules."""
    names = names_of_kinds()
    return Readable(
        protocol,
        [Sentence(one.text, saying.criterion_said(one, names)) for one in protocol.inclusion],
        [
            Sentence(
                one.title,
                saying.step_said(protocol, one, names),
                saying.role_said(one.role),
                one.clock.basis if one.clock else "",
            )
            for one in protocol.steps
        ],
        [
            Sentence(
                one.title,
                saying.constraint_said(one, names),
                saying.role_said(one.role),
                one.basis,
            )
            for one in protocol.constraints
        ],
        [Sentence(one.text, saying.exit_said(one, names)) for one in protocol.exits],
    )


def changes(before: Protocol, after: Protocol) -> list[Change]:
    """Say what changed from one version to another, part by part."""
    both = before.titles | after.titles
    titles = {of: f"«\u00a0{title}\u00a0»" for of, title in both.items()}
    return [
        Change(
            " › ".join(titles.get(part, WORDS.get(part, part)) for part in one.path),
            HOWS[one.how],
            _said(one.before),
            _said(one.after),
        )
        for one in differences(before, after)
    ]


def _said(value: Any) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    return written_document(value).strip()
