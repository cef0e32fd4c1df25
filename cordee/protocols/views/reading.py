"""Protocols are read: the list, one version in sentences, its text, its public page."""

import json
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from cordee.access.policy import is_allowed
from cordee.kernel.errors import DomainError
from cordee.kernel.http import page
from cordee.protocols import selectors
from cordee.protocols.models import ProtocolVersion
from cordee.protocols.rules.plan_definition import exported
from cordee.protocols.rules.protocol import Protocol, Refused

VERBS = ("save", "propose", "approve", "send_back", "retire", "discard")


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """Those of one's structures, then what others use, then what is shipped."""
    known = list(selectors.versions(request.actor))
    context = {
        "sections": selectors.sections(request.actor, known),
        "may_begin": is_allowed(request.actor, "protocols.begin"),
    }
    return page(request, "protocols/list.jinja", context)


@require_GET
def version(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One version in sentences, what may be done of it, and what it may be compared with."""
    found = selectors.get_version(request.actor, pk)
    context = {
        "version": found,
        "shown": readable(found),
        "troubles": selectors.troubles_of(found.text),
        "may": {verb: is_allowed(request.actor, f"protocols.{verb}", found) for verb in VERBS},
        "may_begin": is_allowed(request.actor, "protocols.begin"),
        "others": selectors.others_of(request.actor, found),
    }
    return page(request, "protocols/version.jinja", context)


@require_GET
def public(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A version in use, for whoever is concerned: no account is asked."""
    found = selectors.get_public_version(request.actor, pk)
    return page(request, "protocols/public.jinja", {"version": found, "shown": readable(found)})


@require_GET
def as_yaml(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The text as it was signed."""
    found = selectors.get_version(request.actor, pk)
    return _file(found, found.text, "application/yaml; charset=utf-8", "yaml")


@require_GET
def as_fhir(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The same as a FHIR PlanDefinition."""
    found = selectors.get_version(request.actor, pk)
    said = exported(protocol_or_told(found))
    if found.state in ProtocolVersion.PUBLISHED:
        said["status"] = "active" if found.state == ProtocolVersion.State.APPROVED else "retired"
    text = json.dumps(said, ensure_ascii=False, indent=2)
    return _file(found, text, "application/fhir+json; charset=utf-8", "json")


def readable(version: ProtocolVersion) -> Any:
    """Give the sentences of a version, or nothing when its text cannot be read yet."""
    try:
        return selectors.readable(selectors.protocol_of(version))
    except Refused:
        return None


def protocol_or_told(version: ProtocolVersion) -> Protocol:
    """Give the protocol of a version. Raises DomainError when its text cannot be read yet."""
    try:
        return selectors.protocol_of(version)
    except Refused:
        raise DomainError(
            "protocols.unreadable",
            "Ce texte ne peut pas encore être lu comme un protocole. Ouvrez-le pour voir ce qu’il "
            "reste à corriger.",
        ) from None


def _file(version: ProtocolVersion, text: str, kind: str, suffix: str) -> HttpResponse:
    response = HttpResponse(text, content_type=kind)
    name = f"protocole-{version.pk}.{suffix}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
