"""The addresses of the room. Those of the phone stand apart: it opens them without a session."""

from django.urls import path

from cordee.vigilance.views import phone

app_name = "vigilance"
urlpatterns = [
    path("visites/", phone.page, name="phone"),
    path("visites/agent.js", phone.worker, name="phone_worker"),
    path("visites/application.webmanifest", phone.manifest, name="phone_manifest"),
    path("visites/telephone", phone.enrol, name="enrol"),
    path("visites/envoi", phone.sync, name="sync"),
    path("visites/efface", phone.wiped, name="wiped"),
]
