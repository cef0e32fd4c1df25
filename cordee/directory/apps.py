from django.apps import AppConfig


class DirectoryConfig(AppConfig):
    name = "cordee.directory"
    label = "directory"
