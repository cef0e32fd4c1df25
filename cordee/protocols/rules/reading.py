"""A document read as a protocol, or refused with every trouble named at once.

`SHAPES` is the grammar of constraints: the words of each rule, and the field that each one fills.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from cordee.kernel.typography import typo
from cordee.protocols.rules import consistency
from cordee.protocols.rules.document import Document, Path, parsed
from cordee.protocols.rules.kinds import ROLES
from cordee.protocols.rules.page import Page, Troubles
from cordee.protocols.rules.protocol import (
    Already,
    Certainty,
    Clock,
    Constraint,
    Criterion,
    Exit,
    Indicator,
    Patterns,
    Protocol,
    Refused,
    Rule,
    Source,
    Step,
)

ENTRY = "entree"
WORDS = ("protocole", "version", "titre", "statut", "auteurs", "sources", "entree", "etapes")
MORE_WORDS = ("obligations", "indicateurs", "sorties", "contraintes")
CONSTRAINT = ("id", "titre", "responsable", "regle", "base")


@dataclass(frozen=True)
class Shape:
    """The words of a rule: those it needs and those it may have; word → field."""

    needs: dict[str, str]
    may: dict[str, str]

    @property
    def words(self) -> dict[str, str]:
        """All of them."""
        return self.needs | self.may


_EXCUSED = {"sauf": "unless", "prevenir": "warning"}
_ALREADY = {"deja": "already"}
SHAPES = {
    Rule.RESPONSE: Shape(
        {"apres": "after", "attendu": "facts", "dans": "within"},
        {**_EXCUSED, "pour_chaque": "for_each"},
    ),
    Rule.PRECEDENCE: Shape(
        {"fait": "facts", "seulement_apres": "after"}, {"dans": "within", "sauf": "unless"}
    ),
    Rule.ABSENCE: Shape(
        {"interdit": "facts"}, {"apres": "after", "jusqu_a": "until", "dans": "within"}
    ),
    Rule.COUNT: Shape(
        {"fait": "facts"},
        {
            "exactement": "exactly",
            "au_moins": "at_least",
            "au_plus": "at_most",
            "apres": "after",
            "dans": "within",
            **_EXCUSED,
            **_ALREADY,
        },
    ),
    Rule.REPEAT: Shape(
        {"fait": "facts", "tous_les": "within"}, {"apres": "after", **_EXCUSED, **_ALREADY}
    ),
    Rule.SILENCE: Shape(
        {"sans_nouvelles": "facts", "plus_de": "within"},
        {"apres": "after", **_EXCUSED, **_ALREADY},
    ),
}
_DATE = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")
_DELAYS = ("within", "warning")
_NUMBERS = ("exactly", "at_least", "at_most")


def read(
    text: str, *, kinds: Mapping[str, Collection[str]], never_alone: Collection[str] = ()
) -> Protocol:
    """Read a text of YAML. `kinds`: the facts that may be spoken of, and the fields
    that their data holds; `never_alone`: those that may only be named beside another.

    Raises Refused with each trouble in a sentence, and its line."""
    return read_document(parsed(text), kinds=kinds, never_alone=never_alone)


def read_document(
    document: Document, *, kinds: Mapping[str, Collection[str]], never_alone: Collection[str] = ()
) -> Protocol:
    """Read what was parsed, or a plain value that another format gave. Raises Refused."""
    troubles = Troubles(kinds, list(document.troubles), never_alone)
    protocol = _protocol(Page(document.value, (), troubles))
    if protocol is not None and not troubles.found:
        troubles.found += consistency.troubles(protocol)
    if troubles.found or protocol is None:
        raise Refused(tuple(_sentence(document, *one) for one in troubles.found))
    return protocol


def _sentence(document: Document, path: Path, text: str) -> str:
    """Say where, then what: « Ligne 12, contraintes › 2 › dans : … »."""
    steps = [str(part + 1) if isinstance(part, int) else part for part in path]
    line = next(
        (
            document.lines[path[:end]]
            for end in range(len(path), -1, -1)
            if path[:end] in document.lines
        ),
        None,
    )
    where = ([f"ligne {line}"] if line else []) + ([" › ".join(steps)] if steps else [])
    said = f"{', '.join(where)} : {text}" if where else text
    return typo(said[:1].upper() + said[1:])


def _protocol(page: Page) -> Protocol | None:
    if not page.fields(WORDS, MORE_WORDS):
        return None
    for key in ("auteurs", "sources"):
        if page.has(key) and not page.at(key).items():
            page.at(key).refuse("il en faut au moins une ligne.")
    entry = page.at("entree")
    if page.has("entree"):
        entry.fields(["criteres"])
    return Protocol(
        id=page.at("protocole").id(),
        version=page.at("version").text(),
        title=page.at("titre").title(),
        status=page.at("statut").text(),
        authors=page.texts("auteurs"),
        sources=page.each("sources", _source),
        obligations=page.texts("obligations"),
        indicators=page.each("indicateurs", _indicator),
        inclusion=entry.each("criteres", _criterion),
        steps=page.each("etapes", _step),
        exits=page.each("sorties", _exit),
        constraints=page.each("contraintes", _constraint),
    )


def _source(page: Page) -> Source | None:
    if not page.fields(["texte", "date", "certitude"]):
        return None
    sure = page.at("certitude").among([one.value for one in Certainty])
    is_known = sure in set(Certainty)
    certainty = Certainty(sure) if is_known else Certainty.LOCAL
    day = page.at("date").text()
    if day and not _DATE.fullmatch(day):
        page.at("date").refuse(f"« {day} » n’est pas une date : 2019, 2019-07 ou 2019-07-31.")
    return Source(page.at("texte").text(), day, certainty)


def _indicator(page: Page) -> Indicator | None:
    if not page.fields(["id", "texte"]):
        return None
    return Indicator(page.at("id").id(), page.at("texte").text())


def _criterion(page: Page) -> Criterion | None:
    if isinstance(page.value, str):
        return Criterion(page.text())
    if not page.fields(["texte"], ["propose_par"]):
        return None
    return Criterion(page.at("texte").text(), page.at("propose_par").patterns())


def _exit(page: Page) -> Exit | None:
    if not page.fields(["texte", "fait"], ["annulee_par"]):
        return None
    facts, unless = page.at("fait").patterns(), page.at("annulee_par").patterns()
    return Exit(page.at("texte").text(), facts, unless)


def _step(page: Page) -> Step | None:
    if not page.fields(["id", "titre", "responsable", "fait"], ["horloge", "deja"]):
        return None
    return Step(
        id=page.at("id").id(),
        title=page.at("titre").title(),
        role=page.at("responsable").among(ROLES),
        done=page.at("fait").patterns(),
        clock=_clock(page.at("horloge")) if page.has("horloge") else None,
        already=_already(page.at("deja")),
    )


def _clock(page: Page) -> Clock | None:
    if not page.fields(["dans", "apres", "base"], ["prevenir"]):
        return None
    within, warning = page.at("dans").delay(), page.at("prevenir").delay()
    step, after = "", page.at("apres")
    if isinstance(after.value, dict) and "etape" in after.value:
        after.fields(["etape"])
        step = after.at("etape").id()
        after = Page(None, after.path, page.troubles)
    elif after.value == ENTRY:
        after = Page(None, after.path, page.troubles)
    facts, basis = after.patterns(), page.at("base").text()
    return None if within is None else Clock(within, basis, facts, step, warning)


def _constraint(page: Page) -> Constraint | None:
    if not isinstance(page.value, dict):
        page.fields(CONSTRAINT)
        return None
    rule = page.at("regle").among([one.value for one in Rule])
    shape = SHAPES[Rule(rule)] if rule in set(Rule) else None
    if shape is None:
        if not rule:
            page.fields(CONSTRAINT, page.value)
        return None
    page.fields([*CONSTRAINT, *shape.needs], shape.may)
    found = {name: _field(page.at(word), word, name) for word, name in shape.words.items()}
    if rule == Rule.COUNT:
        _check_count(page, found)
    if found.get("already"):
        _check_already(page, Rule(rule), found)
    if page.has("pour_chaque"):
        _check_field(page.at("pour_chaque"), (*found["after"], *found["facts"]))
    return Constraint(
        id=page.at("id").id(),
        title=page.at("titre").title(),
        role=page.at("responsable").among(ROLES),
        rule=Rule(rule),
        basis=page.at("base").text(),
        **found,
    )


def _field(page: Page, word: str, name: str) -> Any:
    if name in _DELAYS:
        return page.delay()
    if name in _NUMBERS:
        return page.number()
    if name == "for_each":
        return page.text()
    if name == "already":
        return _already(page)
    if word == "apres" and page.value == ENTRY:
        return ()
    return page.patterns()


def _already(page: Page) -> Already | None:
    """Read « oui », a delay, or both words: how long before the entry, and what undoes it."""
    if page.value is None:
        return None
    if not isinstance(page.value, dict):
        return Already(None if page.value == "oui" else page.delay())
    page.fields([], ["depuis", "annule_par"])
    return Already(page.at("depuis").delay(), page.at("annule_par").patterns())


def _check_already(page: Page, rule: Rule, found: dict[str, Any]) -> None:
    """Refuse where nothing could be so before the entry, or where it would say two things."""
    said = page.at("deja")
    if rule is not Rule.COUNT:
        if not found["after"]:
            said.refuse("ne sert à rien sans « apres » : l’attente part déjà de l’entrée.")
        return
    if found["after"]:
        said.refuse("ne va pas avec « apres » : ce qui vient avant l’entrée n’a rien attendu.")
    if (found["at_least"], found["at_most"]) != (1, None):
        said.refuse("ne va qu’avec « au_moins : 1 » : on a déjà, ou on n’a pas.")


def _check_field(page: Page, patterns: Patterns) -> None:
    """Refuse to tell apart by a field that one of the facts does not hold."""
    said = page.value if isinstance(page.value, str) else ""
    for kind in sorted({one.kind for one in patterns}):
        known = page.troubles.kinds.get(kind)
        if said and known is not None and said not in known:
            page.refuse(f"un fait « {kind} » n’a pas de champ « {said} ».")


def _check_count(page: Page, found: dict[str, Any]) -> None:
    """Fill the bounds of a count, and refuse one that says nothing, or that nothing could break."""
    exactly = found.pop("exactly")
    if page.has("exactement"):
        if page.has("au_moins") or page.has("au_plus"):
            page.refuse("« exactement » ne va pas avec « au_moins » ni « au_plus ».")
        found["at_least"], found["at_most"] = exactly or None, exactly
    elif not page.has("au_moins") and not page.has("au_plus"):
        page.refuse("il manque « exactement », « au_moins » ou « au_plus ».")
    _check_minimum(page, found)


def _check_minimum(page: Page, found: dict[str, Any]) -> None:
    if found["at_least"] == 0:
        page.at("au_moins").refuse("« au moins 0 » ne demande rien.")
    if found["at_least"] and not page.has("dans"):
        page.refuse("il manque « dans » : sans délai, rien ne pourrait jamais manquer.")
    if not found["at_least"]:
        for word in ("sauf", "prevenir"):
            if page.has(word):
                page.at(word).refuse("ne sert à rien ici : rien n’est attendu, tout est permis.")
