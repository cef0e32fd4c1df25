"""Every room's door, and nothing else."""

from django.urls import include, path, re_path

from cordee.kernel.health import health
from cordee.web.views import condition, errors

urlpatterns = [
    path("health", health, name="health"),
    path("ready", condition.ready, name="ready"),
    path("metrics", condition.figures, name="metrics"),
    path("", include("cordee.fhir.urls")),  # what machines ask, all day long
    path("", include("cordee.pathways.urls")),  # first: the page that is asked for most
    path("", include("cordee.web.urls")),
    path("", include("cordee.people.urls")),
    path("", include("cordee.assessments.urls")),
    path("", include("cordee.liaison.urls")),
    path("", include("cordee.broker.urls")),
    path("", include("cordee.intake.urls")),
    path("", include("cordee.plans.urls")),
    path("", include("cordee.vigilance.urls")),
    path("", include("cordee.protocols.urls")),
    path("", include("cordee.meetings.urls")),
    path("", include("cordee.partners.urls")),
    path("annuaire/", include("cordee.directory.urls")),
    path("", include("cordee.messaging.urls")),
    path("compte/email/", errors.shut, name="no_other_address"),  # nobody changes it alone
    re_path("^compte/oidc/", errors.shut, name="no_other_sign_on"),  # ours is the one above
    path("compte/", include("allauth.urls")),
]

handler400 = "cordee.web.views.errors.bad_request"
handler403 = "cordee.web.views.errors.forbidden"
handler404 = "cordee.web.views.errors.not_found"
handler500 = "cordee.web.views.errors.broken"
