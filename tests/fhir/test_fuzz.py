"""The door meets anything and never breaks: what is sent is made from the definitions of R4.

A seed and the number of requests are said when it fails; `FUZZ=5000` asks for more.
"""

import json
import os
from collections import Counter
from copy import deepcopy
from decimal import Decimal
from random import Random

import pytest
from django.db import connection, transaction

from cordee.fhir.registry import mappings
from tests.fhir.generated import resource, spoiled
from tests.fhir.stage import set_stage
from tests.fhir.test_bundles import patient

pytestmark = pytest.mark.django_db
SEED = int(os.environ.get("FUZZ_SEED", "6"))
REQUESTS = int(os.environ.get("FUZZ", "150"))
WRITTEN = sorted(name for name, one in mappings().items() if one.create or one.update)


class Digits(json.JSONEncoder):
    """Write decimals as numbers."""

    def default(self, value):
        return float(value) if isinstance(value, Decimal) else super().default(value)


def aimed(sent, stage, random):
    """The same, where references lead to somebody of the stage, half of the time."""
    if isinstance(sent, dict):
        found = {name: aimed(one, stage, random) for name, one in sent.items()}
        if isinstance(found.get("reference"), str) and random.random() < 0.5:
            found["reference"] = f"Patient/{stage.person.pk}"
        return found
    return [aimed(one, stage, random) for one in sent] if isinstance(sent, list) else sent


def request(stage, random):
    """One request: a resource right or nearly so, created, put, validated or within a bundle."""
    kind = random.choice(WRITTEN)
    sent = aimed(resource(kind, random, random.randrange(4)), stage, random)
    if random.random() < 0.2:
        kind, sent = "Patient", patient("Blanc")
    elif random.random() < 0.5:
        sent = deepcopy(sent)
        spoiled(sent, random)
    how = random.choice(["POST", "PUT", "batch", "transaction", "$validate"])
    if how == "PUT":
        sent["id"] = str(stage.person.pk)
        return "PUT", f"{kind}/{stage.person.pk}", sent
    if how in ("batch", "transaction"):
        asked = {"resource": sent, "request": {"method": "POST", "url": kind}}
        return "POST", "", {"resourceType": "Bundle", "type": how, "entry": [asked]}
    return "POST", kind if how == "POST" else f"{kind}/$validate", sent


def test_nothing_that_is_sent_breaks_the_door():
    stage, random = set_stage(), Random(SEED)
    met = Counter()
    for rank in range(REQUESTS):
        method, address, sent = request(stage, random)
        with transaction.atomic():
            answer = stage.machine.send(method, address, json.dumps(sent, cls=Digits))
            transaction.set_rollback(True)
        met[answer.status_code] += 1
        said = answer.json()
        where = f"seed {SEED}, request {rank} of {REQUESTS}: {method} {address}"
        assert answer.status_code < 500, f"{where}\n{json.dumps(sent, cls=Digits)}"
        assert said["resourceType"], where
        assert '"router.fault"' not in answer.text, f"{where}\n{json.dumps(sent, cls=Digits)}"
    assert connection.is_usable()
    assert {200, 201, 422} <= set(met), met
