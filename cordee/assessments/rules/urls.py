"""The addresses of the extensions that are read, each with the element its value stands in."""

CORE = "http://hl7.org/fhir/StructureDefinition/"
SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-"

SCORING = "urn:cordee:scoring"
CATEGORY = "urn:cordee:category"
VARIABLE = CORE + "variable"
CONSTRAINT = CORE + "questionnaire-constraint"
TARGET_CONSTRAINT = CORE + "targetConstraint"
CALCULATED = SDC + "calculatedExpression"
ENABLE_WHEN = SDC + "enableWhenExpression"
ANSWERS = SDC + "answerExpression"
HIDDEN = CORE + "questionnaire-hidden"
UNIT = CORE + "questionnaire-unit"
UNIT_OPTION = CORE + "questionnaire-unitOption"
CONTROL = CORE + "questionnaire-itemControl"
CONTROL_CODES = "http://hl7.org/fhir/questionnaire-item-control"
MINIMUM = CORE + "minValue"
MAXIMUM = CORE + "maxValue"
MIN_LENGTH = CORE + "minLength"
DECIMALS = CORE + "maxDecimalPlaces"
MIN_OCCURS = CORE + "questionnaire-minOccurs"
MAX_OCCURS = CORE + "questionnaire-maxOccurs"
ORIENTATION = CORE + "questionnaire-choiceOrientation"
INSTRUCTIONS = CORE + "questionnaire-displayCategory"
STEP = CORE + "questionnaire-sliderStepValue"
SHORT = SDC + "shortText"
ENTRY = CORE + "entryFormat"
ORDINAL = CORE + "ordinalValue"
WEIGHT = CORE + "itemWeight"
EXCLUSIVE = CORE + "questionnaire-optionExclusive"
OPTION_PREFIX = CORE + "questionnaire-optionPrefix"

WEIGHTS = (ORDINAL, WEIGHT)
MANY = {VARIABLE, CONSTRAINT, TARGET_CONSTRAINT, UNIT_OPTION}
"""Those that one element may carry several times."""

ON_ROOT = {
    SCORING: ("valueCode",),
    CATEGORY: ("valueCode",),
    VARIABLE: ("valueExpression",),
    CONSTRAINT: (),
    TARGET_CONSTRAINT: (),
}
BOUNDS = (
    "valueInteger",
    "valueDecimal",
    "valueDate",
    "valueDateTime",
    "valueTime",
    "valueQuantity",
)
HINTS = {
    CONTROL: ("valueCodeableConcept",),
    ORIENTATION: ("valueCode",),
    INSTRUCTIONS: ("valueCodeableConcept",),
    STEP: ("valueInteger",),
    SHORT: ("valueString",),
}
"""Of the look only: kept to be written back; our pages have a look of their own."""
ON_ITEM = {
    **HINTS,
    VARIABLE: ("valueExpression",),
    CONSTRAINT: (),
    TARGET_CONSTRAINT: (),
    CALCULATED: ("valueExpression",),
    ENABLE_WHEN: ("valueExpression",),
    ANSWERS: ("valueExpression",),
    HIDDEN: ("valueBoolean",),
    UNIT: ("valueCoding",),
    UNIT_OPTION: ("valueCoding",),
    MINIMUM: BOUNDS,
    MAXIMUM: BOUNDS,
    MIN_LENGTH: ("valueInteger",),
    DECIMALS: ("valueInteger",),
    MIN_OCCURS: ("valueInteger",),
    MAX_OCCURS: ("valueInteger",),
    ENTRY: ("valueString",),
}
ON_OPTION = {
    ORDINAL: ("valueDecimal",),
    WEIGHT: ("valueDecimal",),
    EXCLUSIVE: ("valueBoolean",),
    OPTION_PREFIX: ("valueString",),
}
ON_CODING = {ORDINAL: ON_OPTION[ORDINAL], WEIGHT: ON_OPTION[WEIGHT]}
