from django.apps import AppConfig


class PlansConfig(AppConfig):
    name = "cordee.plans"
    label = "plans"
