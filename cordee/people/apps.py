from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "cordee.people"
    label = "people"
