from django.apps import AppConfig


class PartnersConfig(AppConfig):
    name = "cordee.partners"
    label = "partners"
