"""Who lives in the house: a service and its nurses, desks that sign in, a partner who asks online.

Made in a process of its own: usage: python -m bench.kills.scene NURSES (with the house's settings)
"""

import json
import sys
from datetime import time
from typing import Any

PASSWORD = "corde-et-mousqueton"  # noqa: S105 — a house that lives for some minutes
DESKS, CODE = 4, "KILLS1"
# Small waves, close together, at any hour: what is tried is the killing, not the choosing.
HURRIED = {
    "wave_length": 2,
    "wanted_delay": 5,
    "wanted_chance": 0.25,
    "quiet_from": time(0),
    "quiet_until": time(0),
}


def make(nurses: int) -> dict[str, Any]:
    """Write the scene; return what the players must know."""
    from django.utils import timezone

    from cordee.broker.models import BrokerSettings
    from cordee.broker.rules import DEFAULTS, Urgency
    from cordee.directory.kinds import TerritoryKind
    from tests.factories import directory as factories

    directory: Any = factories  # a factory gives what it makes, which no stub says
    from tests.factories.broker import nurse
    from tests.support import arranging

    territory = directory.TerritoryFactory(kind=TerritoryKind.SIO)
    service = directory.OrganizationFactory(territory=territory)
    directory.TerritoryCommuneFactory(territory=territory, commune=service.commune)
    partner = directory.OrganizationFactory(kind="hospital", request_code=CODE)
    accounts = [directory.AccountFactory(email=f"desk{n}@exemple.fr") for n in range(DESKS)]
    for account in accounts:
        account.set_password(PASSWORD)
        account.save()
        directory.MembershipFactory(
            account=account, organization=service, since=timezone.localdate()
        )
    with arranging():
        for urgency in (Urgency.DAY, Urgency.TONIGHT):  # a withdrawal makes a search more urgent
            settings = vars(DEFAULTS[urgency]) | HURRIED
            BrokerSettings.objects.create(urgency=urgency.value, **settings)
    mobiles = [nurse().practice.mobile for _ in range(nurses)]
    return {
        "desks": [one.email for one in accounts],
        "code": partner.request_code,
        "nurses": mobiles,
    }


if __name__ == "__main__":
    import django

    django.setup()
    from cordee.access.sight import house_from_the_start

    house_from_the_start()
    sys.stdout.write(json.dumps(make(int(sys.argv[1]))))
