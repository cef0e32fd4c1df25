"""One file per type of resource: see `cordee.fhir.contract`."""
