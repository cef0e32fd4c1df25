from django.apps import AppConfig


class FhirConfig(AppConfig):
    name = "cordee.fhir"
    label = "fhir"
