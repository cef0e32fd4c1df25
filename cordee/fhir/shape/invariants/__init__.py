"""The rules of R4 that bind elements together, checked where they cost little.

Each keeps HL7's key; its English words are HL7's (`r4/invariants.json`), its French ones ours.
`UNCHECKED` says which are left, and why.
"""

from functools import cache

from cordee.fhir.shape.invariants import care, datatypes, questions, workflow
from cordee.fhir.shape.invariants.rule import Rule
from cordee.fhir.shape.tables import QUANTITIES, invariants

RULES: tuple[Rule, ...] = (*datatypes.RULES, *care.RULES, *workflow.RULES, *questions.RULES)

# Held elsewhere than in a rule of an object: key → French words.
ELSEWHERE = {
    "ref-1": "Cette référence locale ne mène à aucune ressource contenue (contained).",
    "dom-2": "Une ressource contenue ne peut pas en contenir d’autres.",
    "dom-3": "Une ressource contenue doit être citée par celle qui la contient, ou la citer.",
    "dom-4": "Une ressource contenue n’a ni meta.versionId ni meta.lastUpdated.",
    "dom-5": "Une ressource contenue n’a pas d’étiquette de sécurité (meta.security).",
    "txt-1": "Le texte doit être du XHTML de mise en forme : ni script, ni formulaire, ni objet.",
    "txt-2": "Le texte ne dit rien.",
}
# Left, by key or by what comes before its dash.
_CONFORMANCE = "cmd cpb csd eld ig md mea nsd opd sdf smp spd tcp tst vsd inv-1@TestReport inv-2"
_ELSEWHERE = "ces fhs grp imm imr ipn lnk lst mad mdd mrp msq ras rqg"
_OF_NO_SYSTEM = "ppc-2 ppc-3 ppc-4 ppc-5"
UNCHECKED = {
    **dict.fromkeys(_CONFORMANCE.split(), "a conformance resource, which nobody sends Cordée"),
    **dict.fromkeys(_ELSEWHERE.split(), "a resource that Cordée does not serve"),
    **dict.fromkeys(_OF_NO_SYSTEM.split(), "HL7 wrote them of a system that is “something”"),
    "ctm-1": "needs the resource that a reference leads to",
}


@cache
def _by_kind() -> dict[str, list[Rule]]:
    found: dict[str, list[Rule]] = {}
    for rule in RULES:
        found.setdefault(rule.kind, []).append(rule)
    return found


@cache
def rules_of(kind: str) -> list[Rule]:
    """Return the rules of a type, those of the type it is a profile of included."""
    base = "Quantity" if kind in QUANTITIES or kind in datatypes.QUANTITY_LIKE else ""
    return [*_by_kind().get(base, ()), *_by_kind().get(kind, ())]


@cache
def words() -> dict[str, tuple[str, str]]:
    """Return the two sentences of each rule that is checked, by its key."""
    french = ELSEWHERE | {rule.key: rule.french for rule in RULES}
    return {key: (said, str(invariants()[key]["en"])) for key, said in french.items()}
