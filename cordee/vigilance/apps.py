from django.apps import AppConfig


class VigilanceConfig(AppConfig):
    name = "cordee.vigilance"
    label = "vigilance"
