"""The rules of the data types (FHIR R4, datatypes, metadatatypes, references)."""

from cordee.fhir.shape.invariants.rule import Holds, Rule, Values, choice, has, in_order

UCUM = "http://unitsofmeasure.org"
CURRENCY = "urn:iso:std:iso:4217"
QUANTITY_LIKE = {"Age", "Count", "Distance", "Duration"}
_TIMED = {"C", "CM", "CD", "CV"}


def _is_unit(value: Values, system: str) -> bool:
    return (has(value, "code") or not has(value, "value")) and value.get("system", system) == system


def _age(value: Values) -> bool:
    return _is_unit(value, UCUM) and value.get("value", 1) > 0


def _count(value: Values) -> bool:
    number = value.get("value", 0)
    is_one = value.get("code", "1") == "1"
    return _is_unit(value, UCUM) and is_one and number == int(number)


def _duration(value: Values) -> bool:
    return not has(value, "code") or (value.get("system") == UCUM and has(value, "value"))


def _ratio(value: Values) -> bool:
    numerator, denominator = "numerator" in value, "denominator" in value
    return numerator == denominator and (numerator or "extension" in value)


def _range(value: Values) -> bool:
    """Compare the ends only when their unit is the same: else nobody knows."""
    low, high = value.get("low", {}), value.get("high", {})
    if low.get("code") != high.get("code") or "value" not in low or "value" not in high:
        return True
    return bool(low["value"] <= high["value"])


def _positive(name: str) -> Holds:
    return lambda value: value.get(name, 0) >= 0


def _needs(name: str, other: str) -> Holds:
    return lambda value: not has(value, name) or has(value, other)


def _offset(value: Values) -> bool:
    if not has(value, "offset"):
        return True
    when = value.get("when", ())
    return bool(when) and _TIMED.isdisjoint(when)


_has_value = choice("Extension", "value")
_has_timing = choice("TriggerDefinition", "timing")


def _trigger(value: Values) -> bool:
    kind = value.get("type", "")
    if kind == "named-event":
        return has(value, "name")
    if kind == "periodic":
        return _has_timing(value)
    return not kind.startswith("data-") or "data" in value


RULES = (
    Rule("ext-1", "Extension", "Une extension porte une valeur ou d’autres extensions : l’un, pas "
         "les deux.", lambda v: ("extension" in v) != _has_value(v)),
    Rule("qty-3", "Quantity", "Une unité codée doit nommer son système.", _needs("code", "system")),
    Rule("sqty-1", "SimpleQuantity", "Cette quantité est simple : sans comparateur.",
         lambda v: not has(v, "comparator")),
    Rule("mqty-1", "MoneyQuantity", "Un montant porte un code de devise (ISO 4217).",
         lambda v: _is_unit(v, CURRENCY)),
    Rule("age-1", "Age", "Un âge est positif, et son unité est un code UCUM.", _age),
    Rule("cnt-3", "Count", "Un nombre d’objets est entier, et son unité est « 1 ».", _count),
    Rule("dis-1", "Distance", "Une distance porte un code d’unité UCUM.",
         lambda v: _is_unit(v, UCUM)),
    Rule("drt-1", "Duration", "L’unité d’une durée est un code UCUM, et sa valeur est donnée.",
         _duration),
    Rule("rat-1", "Ratio", "Un rapport a un numérateur et un dénominateur, ou aucun des deux et "
         "une extension.", _ratio),
    Rule("rng-2", "Range", "Le bas de l’intervalle ne peut pas dépasser le haut.", _range),
    Rule("per-1", "Period", "Le début doit précéder la fin.",
         lambda v: in_order(v.get("start"), v.get("end"))),
    Rule("att-1", "Attachment", "Un contenu doit dire son format (contentType).",
         _needs("data", "contentType")),
    Rule("cpt-2", "ContactPoint", "Une coordonnée doit dire son moyen (system).",
         _needs("value", "system")),
    Rule("exp-1", "Expression", "Il faut une expression ou une référence.",
         lambda v: has(v, "expression") or has(v, "reference")),
    Rule("drq-1", "DataRequirement.codeFilter", "Il faut path ou searchParam : l’un, pas les deux.",
         lambda v: has(v, "path") != has(v, "searchParam")),
    Rule("drq-2", "DataRequirement.dateFilter", "Il faut path ou searchParam : l’un, pas les deux.",
         lambda v: has(v, "path") != has(v, "searchParam")),
    Rule("tim-1", "Timing.repeat", "Une durée doit dire son unité.",
         _needs("duration", "durationUnit")),
    Rule("tim-2", "Timing.repeat", "Une période doit dire son unité.",
         _needs("period", "periodUnit")),
    Rule("tim-4", "Timing.repeat", "Une durée n’est pas négative.", _positive("duration")),
    Rule("tim-5", "Timing.repeat", "Une période n’est pas négative.", _positive("period")),
    Rule("tim-6", "Timing.repeat", "periodMax demande period.", _needs("periodMax", "period")),
    Rule("tim-7", "Timing.repeat", "durationMax demande duration.",
         _needs("durationMax", "duration")),
    Rule("tim-8", "Timing.repeat", "countMax demande count.", _needs("countMax", "count")),
    Rule("tim-9", "Timing.repeat", "offset demande un moment (when) autre que « aux repas ».",
         _offset),
    Rule("tim-10", "Timing.repeat", "timeOfDay et when s’excluent.",
         lambda v: not (has(v, "timeOfDay") and has(v, "when"))),
    Rule("trd-1", "TriggerDefinition", "data et timing s’excluent.",
         lambda v: not ("data" in v and _has_timing(v))),
    Rule("trd-2", "TriggerDefinition", "Une condition demande data.",
         lambda v: "condition" not in v or "data" in v),
    Rule("trd-3", "TriggerDefinition", "Selon son type, il faut name, timing ou data.", _trigger),
)  # fmt: skip
