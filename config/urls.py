"""Every room's door, and nothing else."""

from django.urls import include, path

from cordee.kernel.health import health

urlpatterns = [
    path("health", health, name="health"),
    path("compte/", include("allauth.urls")),
]
