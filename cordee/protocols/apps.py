from django.apps import AppConfig


class ProtocolsConfig(AppConfig):
    name = "cordee.protocols"
    label = "protocols"
    verbose_name = "Protocoles"
