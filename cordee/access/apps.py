from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "cordee.access"
    label = "access"
    verbose_name = "accès"
