from django.apps import AppConfig


class LiaisonConfig(AppConfig):
    name = "cordee.liaison"
    label = "liaison"
