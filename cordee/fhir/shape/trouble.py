"""What is wrong with a resource: where, which rule, and two sentences. Never the value itself.

A value may be health data or a name, and these sentences travel: they speak of elements only.
"""

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]

# Stable codes of ours → the code of the kind of issue in FHIR (value set issue-type).
ISSUE_TYPES = {
    "unknown_element": "structure",
    "unknown_resource": "structure",
    "wrong_type": "structure",
    "not_a_list": "structure",
    "a_list": "structure",
    "empty": "structure",
    "null": "structure",
    "two_choices": "structure",
    "too_deep": "too-long",
    "missing": "required",
    "too_many": "structure",
    "bad_format": "value",
    "no_such_date": "value",
    "too_long": "too-long",
    "blank": "value",
    "not_in_value_set": "code-invalid",
    "fixed": "value",
    "forbidden": "structure",
    "wrong_target": "value",
    "bad_reference": "value",
    "unknown_profile": "not-supported",
}

# French, then English. What stands in braces is a name of FHIR.
SENTENCES = {
    "unknown_element": (
        "Cet élément n’existe pas dans {kind}.",
        "This element does not exist in {kind}.",
    ),
    "unknown_resource": (
        "« resourceType » doit nommer une ressource de FHIR R4.",
        "“resourceType” must name a FHIR R4 resource.",
    ),
    "wrong_type": ("Il faut ici {kind} en JSON.", "A JSON {kind} is expected here."),
    "not_a_list": (
        "Cet élément se répète : il faut une liste.",
        "This element repeats: a list is expected.",
    ),
    "a_list": (
        "Cet élément ne se répète pas : il ne faut pas de liste.",
        "This element does not repeat: no list is expected.",
    ),
    "empty": (
        "Un élément vide ne s’envoie pas : retirez-le ou donnez-lui un contenu.",
        "An empty element is not sent: remove it, or give it some content.",
    ),
    "null": (
        "« null » n’a de sens que dans une liste, face à une extension.",
        "“null” only makes sense in a list, beside an extension.",
    ),
    "two_choices": (
        "Une seule forme de {kind}[x] peut être donnée.",
        "Only one form of {kind}[x] may be given.",
    ),
    "too_deep": ("La ressource est trop imbriquée.", "The resource is nested too deeply."),
    "missing": ("Cet élément est obligatoire.", "This element is required."),
    "missing_one": (
        "Il manque ici un élément, celui dont {kind}.",
        "An element is missing here, the one with {kind}.",
    ),
    "too_many": ("Il y en a trop : {kind} au plus.", "Too many: {kind} at most."),
    "bad_format": ("Ce n’est pas la forme d’un « {kind} ».", "This is not the form of a “{kind}”."),
    "no_such_date": ("Cette date n’existe pas.", "This date does not exist."),
    "too_long": ("Ce texte est trop long.", "This text is too long."),
    "blank": ("Ce texte n’a que des espaces.", "This text is nothing but spaces."),
    "not_in_value_set": (
        "Ce code n’est pas de la liste {kind}, qui est obligatoire.",
        "This code is not in the value set {kind}, which is required.",
    ),
    "fixed": ("La valeur imposée est {kind}.", "The value is fixed: {kind}."),
    "forbidden": (
        "Le profil {kind} interdit cet élément.",
        "The profile {kind} forbids this element.",
    ),
    "wrong_target": (
        "Cette référence ne peut mener qu’à : {kind}.",
        "This reference may only lead to: {kind}.",
    ),
    "bad_reference": (
        "Une référence s’écrit Type/identifiant, ou une adresse entière.",
        "A reference is written Type/id, or as a whole address.",
    ),
    "unknown_profile": (
        "Ce profil n’est pas connu ici : la ressource n’a pas été vérifiée contre lui.",
        "This profile is not known here: the resource was not checked against it.",
    ),
}


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that is wrong.

    `path` is FHIRPath; `code` is stable: one of `ISSUE_TYPES`, or the key of a rule of HL7.
    """

    path: str
    code: str
    severity: Severity
    text_fr: str
    text_en: str

    @property
    def issue_type(self) -> str:
        """Return the kind of issue as an OperationOutcome says it."""
        return ISSUE_TYPES.get(self.code, "invariant")


class Finding:
    """A trouble on its way up: its path grows from the leaf, so that what is right is free."""

    __slots__ = ("about", "code", "path", "severity")

    def __init__(
        self, code: str, about: str = "", path: list[str | int] | None = None,
        severity: Severity = "error",
    ) -> None:  # fmt: skip
        """Note what is wrong, `path` from the leaf up."""
        self.code, self.about, self.severity = code, about, severity
        self.path: list[str | int] = path if path is not None else []

    def at(self, root: str) -> str:
        """Write the path as FHIRPath."""
        words = [root]
        for step in reversed(self.path):
            words.append(f"[{step}]" if isinstance(step, int) else f".{step}")
        return "".join(words)


Found = list[Finding] | None


def joined(found: Found, name: str | int, inner: list[Finding]) -> list[Finding]:
    """Add what was found under a name."""
    for one in inner:
        one.path.append(name)
    if found is None:
        return inner
    found.extend(inner)
    return found


def noted(found: Found, one: Finding) -> list[Finding]:
    """Add one finding of this very place."""
    if found is None:
        return [one]
    found.append(one)
    return found


JSON_KINDS = {
    "object": "un objet",
    "string": "un texte",
    "number": "un nombre",
    "integer": "un nombre entier",
    "boolean": "true ou false,",
}


def sentences(code: str, about: str) -> tuple[str, str]:
    """Return the two sentences of a code, in French and in English."""
    french, english = SENTENCES[code]
    named = JSON_KINDS.get(about, about) if code == "wrong_type" else about
    return french.format(kind=named), english.format(kind=about)
