from django.apps import AppConfig


class BrokerConfig(AppConfig):
    name = "cordee.broker"
    label = "broker"
