from django.apps import AppConfig


class AssessmentsConfig(AppConfig):
    name = "cordee.assessments"
    label = "assessments"
