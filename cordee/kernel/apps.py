from importlib import import_module
from importlib.util import find_spec

from django.apps import AppConfig, apps
from django.conf import settings
from django.utils.module_loading import import_string


class KernelConfig(AppConfig):
    name = "cordee.kernel"
    label = "kernel"
    verbose_name = "noyau"


def load(module: str) -> None:
    """Import a module of every room that has it: facts, policies."""
    for config in apps.get_app_configs():
        if config.name.startswith("cordee.") and find_spec(f"{config.name}.{module}"):
            import_module(f"{config.name}.{module}")


def refuse_unless_ready() -> None:
    """Let the house say why a process may not serve. Raises ImproperlyConfigured.

    Called by name: what it looks at stands on the upper floors, and every process asks.
    """
    import_string(settings.READINESS)()
