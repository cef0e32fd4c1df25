"""What a version of a plan holds, its digest, and what changed between two, in readable French.

Source : HAS, PPCS 2019 : le plan est un document qui évolue, chaque acteur doit savoir ce qui a
changé. Une version est figée quand elle est proposée : c’est celle-là, et aucune autre, que la
personne accepte.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

Content = Mapping[str, Any]
"""« plan »: column → words; « needs », « goals », « activities », « alerts »: lists of lines, each
with its « id », its « title » and what a reader is told, label → words."""

KINDS = {
    "needs": ("Besoin", "ajouté", "retiré", "changé"),
    "goals": ("Objectif", "ajouté", "retiré", "changé"),
    "activities": ("Action", "ajoutée", "retirée", "changée"),
    "alerts": ("Alerte", "ajoutée", "retirée", "changée"),
}
PLAN_LABELS = {
    "wishes": "Ses souhaits",
    "strengths": "Ses forces",
    "resources": "Ce qui l’aide",
    "difficulties": "Ce qui est difficile",
    "referent": "Référent du plan",
}
NOTHING = "rien"


def digest(content: Content) -> str:
    """Sum a content up so that no word of it can change unseen."""
    said = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return sha256(said.encode()).hexdigest()


def told_apart(said: Mapping[int, frozenset[str]]) -> dict[int, int]:
    """Number versions for who reads them, from one, in order: one that changes nothing of what they
    read goes by the number of the one before. `said`: what each says to them, by its own number.
    """
    found: dict[int, int] = {}
    before: frozenset[str] | None = None
    for number in sorted(said):
        found[number] = max(found.values(), default=0) + (said[number] != before)
        before = said[number]
    return found


def digest_of_all(parts: Iterable[str]) -> str:
    """Sum up the parts that a reader was shown, in whatever order."""
    return sha256("\n".join(sorted(parts)).encode()).hexdigest()


@dataclass(frozen=True)
class Difference:
    """One thing that changed: what, how, and the words of before and after."""

    what: str
    title: str
    before: str = ""
    after: str = ""


def differences(before: Iterable[Content], after: Iterable[Content]) -> list[Difference]:
    """Say what changed between two versions, as read by somebody: the parts they may read.

    The plan’s own words first, then needs, objectives, actions and alerts, in the order of now.
    """
    old, new = _gathered(before), _gathered(after)
    found = [
        Difference(f"{label} : changé", label, old["plan"].get(name, ""), new["plan"].get(name, ""))
        for name, label in PLAN_LABELS.items()
        if old["plan"].get(name, "") != new["plan"].get(name, "")
    ]
    for kind in KINDS:
        found += _lines(kind, old[kind], new[kind])
    return found


def _gathered(parts: Iterable[Content]) -> dict[str, Any]:
    whole: dict[str, Any] = {"plan": {}, **{kind: {} for kind in KINDS}}
    for part in parts:
        whole["plan"] |= part.get("plan", {})
        for kind in KINDS:
            whole[kind] |= {line["id"]: line for line in part.get(kind, ())}
    return whole


def _lines(kind: str, old: dict[str, Any], new: dict[str, Any]) -> list[Difference]:
    noun, added, removed, changed = KINDS[kind]
    found = []
    for pk, line in new.items():
        former = old.get(pk)
        if former is None:
            found.append(Difference(f"{noun} {added}", line["title"], after=_told(line)))
        elif former != line:
            before, after = _told_apart(former, line)
            found.append(Difference(f"{noun} {changed}", line["title"], before, after))
    found += [
        Difference(f"{noun} {removed}", line["title"], before=_told(line))
        for pk, line in old.items()
        if pk not in new
    ]
    return found


def _told(line: Mapping[str, Any]) -> str:
    return _joined(line.get("told", {}))


def _told_apart(former: Mapping[str, Any], line: Mapping[str, Any]) -> tuple[str, str]:
    """Only what differs, its label first."""
    old = {"Intitulé": former["title"], **former.get("told", {})}
    new = {"Intitulé": line["title"], **line.get("told", {})}
    labels = [label for label in {**old, **new} if old.get(label) != new.get(label)]
    return (
        _joined({label: old.get(label) or NOTHING for label in labels}),
        _joined({label: new.get(label) or NOTHING for label in labels}),
    )


def _joined(told: Mapping[str, str]) -> str:
    return " · ".join(f"{label} : {words}" for label, words in told.items() if words)
