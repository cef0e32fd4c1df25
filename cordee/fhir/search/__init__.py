"""Search as FHIR says it: words understood, turned into one filter, given page by page."""
