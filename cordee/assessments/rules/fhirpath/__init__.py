"""FHIRPath over answers: the parser and the evaluator of fhirpathpy, kept strict and bounded.

Source: http://hl7.org/fhirpath/N1/ and, for `weight` and `ordinal`, https://hl7.org/fhir/uv/sdc/.
`parsing` refuses at import what would not be understood, `reads` says which questions an
expression looks at, `functions` mends where the library departs from the specification, and
`evaluation` runs it without ever raising.
"""
