from django.apps import AppConfig


class ProtocolsConfig(AppConfig):
    name = "cordee.protocols"
    verbose_name = "Protocoles"
