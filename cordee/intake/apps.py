from django.apps import AppConfig


class IntakeConfig(AppConfig):
    name = "cordee.intake"
    label = "intake"
