"""A protocol as a FHIR R4 PlanDefinition, and back: a translation, which decides nothing.

What FHIR has a place for stands there: title, version, authors, citations, steps as actions,
clocks as timings, triggers and related actions. What it has none for (constraints, exits, what
makes a step done) stands in extensions of ours, one part for each word of the document. Ours comes
back whole; of a foreign PlanDefinition, what has no place in a protocol is listed, never dropped.

Source : HL7 FHIR R4 (4.0.1), PlanDefinition, TriggerDefinition, RelatedArtifact.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from cordee.protocols.rules.protocol import Certainty, Protocol
from cordee.protocols.rules.reading import ENTRY
from cordee.protocols.rules.writing import document_of

OURS = "urn:cordee:protocole:"
_TOP = ("obligations", "indicateurs", "sorties", "contraintes")
_CODES = {"jours": "d", "jour": "d", "heures": "h", "heure": "h"}
_KNOWN = {"resourceType", "id", "url", "version", "name", "title", "status", "author", "action"}
_ALSO_KNOWN = {"relatedArtifact", "extension"}
_ACTION = {"id", "title", "participant", "trigger", "timingDuration", "relatedAction", "extension"}
_UNITS = {"d": ("jour", 1), "h": ("heure", 1), "wk": ("jour", 7)}
IMPORTED = "Importé, à relire et à valider localement"


@dataclass(frozen=True)
class Imported:
    """A document to read, and a sentence for each part of the resource that has no place in it."""

    document: dict[str, Any]
    left: tuple[str, ...]


def exported(protocol: Protocol) -> dict[str, Any]:
    """Return the protocol as a PlanDefinition, as JSON holds it."""
    document = document_of(protocol)
    ours = [_put(word, document[word]) for word in _TOP if document[word]]
    ours += [_put("critere", one) for one in document["entree"]["criteres"]]
    return {
        "resourceType": "PlanDefinition",
        "id": protocol.id,
        "url": OURS + protocol.id,
        "version": protocol.version,
        "name": _name(protocol.id),
        "title": protocol.title,
        "status": "draft",
        "extension": [*(_ours(one) for one in ours), _ours(_put("statut", protocol.status))],
        "author": [{"name": author} for author in protocol.authors],
        "relatedArtifact": [_citation(one) for one in document["sources"]],
        "action": [_action(one) for one in document["etapes"]],
    }


def imported(resource: Mapping[str, Any]) -> Imported:
    """Return the document that a PlanDefinition gives; `reading.read_document` judges it.

    Raises ValueError when the resource is none."""
    if resource.get("resourceType") != "PlanDefinition":
        raise ValueError("not a PlanDefinition")
    left: list[str] = _unknown("PlanDefinition", resource, _KNOWN | _ALSO_KNOWN)
    mine = _mine("PlanDefinition", resource, left)
    authors = _dicts("PlanDefinition", resource, "author", left)
    artifacts = _dicts("PlanDefinition", resource, "relatedArtifact", left)
    document: dict[str, Any] = {
        "protocole": resource.get("id") or _slug(str(resource.get("name", ""))),
        "version": str(resource.get("version", "1")),
        "titre": resource.get("title") or resource.get("name") or "",
        "statut": next((one for word, one in mine if word == "statut"), IMPORTED),
        "auteurs": [one["name"] for one in authors if one.get("name")],
        "sources": [_source(one, left) for one in artifacts],
        "entree": {"criteres": [one for word, one in mine if word == "critere"]},
        "etapes": [
            _step(f"PlanDefinition.action[{rank}]", one, left)
            for rank, one in enumerate(_dicts("PlanDefinition", resource, "action", left))
        ],
    }
    document |= {word: one for word, one in mine if word in _TOP}
    return Imported(document, tuple(left))


def _action(step: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "id": step["id"],
        "title": step["titre"],
        "participant": [{"type": "practitioner", "role": {"text": step["responsable"]}}],
        "extension": [_ours(_put("fait", step["fait"]))],
    }
    if "deja" in step:
        found["extension"].append(_ours(_put("deja", step["deja"])))
    clock = step.get("horloge")
    if clock is None:
        return found
    found["extension"] += [
        _ours(_put(word, clock[word])) for word in ("base", "prevenir") if word in clock
    ]
    after = clock["apres"]
    if isinstance(after, dict) and "etape" in after:
        related = {"actionId": after["etape"], "relationship": "after-end"}
        found["relatedAction"] = [{**related, "offsetDuration": _duration(clock["dans"])}]
        return found
    found["timingDuration"] = _duration(clock["dans"])
    if after != ENTRY:
        facts = after if isinstance(after, list) else [after]
        found["trigger"] = [_trigger(one) for one in facts]
    return found


def _step(path: str, action: Mapping[str, Any], left: list[str]) -> dict[str, Any]:
    left += _unknown(path, action, _ACTION)
    mine = dict(_mine(path, action, left))
    step: dict[str, Any] = {"id": action.get("id", ""), "titre": action.get("title", "")}
    roles = [_role(one) for one in _dicts(path, action, "participant", left)]
    step["responsable"] = roles[0] if roles else ""
    if len(roles) > 1:
        left.append(f"{path}.participant : une étape n’a qu’un responsable, le premier est gardé.")
    step |= {word: mine[word] for word in ("fait", "deja") if word in mine}
    clock = _clock(path, action, left)
    if clock:
        step["horloge"] = clock | {"base": mine.get("base", "Importée, à valider localement.")}
        if "prevenir" in mine:
            step["horloge"]["prevenir"] = mine["prevenir"]
    return step


def _clock(path: str, action: Mapping[str, Any], left: list[str]) -> dict[str, Any]:
    related = _dicts(path, action, "relatedAction", left)
    if len(related) > 1:
        left.append(f"{path}.relatedAction : une horloge ne part que d’une étape ou d’un fait.")
    for one in related[:1]:
        delay = _delay(one.get("offsetDuration"))
        if delay and one.get("relationship") == "after-end":
            return {"dans": delay, "apres": {"etape": one.get("actionId", "")}}
        left.append(
            f"{path}.relatedAction : seul un délai en jours ou heures après la fin est pris."
        )
    if "timingDuration" not in action:
        return {}
    delay = _delay(action["timingDuration"])
    if delay is None:
        left.append(f"{path}.timingDuration : seuls les jours et les heures entiers sont pris.")
        return {}
    facts = [_fact(path, one, left) for one in _dicts(path, action, "trigger", left)]
    if not facts:
        return {"dans": delay, "apres": ENTRY}
    return {"dans": delay, "apres": facts[0] if len(facts) == 1 else facts}


def _trigger(fact: Any) -> dict[str, Any]:
    kind, where = (fact, {}) if isinstance(fact, str) else (fact["fait"], fact["quand"])
    found: dict[str, Any] = {"type": "named-event", "name": kind}
    return found | ({"extension": [_ours(_put("quand", where))]} if where else {})


def _fact(path: str, trigger: Mapping[str, Any], left: list[str]) -> Any:
    left += _unknown(f"{path}.trigger", trigger, {"type", "name", "extension"})
    mine = dict(_mine(f"{path}.trigger", trigger, left))
    kind = trigger.get("name", "")
    return {"fait": kind, "quand": mine["quand"]} if "quand" in mine else kind


def _citation(source: Mapping[str, str]) -> dict[str, Any]:
    words = [_ours(_put(word, source[word])) for word in ("date", "certitude")]
    return {"type": "citation", "citation": source["texte"], "extension": words}


def _source(artifact: Mapping[str, Any], left: list[str]) -> dict[str, str]:
    mine = dict(_mine("PlanDefinition.relatedArtifact", artifact, left))
    said = artifact.get("citation") or artifact.get("display") or artifact.get("url") or ""
    sure = mine.get("certitude", Certainty.KNOWN.value)
    return {"texte": said, "date": mine.get("date", ""), "certitude": sure}


def _role(participant: Mapping[str, Any]) -> Any:
    role = participant.get("role")
    return role.get("text", "") if isinstance(role, dict) else ""


def _duration(delay: str) -> dict[str, Any]:
    amount, unit = delay.split()
    code = _CODES[unit]
    return {
        "value": int(amount),
        "unit": unit,
        "system": "http://unitsofmeasure.org",
        "code": code,
    }


def _delay(duration: Any) -> str | None:
    code = duration.get("code") if isinstance(duration, dict) else None
    if not isinstance(code, str) or code not in _UNITS:
        return None
    unit, times = _UNITS[code]
    value = duration.get("value")
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    amount = value * times
    return f"{amount} {unit}{'s' if amount > 1 else ''}"


def _put(word: str, value: Any) -> dict[str, Any]:
    """Say a part of a document as an extension: a text, or parts of it."""
    if isinstance(value, dict):
        return {"url": word, "extension": [_put(key, one) for key, one in value.items()]}
    if isinstance(value, list):
        return {"url": word, "extension": [_put("-", one) for one in value]}
    return {"url": word, "valueString": value}


def _got(extension: Mapping[str, Any]) -> Any:
    """Return what `_put` said; of what it could not have said, something that is then refused."""
    parts = extension.get("extension")
    if not isinstance(parts, list) or not all(isinstance(part, dict) for part in parts):
        return extension.get("valueString", "")
    if all(part.get("url") == "-" for part in parts):
        return [_got(part) for part in parts]
    return {str(part.get("url", "")): _got(part) for part in parts}


def _ours(extension: dict[str, Any]) -> dict[str, Any]:
    return {**extension, "url": OURS + extension["url"]}


def _mine(path: str, element: Mapping[str, Any], left: list[str]) -> list[tuple[str, Any]]:
    found = []
    for one in _dicts(path, element, "extension", left):
        url = str(one.get("url", ""))
        if url.startswith(OURS):
            found.append((url.removeprefix(OURS), _got(one)))
        else:
            left.append(f"{path}.extension « {url} » : laissée de côté.")
    return found


def _unknown(path: str, element: Mapping[str, Any], known: Collection[str]) -> list[str]:
    return [
        f"{path}.{key} : n’a pas sa place dans un protocole, laissé de côté."
        for key in element
        if key not in known
    ]


def _dicts(
    path: str, element: Mapping[str, Any], key: str, left: list[str]
) -> list[Mapping[str, Any]]:
    """Return the elements of a list; what is not one is said to be left."""
    value = element.get(key, [])
    items = value if isinstance(value, list) else []
    found: list[Mapping[str, Any]] = [one for one in items if isinstance(one, dict)]
    if not isinstance(value, list) or len(found) < len(value):
        left.append(f"{path}.{key} : ce n’est pas une liste d’éléments, laissé de côté.")
    return found


def _name(id_: str) -> str:
    return "".join(part.capitalize() for part in id_.split("-"))


def _slug(name: str) -> str:
    words = re.findall(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])", name)
    return "-".join(word.lower() for word in words)
