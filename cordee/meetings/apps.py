from django.apps import AppConfig


class MeetingsConfig(AppConfig):
    name = "cordee.meetings"
    label = "meetings"
