"""ValueSet `$expand` and `$validate-code`, CodeSystem `$lookup` and `$validate-code`.

Sources: https://hl7.org/fhir/R4/valueset-operation-expand.html, valueset-operation-validate-code,
codesystem-operation-lookup and codesystem-operation-validate-code. Only the lists that are given
here are known: of another, nothing is said. No health data: no scope is asked.
"""

from cordee.fhir.call import Call
from cordee.fhir.datatypes import coding, filled
from cordee.fhir.definitions import defined, definitions
from cordee.fhir.definitions.vocabularies import Codes, codes_in, listed
from cordee.fhir.operations import Operation, Part
from cordee.fhir.operations.given import Given
from cordee.fhir.outcome import Issue, Json, Refusal, invalid
from cordee.fhir.writing import instant
from cordee.people.rules.traits import folded

USUAL, MOST = 1_000, 1_000
HL7 = "http://hl7.org/fhir/OperationDefinition/"
RESULT = (Part("result", "boolean", 1), Part("message", "string"), Part("display", "string"))


def expand(call: Call, pk: str, given: Given) -> Json:
    """The codes of a value set, those whose words hold `filter`. Raises Refusal."""
    found = _named("ValueSet", pk, given)
    wanted = folded(given.text("filter"))
    codes = [
        coding(system, code, text)
        for system, some in _codes_of(found).items()
        for code, text in some.items()
        if wanted in folded(f"{code} {text}")
    ]
    begin = given.number("offset", 0, 10**6, least=0)
    shown = codes[begin : begin + given.number("count", USUAL, MOST, least=0)]
    expansion = {
        "timestamp": instant(call.now),
        "total": len(codes),
        "offset": begin,
        **({"contains": shown} if shown else {}),
    }
    return {key: value for key, value in found.items() if key != "compose"} | {
        "expansion": expansion
    }


def validate_code(call: Call, pk: str, given: Given) -> Json:
    """Say whether a code is in a value set. Raises Refusal."""
    return _judged(_codes_of(_named("ValueSet", pk, given)), _asked(given, "system"), given)


def validate_in_system(call: Call, pk: str, given: Given) -> Json:
    """Say whether a code is in a code system of the house. Raises Refusal."""
    found = _listing(_named("CodeSystem", pk, given))
    return _judged({found["url"]: codes_in(found["url"])}, _asked(given, "url"), given)


def lookup(call: Call, pk: str, given: Given) -> Json:
    """How a code of the house is said. Raises Refusal: the system or the code is unknown."""
    system, code = _asked(given, "system")
    found = defined("CodeSystem", system)
    if found is None:
        raise Refusal(404, [NO_LIST])
    text = codes_in(_listing(found)["url"]).get(code)
    if text is None:
        raise Refusal(404, [NO_CODE])
    return _parameters(
        {"name": "name", "valueString": found["title"]},
        {"name": "display", "valueString": text},
    )


def _named(type_name: str, pk: str, given: Given) -> Json:
    """The definition of the address, or of `url`. Raises Refusal (404): not given here."""
    url = given.text("url") or (given.text("system") if type_name == "CodeSystem" else "")
    found = definitions(type_name).get(pk) if pk else defined(type_name, url)
    if found is None:
        raise Refusal(404, [NO_LIST])
    return found


def _codes_of(value_set: Json) -> dict[str, Codes]:
    return listed(value_set["url"]) or {}


def _listing(system: Json) -> Json:
    """The same system, when its codes are listed. Raises Refusal (404)."""
    if system["content"] != "complete":
        raise Refusal(404, [NOT_LISTED])
    return system


def _asked(given: Given, of_system: str) -> tuple[str, str]:
    """The system and the code that are asked about. Raises Refusal (400): no code."""
    one = given.named.get("coding", {}).get("valueCoding", {})
    one = one if isinstance(one, dict) else {}
    code = str(one.get("code") or given.text("code"))
    if not code:
        raise invalid(
            "operation.parameter",
            "Le paramètre « code » manque, ou ne se lit pas.",
            "The parameter code is missing or cannot be read.",
            "Parameters.parameter.where(name='code')",
        )
    return str(one.get("system") or given.text(of_system)), code


def _judged(codes: dict[str, Codes], asked: tuple[str, str], given: Given) -> Json:
    """Whether a code is listed, under its system when one is said, and as it is said."""
    system, code = asked
    texts = [some[code] for name, some in codes.items() if code in some and system in ("", name)]
    said = given.text("display")
    if not texts:
        return _parameters(_result(False), _message("Ce code n’est pas dans cette liste."))
    if said and texts[0] and folded(said) != folded(texts[0]):
        return _parameters(_result(False), _message("Ce code se dit autrement."), *_said(texts[0]))
    return _parameters(_result(True), *_said(texts[0]))


def _result(value: bool) -> Json:
    return {"name": "result", "valueBoolean": value}


def _message(text: str) -> Json:
    return {"name": "message", "valueString": text}


def _said(text: str) -> list[Json]:
    return [{"name": "display", "valueString": text}] if text else []


def _parameters(*parts: Json) -> Json:
    return {"resourceType": "Parameters", "parameter": [filled(one) for one in parts]}


NO_LIST = Issue(
    "not-found",
    "terminology.unknown",
    "Cette liste de codes n’est pas de celles qui sont données ici.",
    "The value set or code system is not among those that are given here.",
)
NOT_LISTED = Issue(
    "not-supported",
    "terminology.not_listed",
    "Les codes de ce système ne sont pas listés ici.",
    "The codes of this system are not listed here.",
)
NO_CODE = Issue(
    "not-found",
    "terminology.no_code",
    "Ce code n’est pas dans ce système.",
    "The code is not in this system.",
)

OPERATIONS = (
    Operation(
        "expand",
        "ValueSet",
        HL7 + "ValueSet-expand",
        expand,
        at_type=True,
        takes=(
            Part("url", "uri"),
            Part("filter", "string"),
            Part("offset", "integer"),
            Part("count", "integer"),
        ),
        gives=(Part("return", "ValueSet", 1),),
    ),
    Operation(
        "validate-code",
        "ValueSet",
        HL7 + "ValueSet-validate-code",
        validate_code,
        at_type=True,
        takes=(
            Part("url", "uri"),
            Part("code", "code"),
            Part("system", "uri"),
            Part("display", "string"),
            Part("coding", "Coding"),
        ),
        gives=RESULT,
    ),
    Operation(
        "lookup",
        "CodeSystem",
        HL7 + "CodeSystem-lookup",
        lookup,
        at_instance=False,
        at_type=True,
        takes=(Part("code", "code"), Part("system", "uri"), Part("coding", "Coding")),
        gives=(Part("name", "string", 1), Part("display", "string", 1)),
    ),
    Operation(
        "validate-code",
        "CodeSystem",
        HL7 + "CodeSystem-validate-code",
        validate_in_system,
        at_type=True,
        takes=(
            Part("url", "uri"),
            Part("code", "code"),
            Part("display", "string"),
            Part("coding", "Coding"),
        ),
        gives=RESULT,
    ),
)
