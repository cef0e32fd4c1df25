from django.apps import AppConfig


class MessagingConfig(AppConfig):
    name = "cordee.messaging"
    label = "messaging"
