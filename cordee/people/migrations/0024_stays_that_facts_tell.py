"""The stays that the facts of entering and of leaving tell, from before they were kept.

Told again in their order, as the gestures would have: what a merge brought together is one person.
A fact whose content went, by retention or to an archive, tells nothing any more.
"""

from collections.abc import Iterable
from itertools import groupby
from typing import Any
from uuid import UUID, uuid4

from django.db import migrations

from cordee.people.rules.stays import Stay, entered, left

GESTURE = """SELECT set_config('cordee.gesture', '{"actor": {"role": "system"},
    "verb": "people.tell_stays", "origin": "job"}', true)"""
OVER = "SELECT set_config('cordee.gesture', '', true)"
TOLD = """
SELECT people_surviving(fact.thread_id), fact.kind, fact.happened_at, content.data->>'destination',
    (SELECT id FROM directory_organization WHERE id::text = CASE
        WHEN fact.kind = 'people.person_admitted' AND content.data->>'organization_id' IS NOT NULL
            THEN content.data->>'organization_id'
        WHEN content.actor->>'role' = 'hospital' THEN content.actor->>'organization' END)
FROM kernel_fact fact JOIN kernel_fact_content content
    ON content.fact_id = fact.id AND content.recorded_at = fact.recorded_at
WHERE fact.kind IN ('people.person_admitted', 'people.person_discharged')
    AND EXISTS (SELECT FROM people_person person WHERE person.id = fact.thread_id)
    AND NOT EXISTS (SELECT FROM people_hospitalstay stay
        WHERE stay.person_id = people_surviving(fact.thread_id))
ORDER BY 1, fact.id"""


def fill(apps: Any, editor: Any) -> None:
    """Write the stays of each person whom facts speak of and who has none yet."""
    rows = apps.get_model("people", "HospitalStay").objects
    with editor.connection.cursor() as cursor:
        cursor.execute(GESTURE)
        cursor.execute(TOLD)
        told = cursor.fetchall()
    for person, facts in groupby(told, key=lambda fact: fact[0]):
        rows.bulk_create(rows.model(**_columns(person, one)) for one in stays_of(facts))
    with editor.connection.cursor() as cursor:
        cursor.execute(OVER)


def stays_of(facts: Iterable[tuple[Any, ...]]) -> list[Stay]:
    """Bring together what the facts of one person tell, in their order."""
    known: dict[UUID, Stay] = {}
    for _, kind, at, destination, place in facts:
        before = known.values()
        entry = kind == "people.person_admitted"
        changed = (
            entered(before, at, place) if entry else left(before, at, destination or "", place)
        )
        known |= {one.row or uuid4(): one for one in changed}
        known = {key: Stay(**vars(one) | {"row": key}) for key, one in known.items()}
    return list(known.values())


def _columns(person: UUID, stay: Stay) -> dict[str, Any]:
    told = {name: value for name, value in vars(stay).items() if name not in ("row", "place")}
    return {"person_id": person, "organization_id": stay.place, **told}


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0023_stays_in_hospital"),
        ("directory", "0001_initial"),
        ("kernel", "0004_contents_by_month"),
    ]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
