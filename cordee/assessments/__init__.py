"""Asking and scoring: FHIR questionnaires, what was answered, and what it says."""
