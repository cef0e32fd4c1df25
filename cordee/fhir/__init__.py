"""The machine's door: FHIR R4 in and out. It translates, and never decides."""
