"""A planned visit, the phone of a helper, a visit that was marked, and one that was put aside."""

import hashlib
from datetime import timedelta
from typing import Any

from cordee.kernel.identifiers import uuid7
from cordee.vigilance import models
from cordee.vigilance.rules.limits import USUAL
from cordee.vigilance.sealing import seal
from tests.support import NOW, arranging

SECRET = "P" * 43


def phone_of(helper: Any, organization: Any, **details: Any) -> models.Device:
    """A phone that a helper may send from; its secret is `SECRET`."""
    key = uuid7()
    about = {"token_hash": hashlib.sha256(SECRET.encode()).digest(), "since": NOW}
    about |= {"sealed_key": seal(b"k" * 32, key), "last_seen_at": NOW}
    with arranging():
        made: models.Device = models.Device.objects.create(
            pk=key, account=helper, organization=organization, **about | details
        )
    return made


def planned(person: Any, organization: Any, helper: Any = None, **details: Any) -> Any:
    """A visit to come, of an hour."""
    starts = details.pop("starts_at", NOW)
    about = {"source": "hand", "external_key": str(uuid7()), "starts_at": starts}
    with arranging():
        return models.PlannedVisit.objects.create(
            person=person,
            organization=organization,
            helper=helper,
            **{"ends_at": starts + timedelta(hours=1)} | about | details,
        )


def visit_of(person: Any, organization: Any, helper: Any, **details: Any) -> models.Visit:
    """A visit that was marked: all went well unless said otherwise."""
    about = {"occurred_at": NOW, "happened_at": NOW, "received_at": NOW, "digest": "0" * 64}
    marks = {"visit_mark": 4, "health_mark": 4, "morale_mark": 3, "fitness_mark": 4}
    with arranging():
        made: models.Visit = models.Visit.objects.create(
            person=person, organization=organization, helper=helper, **about | marks | details
        )
    return made


def refused_of(phone: Any, **details: Any) -> models.RefusedVisit:
    """What a phone sent that could not be taken."""
    about = {"why": "not_followed", "content": "{}", "digest": uuid7().hex, "received_at": NOW}
    with arranging():
        made: models.RefusedVisit = models.RefusedVisit.objects.create(
            device=phone,
            helper_id=phone.account_id,
            organization_id=phone.organization_id,
            **about | details,
        )
    return made


def alert_of(visit: models.Visit, **details: Any) -> models.Alert:
    """An alert that a visit raised, which the service itself answers unless said otherwise."""
    about = {"organization": visit.organization, "signal": "immediate", "marks": ["morale"]}
    about |= {"weight": 1.0, "raised_at": NOW, "latest_at": NOW}
    with arranging():
        made: models.Alert = models.Alert.objects.create(
            person=visit.person, service=visit.organization, visit=visit, **about | details
        )
    return made


def reinforced_of(person: Any, organization: Any, account: Any, **details: Any) -> Any:
    """Somebody followed more closely, since now."""
    about = {"ground": "fall", "started_at": NOW, "review_on": NOW.date()}
    with arranging():
        return models.ReinforcedFollowUp.objects.create(
            person=person, organization=organization, started_by=account, **about | details
        )


def equipment_of(person: Any, organization: Any, account: Any, **details: Any) -> Any:
    """Equipment asked for since now, with its first step."""
    about = {"what": "walking", "stage": "asked", "due_on": NOW.date(), "asked_at": NOW}
    with arranging():
        made = models.Equipment.objects.create(
            person=person, organization=organization, asked_by=account, **about | details
        )
        models.EquipmentStep.objects.create(
            person=person,
            equipment=made,
            number=1,
            stage=made.stage,
            happened_on=NOW.date(),
            said_by=account,
            said_at=NOW,
        )
    return made


def trial_of(person: Any, organization: Any, account: Any, **details: Any) -> Any:
    """A small action that is tried since now."""
    about = {"words": "Un tour au jardin", "since": NOW.date(), "review_on": NOW.date()}
    with arranging():
        return models.Trial.objects.create(
            person=person, organization=organization, begun_by=account, **about | details
        )


def safety_of(organization: Any, helper: Any, **details: Any) -> models.SafetyAlert:
    """A helper who does not feel safe."""
    with arranging():
        made: models.SafetyAlert = models.SafetyAlert.objects.create(
            organization=organization, helper=helper, **{"fear": "road", "said_at": NOW} | details
        )
    return made


def visits_at_home(person: Any, organization: Any, helper: Any) -> models.Visit:
    """The whole of the room about a person; gives the visit."""
    phone = phone_of(helper, organization)
    to_come = planned(person, organization, helper)
    refused_of(phone)
    visit = visit_of(person, organization, helper, device=phone, planned=to_come)
    alert_of(visit)
    reinforced_of(person, organization, helper)
    equipment_of(person, organization, helper)
    trial_of(person, organization, helper)
    with arranging():
        models.Watch.objects.create(
            pk=person.pk, person=person, drop_limit=USUAL.drop, decline_limit=USUAL.decline
        )
    return visit
