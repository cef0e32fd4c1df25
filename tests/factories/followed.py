"""Somebody on a pathway, made up for tests: a version in use, and a rupture that waits."""

from datetime import timedelta
from typing import Any

from cordee.protocols import models
from cordee.protocols.rules import conformance, reading
from cordee.protocols.shipped import texts
from cordee.protocols.vocabulary import known_kinds
from tests.factories.protocols import ProtocolVersionFactory
from tests.support import NOW, arranging


def version_in_use(text: str, organization: Any) -> models.ProtocolVersion:
    """A text that a structure approved."""
    read = reading.read(text, kinds=known_kinds())
    made: models.ProtocolVersion = ProtocolVersionFactory(
        name=read.id, edition=read.version, title=read.title, text=text, organization=organization
    )
    return made


def pathway_followed(person: Any, organization: Any, account: Any) -> models.Pathway:
    """A person who entered a week ago; she should have been informed yesterday."""
    text = texts()["fragilite-domicile"]
    version = version_in_use(text, organization)
    read = reading.read(text, kinds=known_kinds())
    entered_at = NOW - timedelta(days=8)
    with arranging():
        pathway = models.Pathway.objects.create(
            person=person,
            organization=organization,
            followed=version,
            protocol=read.id,
            entered_at=entered_at,
            joined_by=account,
        )
        models.Clock.objects.create(pathway=pathway, state=conformance.begun(read, entered_at))
        models.Passage.objects.create(
            pathway=pathway, station=read.steps[-1].id, at=NOW - timedelta(days=2), fact=1
        )
        models.Rupture.objects.create(
            pathway=pathway,
            of="information",
            at=NOW - timedelta(days=1),
            standing="late",
            expected="Informer la personne sur le partage de ses données",
            role="coordination",
            found_at=NOW,
        )
    return pathway
