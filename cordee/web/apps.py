from django.apps import AppConfig

from cordee.kernel.apps import load


class WebConfig(AppConfig):
    name = "cordee.web"
    label = "web"
    verbose_name = "porte des humains"

    def ready(self) -> None:
        """Last room, every table exists: facts and rules of all rooms are known from here."""
        load("facts")
        load("policy")
