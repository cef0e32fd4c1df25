"""A protocol said in French sentences, drawn from its rules: what the public version shows.

Nothing is written by hand here: what is said is what is judged. `Names` gives the French sentence
of each kind of fact; the codes that are asked for stand after it, as they are.
"""

from collections.abc import Callable, Mapping

from cordee.protocols.rules.kinds import ROLES
from cordee.protocols.rules.protocol import (
    Already,
    Constraint,
    Criterion,
    Exit,
    Pattern,
    Patterns,
    Protocol,
    Rule,
    Step,
)

Names = Mapping[str, str]
# Codes and fields of facts that a person reads; another one is shown as it is written.
CODES = {
    "reached": "personne jointe",
    "message": "message laissé",
    "home": "domicile",
    "oui": "oui",
    "non": "non",
}
FIELDS = {"result": "résultat", "destination": "vers", "protocol": "parcours", "who": "avec"}
EACH = {
    "request_id": "demande",
    "response_id": "évaluation",
    "plan_id": "plan",
    "action_id": "action",
}


def role_said(role: str) -> str:
    """Return the name of a role, as a person reads it."""
    return ROLES.get(role, role)


def step_said(protocol: Protocol, step: Step, names: Names) -> str:
    """Say when a step is done, and for when."""
    done = f"Faite quand\u00a0: {_facts(step.done, names)}."
    already = f" {_already('Ce qui l’était', step.already, names)}" if step.already else ""
    clock = step.clock
    if clock is None:
        return f"{done}{already}"
    if clock.step:
        title = next((one.title for one in protocol.steps if one.id == clock.step), clock.step)
        start = f"l’étape «\u00a0{title}\u00a0»"
    else:
        start = _facts(clock.after, names) if clock.after else "l’entrée dans le parcours"
    warned = f" On prévient {clock.warning} avant." if clock.warning else ""
    return f"{done} Attendue dans un délai de {clock.within} après {start}.{warned}{already}"


def exit_said(one: Exit, names: Names) -> str:
    """Say what ends the pathway."""
    denied = f", sauf si cela est démenti ({_facts(one.unless, names)})" if one.unless else ""
    return f"Quand\u00a0: {_facts(one.facts, names)}{denied}."


def criterion_said(one: Criterion, names: Names) -> str:
    """Say by what the entry may be proposed; nothing when the thread cannot tell."""
    return f"Proposé quand\u00a0: {_facts(one.facts, names)}." if one.facts else ""


def constraint_said(one: Constraint, names: Names) -> str:
    """Say a rule in one sentence, then what lifts it and what warns."""
    said = [_SENTENCES[one.rule](one, names)]
    if one.for_each:
        said.append(f"Compté pour chaque {EACH.get(one.for_each, one.for_each)} séparément.")
    if one.unless:
        said.append(f"Plus rien n’est attendu si\u00a0: {_facts(one.unless, names)}.")
    if one.warning:
        said.append(f"On prévient {one.warning} avant.")
    if one.already:
        what = "Ce qui était fait" if one.rule is Rule.COUNT else "Ce qui la commence, arrivé"
        said.append(_already(what, one.already, names))
    return " ".join(said)


def _already(what: str, already: Already, names: Names) -> str:
    said = f"{what} avant l’entrée compte"
    said += f" s’il date de {already.within} au plus" if already.within else " aussi"
    if already.unless:
        said += f", sauf si est venu depuis\u00a0: {_facts(already.unless, names)}"
    return f"{said}."


def _response(one: Constraint, names: Names) -> str:
    after, facts = _facts(one.after, names), _facts(one.facts, names)
    return f"Après {after}, on attend dans un délai de {one.within}\u00a0: {facts}."


def _precedence(one: Constraint, names: Names) -> str:
    old = f", qui date de {one.within} au plus" if one.within else ""
    return f"{_facts(one.facts, names)} ne vient qu’après {_facts(one.after, names)}{old}."


def _absence(one: Constraint, names: Names) -> str:
    said = f"{_facts(one.facts, names)} ne doit pas arriver"
    said += f" après {_facts(one.after, names)}" if one.after else " pendant le parcours"
    said += f", pendant {one.within}" if one.within else ""
    return f"{said}{f', jusqu’à {_facts(one.until, names)}' if one.until else ''}."


def _count(one: Constraint, names: Names) -> str:
    if one.at_least is not None and one.at_least == one.at_most:
        times = f"exactement {one.at_least} fois"
    else:
        bounds = ((one.at_least, "au moins"), (one.at_most, "au plus"))
        times = " et ".join(f"{word} {count} fois" for count, word in bounds if count is not None)
    within = f", dans un délai de {one.within}" if one.within else ""
    start = _facts(one.after, names) if one.after else "l’entrée dans le parcours"
    return f"{_facts(one.facts, names)} arrive {times}{within} après {start}."


def _repeat(one: Constraint, names: Names) -> str:
    return f"{_facts(one.facts, names)} revient au moins une fois tous les {one.within}."


def _silence(one: Constraint, names: Names) -> str:
    return f"Jamais plus de {one.within} sans l’une de ces nouvelles\u00a0: " + (
        f"{_facts(one.facts, names)}."
    )


_SENTENCES: dict[Rule, Callable[[Constraint, Names], str]] = {
    Rule.RESPONSE: _response,
    Rule.PRECEDENCE: _precedence,
    Rule.ABSENCE: _absence,
    Rule.COUNT: _count,
    Rule.REPEAT: _repeat,
    Rule.SILENCE: _silence,
}


def _facts(patterns: Patterns, names: Names) -> str:
    return " ou ".join(_fact(one, names) for one in patterns)


def _fact(one: Pattern, names: Names) -> str:
    name = names.get(one.kind, one.kind).strip().rstrip(".")
    where = "\u202f; ".join(
        f"{FIELDS.get(field, field)}\u00a0: {' ou '.join(CODES.get(code, code) for code in codes)}"
        for field, codes in one.where
    )
    return f"«\u00a0{name}\u00a0»" + (f" ({where})" if where else "")
