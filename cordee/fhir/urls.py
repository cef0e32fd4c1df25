"""The addresses of the door, under `/fhir/`, and of its screens."""

from django.urls import include, path, re_path

from cordee.fhir import router, views

app_name = "fhir"
TYPE = r"(?P<type_name>[A-Z][A-Za-z]{1,60})"
ID = r"(?P<pk>[A-Za-z0-9\-.]{1,64})"
NAME = r"(?P<name>[a-z][a-z-]{1,40})"
PARTNERS = r"oauth/(?:jwks|token|revoke|introspect)|\.well-known/(?:smart|openid)-configuration"
"""Theirs to answer: `cordee.partners.urls`."""
VERSION = r"(?P<code>[A-Za-z0-9\-.]{1,64})"

machines = [
    re_path(rf"^{TYPE}/{ID}/?$", router.instance, name="instance"),  # what is asked for most
    re_path(rf"^{TYPE}/?$", router.kind, name="kind"),
    path("metadata", router.metadata, name="metadata"),
    path("_history", router.whole_history, name="whole_history"),
    re_path(r"^\$export/?$", router.export, name="export"),
    re_path(r"^(?P<type_name>Patient)/\$export/?$", router.export, name="export_of_type"),
    re_path(rf"^Group/{ID}/\$export/?$", router.export_of_group, name="export_of_group"),
    path("$export/<uuid:pk>", router.export_status, name="export_status"),
    path("$export/<uuid:pk>/<int:number>.ndjson", router.export_file, name="export_file"),
    re_path(r"^\$import/?$", router.bulk_import, name="import"),
    path("$import/<uuid:pk>", router.import_status, name="import_status"),
    path("$import/<uuid:pk>/<int:number>.ndjson", router.import_refusals, name="import_refusals"),
    re_path(rf"^{TYPE}/_search/?$", router.search, name="search"),
    re_path(rf"^{TYPE}(?:/{ID})?/\$validate/?$", router.validate, name="validate"),
    re_path(rf"^{TYPE}(?:/{ID})?/\${NAME}/?$", router.operation, name="operation"),
    re_path(rf"^{TYPE}/_history/?$", router.type_history, name="type_history"),
    re_path(rf"^{TYPE}/{ID}/_history/?$", router.instance_history, name="instance_history"),
    re_path(rf"^{TYPE}/{ID}/_history/{VERSION}/?$", router.version, name="version"),
    re_path(rf"^(?!(?:{PARTNERS})\Z)[.\s\S]+$", router.nowhere, name="nowhere"),
]
urlpatterns = [
    re_path(r"^fhir/?$", router.whole, name="whole"),  # as clients write their base
    path("fhir/", include(machines)),
    path("personnes/<uuid:pk>/documents/etat", views.person_panel, name="person_panel"),
    path("personnes/<uuid:pk>/documents", views.documents, name="documents"),
    path("personnes/<uuid:pk>/documents/<uuid:document>", views.document, name="document"),
    path("administration/exports/", views.exports, name="exports"),
    path("administration/exports/<uuid:pk>/arret", views.cancel_export, name="cancel_export"),
    path("administration/imports/", views.imports, name="imports"),
    path("administration/imports/<uuid:pk>/arret", views.cancel_import, name="cancel_import"),
]
