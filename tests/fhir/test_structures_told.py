"""What changes of a structure is told by a line of its own, whoever changed it, and at once."""

import pytest
from django.urls import reverse

from cordee.access.actor import Role
from cordee.partners.models import Delivery
from tests.fhir.receiver import receiving
from tests.fhir.rows import organization
from tests.fhir.stage import set_stage
from tests.fhir.test_changed import age
from tests.fhir.test_subscriptions import Partner, told
from tests.support import Browser, actor

pytestmark = pytest.mark.django_db(transaction=True)
NEW = {"name": "Maison du Champsaur", "kind": "msp"}


def page(view, *arguments, **typed):
    """An administrator sends a form."""
    answer = Browser().as_(actor(Role.ADMINISTRATOR)).post(reverse(view, args=arguments), typed)
    assert answer.status_code == 303, answer.content
    return answer


def test_a_structure_that_is_corrected_on_a_page_is_told_at_once():
    stage = set_stage()
    row = organization.make(stage)
    mailbox = row.contacts.first()
    age()
    with receiving() as receiver:
        assert Partner(stage).subscribes("Organization", url=receiver.url).status_code == 201
        assert told() == 0
        page("directory:change_organization", row.pk, **NEW)
        assert told() == 1
        page("directory:remove_contact", mailbox.pk)
        assert told() == 1
        page("directory:add_contact", row.pk, label="Nuit", kind="phone", value="0492500011")
        assert told() == 1
        page("directory:create_organization", **NEW | {"name": "Maison du Drac"})
        assert told() == 1
    whose = list(Delivery.objects.order_by("number").values_list("resource_id", flat=True))
    assert whose[:3] == [row.pk] * 3
    assert whose[3] != row.pk
